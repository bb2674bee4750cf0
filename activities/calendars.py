"""A version of the calendar, as the record keeps it."""

from procedures.working_days import Calendar
from record import versions
from record.pool import Connection


async def calendar_of(connection: Connection, version: int) -> Calendar:
    """That version.

    Raises:
        NoSuchVersion: there is none.
    """
    return Calendar.model_validate({"version": version, **await versions.get(connection, "calendar", version)})

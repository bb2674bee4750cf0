"""What a journey does not hold itself, as the record keeps it: a version of the calendar, the directory of one moment."""

from datetime import datetime

from procedures.recipients import Directory
from procedures.working_days import Calendar
from record import directory, versions
from record.pool import Connection


async def calendar_of(connection: Connection, version: int) -> Calendar:
    """That version.

    Raises:
        NoSuchVersion: there is none.
    """
    return Calendar.model_validate({"version": version, **await versions.get(connection, "calendar", version)})


async def directory_of(connection: Connection, team: str, at: datetime) -> Directory:
    """Who held which post of that team at that instant, who was away, and whose mailbox refused letters."""
    holders = await directory.holders(connection, team, at)
    return Directory(posts=holders.posts, deputies=holders.deputies, bounced=holders.bounced)

"""The clock on the wall is Europe/London (procedures, counting time). Kept apart: a workflow's file may not make a ZoneInfo."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

END_OF_DAY = time(23, 59, 59)


def local(instant: datetime) -> datetime:
    """The instant on the wall clock of Wales."""
    return instant.astimezone(LONDON)


def is_twice(there: datetime) -> bool:
    """Whether that time on the wall clock comes twice: between 01:00 and 02:00 on the last Sunday of October."""
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


def end_of_day(day: date) -> datetime:
    """23:59:59 Europe/London on that day."""
    return datetime.combine(day, END_OF_DAY, LONDON)


def age(born_on: date, on: date) -> int:
    """Whole years of age on that day."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def eighteenth_birthday(born_on: date) -> datetime:
    """The day on which somebody born that day is 18; born on 29 February, it is 1 March."""
    try:
        day = born_on.replace(year=born_on.year + 18)
    except ValueError:
        day = date(born_on.year + 18, 3, 1)
    return datetime.combine(day, time(), LONDON)

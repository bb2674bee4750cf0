"""Working days of Wales: no Saturday, no Sunday, no bank holiday (nearest Welsh statute: SI 2014/1794 regulation 2).

St David's Day is a working day. An authority's own closure days are working days too: they put off letters, never a timescale.
"""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from holidays import country_holidays

from procedures.vocabulary import holidays
from schemas.base import Model
from schemas.clocks import SkippedDay

WEEKEND = {5: "saturday", 6: "sunday"}
DAY = timedelta(days=1)


class CannotChange(ValueError):
    """The calendar cannot be changed so. `code` is `no_working_day` or `no_holiday`, `why` why it is not a working day now."""

    def __init__(self, code: str, day: date, why: str | None) -> None:
        super().__init__(f"{day} {'is no working day already' if code == 'no_working_day' else 'is no holiday'} ({why})")
        self.code, self.day, self.why = code, day, why


class Calendar(Model):
    """One version of the calendar: the bank holidays of Wales, with what was proclaimed or moved since."""

    version: int
    added: Mapping[date, str] = {}
    """One-off holidays, by date: a key of the table of holidays, or `proclaimed`."""
    removed: frozenset[date] = frozenset()
    """Bank holidays that were moved away from their day."""
    terms: tuple[tuple[date, date], ...] = ()
    """The first and last days of school terms (`procedures/terms.py`). They touch no timescale."""

    @classmethod
    def of(cls, version: int, body: Mapping[str, Any]) -> "Calendar":
        """That version, from what the record keeps of it."""
        return cls.model_validate({"version": version, **body})

    @property
    def body(self) -> dict[str, Any]:
        """What the record keeps of it, as JSON; its version stands beside."""
        return self.model_dump(mode="json", exclude={"version"})

    def why_not(self, day: date) -> str | None:
        """Why it is not a working day: `saturday`, `sunday`, or the key of a holiday; none where it is one."""
        if day.weekday() in WEEKEND:
            return WEEKEND[day.weekday()]
        if day in self.added:
            return self.added[day]
        if day in self.removed:
            return None
        return bank_holidays(day.year).get(day)

    def is_working_day(self, day: date) -> bool:
        """True where it counts."""
        return self.why_not(day) is None

    def with_holiday(self, day: date) -> "Calendar":
        """This calendar with a holiday on that day: proclaimed, or a bank holiday moved away before.

        Raises:
            CannotChange: it is a day on which nobody works already.
        """
        if (why := self.why_not(day)) is not None:
            raise CannotChange("no_working_day", day, why)
        if day in self.removed:
            return self.model_copy(update={"removed": self.removed - {day}})
        return self.model_copy(update={"added": {**self.added, day: "proclaimed"}})

    def without_holiday(self, day: date) -> "Calendar":
        """This calendar with that day a working day: a proclaimed holiday withdrawn, or a bank holiday moved away.

        Raises:
            CannotChange: there is no holiday on that day.
        """
        why = self.why_not(day)
        if why is None or why in WEEKEND.values():
            raise CannotChange("no_holiday", day, why)
        if day in self.added:
            return self.model_copy(update={"added": {each: key for each, key in self.added.items() if each != day}})
        return self.model_copy(update={"removed": self.removed | {day}})

    def add(self, day: date, count: int) -> tuple[date, tuple[SkippedDay, ...]]:
        """The working day that is `count` working days after that day (itself where 0), and the days passed over."""
        return self._walk(day, count, DAY)

    def subtract(self, day: date, count: int) -> tuple[date, tuple[SkippedDay, ...]]:
        """The working day that is `count` working days before that day (itself where 0), and the days passed over."""
        return self._walk(day, count, -DAY)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to and with `end`; 0 where `end` is not later."""
        return sum(self.is_working_day(start + DAY * number) for number in range(1, (end - start).days + 1))

    def latest(self, day: date) -> date:
        """That day where it is a working day, else the last one before it."""
        while not self.is_working_day(day):
            day -= DAY
        return day

    def _walk(self, day: date, count: int, step: timedelta) -> tuple[date, tuple[SkippedDay, ...]]:
        if count < 0:
            raise ValueError(f"{count} working days: the number may not be negative")
        skipped: list[SkippedDay] = []
        while count:
            day += step
            why = self.why_not(day)
            if why is None:
                count -= 1
            else:
                skipped.append(SkippedDay(day=day, why=why))
        return day, tuple(skipped)


def months_after(day: date, count: int) -> date:
    """The same day of the month so many months later (earlier where negative), or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> Mapping[date, str]:
    """The bank holidays of that year, by date: the key of each."""
    keys = {each["library"]: key for key, each in holidays().items() if "library" in each}
    found = country_holidays("GB", subdiv="WLS", years=year, language="en_GB")
    # A day that the library learns of before our table does is one all the same.
    return {day: keys.get(name, "proclaimed") for day, name in found.items() if day.year == year}

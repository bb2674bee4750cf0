"""Office hours: when letters that are not urgent go. They never touch a timescale."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from procedures.rule_models import OfficeHours
from procedures.times import LONDON, local
from procedures.working_days import Calendar

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Office:
    """The hours of an authority on its working days, Europe/London."""

    hours: OfficeHours
    calendar: Calendar

    def is_open_on(self, day: date) -> bool:
        """True on a working day that the authority does not close."""
        return self.calendar.is_working_day(day) and day not in self.hours.closed

    def opening(self, day: date) -> datetime:
        """The hour at which the office opens, on that day."""
        return datetime.combine(day, self.hours.opens, LONDON)

    def next_open(self, instant: datetime) -> datetime:
        """The instant itself where the office is open, else its next opening."""
        there = local(instant)
        day = there.date()
        if self.is_open_on(day) and self.hours.opens <= there.time() < self.hours.closes:
            return there
        if there.time() >= self.hours.closes:
            day += DAY
        while not self.is_open_on(day):
            day += DAY
        return self.opening(day)

    def last_closing(self, instant: datetime) -> datetime:
        """When the office closes on the day of that instant where it is open then, else on the last day before it."""
        day = local(instant).date()
        while not self.is_open_on(day):
            day -= DAY
        return datetime.combine(day, self.hours.closes, LONDON)

"""A step that changes the calendar or the settings, as the change that it asks for."""

from collections.abc import Mapping
from typing import Any

from changing import Amend
from procedures.working_days import Calendar
from rehearsal.script import Holidays


def amended_by(holidays: Holidays) -> Amend:
    """The calendar with these days proclaimed and those withdrawn."""

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        calendar = Calendar.of(0, body)
        for day in holidays.proclaimed:
            calendar = calendar.with_holiday(day)
        for day in holidays.withdrawn:
            calendar = calendar.without_holiday(day)
        return calendar.body

    return amend


def set_to(settings: Mapping[str, Any]) -> Amend:
    """The settings with these laid over them; what is set to none is taken back."""

    def amend(body: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in {**body, **settings}.items() if value is not None}

    return amend

"""Why a date moved, in words: bank holidays or settings that changed."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from console.language import say, spoken
from procedures import words


def because(content: Mapping[str, Any]) -> str:
    """What of the calendar or the settings moved it; nothing where the entry does not say."""
    days = [words.date(dt.date.fromisoformat(day), spoken()) for day in content.get("days", ())]
    if days:
        return say("clock.because_days", days=", ".join(days))
    settings = content.get("settings", ())
    return say("clock.because_settings", settings=", ".join(settings)) if settings else ""

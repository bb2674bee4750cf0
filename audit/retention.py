"""How long a child's record is kept: worked out from its timeline and the rules, once it is closed."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from audit.sampling import ON_REGISTER
from procedures.rule_models import Retention
from procedures.times import local
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

CLOSES = frozenset({"record_closed", "ended"})

LOOKED_AFTER = "looked_after"

ENQUIRED = "enquiries_started"
"""Enquiries under section 47 of the Children Act 1989."""


class Facts(NamedTuple):
    """What of a closed record decides how long it is kept."""

    closed_on: dt.date
    state: str
    """As the rules name it."""
    birth: dt.date | None
    """The date of birth; of a child who was not born the expected one."""


class KeptUntil(NamedTuple):
    """By which state, and until when."""

    state: str
    day: dt.date

    def is_over(self, today: dt.date) -> bool:
        """Whether its time is over."""
        return self.day < today


def facts(entries: Sequence[RecordedEntry], state: JourneyState, birth: dt.date | None) -> Facts | None:
    """None while the record is open."""
    closed = [each.happened_at for each in entries if each.kind in CLOSES]
    if not (state.closed or state.ended is not None) or not closed:
        return None
    return Facts(local(closed[-1]).date(), _state(entries, state), birth)


def kept_until(rules: Retention, known: Facts) -> KeptUntil:
    """The last day on which it is kept. Where nobody knows when the child was born, the years of the birthday count from the closing."""
    rule = getattr(rules, known.state)
    days = [years_after(known.closed_on, rule.years)]
    if rule.birthday is not None:
        days.append(years_after(known.birth or known.closed_on, rule.birthday))
    return KeptUntil(known.state, max(days))


def years_after(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; after 29 February, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def _state(entries: Sequence[RecordedEntry], state: JourneyState) -> str:
    """The one that keeps longest of those in which the child ever was."""
    looked_after = any(each.kind == LOOKED_AFTER or each.content.get("facts", {}).get(LOOKED_AFTER) for each in entries)
    if state.ended is not None:
        return "looked_after_died" if looked_after else "died"
    if looked_after:
        return LOOKED_AFTER
    if any(each.after.registration in ON_REGISTER for each in entries):
        return "registered"
    return "enquired" if any(each.kind == ENQUIRED for each in entries) else "neither"

"""How long a child's record is kept: worked out from its timeline and the rules, once it is closed."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audit.sampling import ON_REGISTER
from procedures.rule_models import Kept, Retention
from procedures.times import local
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

CLOSES = frozenset({"record_closed", "ended"})

LOOKED_AFTER = "looked_after"

ENQUIRED = frozenset({"section47", "not_substantiated", "conference", "registered", "not_registered"})
"""Stages of an enquiry under section 47 of the Children Act 1989, whatever began it: by itself, a strategy discussion, or a taking over."""


class Facts(NamedTuple):
    """What of a closed record decides how long it is kept."""

    closed_on: dt.date
    states: tuple[str, ...]
    """Those in which the child ever was, as the rules name them; of two that keep as long the first is named."""
    birth: dt.date | None
    """The date of birth; of a child who was not born the expected one."""
    died: bool = False
    """Or was not born: no birthday is waited for."""


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
    died = state.ended is not None
    return Facts(local(closed[-1]).date(), tuple(_states(entries, died=died)), birth, died)


def kept_until(rules: Retention, known: Facts) -> KeptUntil:
    """The last day on which it is kept, by the state that keeps longest. Where nobody knows when the child was born, the years of the birthday
    count from the closing.
    """
    return max((KeptUntil(state, _until(getattr(rules, state), known)) for state in known.states), key=lambda each: each.day)


def _until(rule: Kept, known: Facts) -> dt.date:
    days = [years_after(known.closed_on, rule.years)]
    if rule.birthday is not None and not known.died:
        days.append(years_after(known.birth or known.closed_on, rule.birthday))
    return max(days)


def years_after(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; after 29 February, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def _states(entries: Sequence[RecordedEntry], *, died: bool) -> Iterator[str]:
    looked_after = any(each.kind == LOOKED_AFTER or each.content.get("facts", {}).get(LOOKED_AFTER) for each in entries)
    registered = any(each.after.registration in ON_REGISTER for each in entries)
    enquired = any(stage in ENQUIRED for each in entries for _, stage in each.after.enquiries)
    if looked_after:
        yield "looked_after_died" if died else LOOKED_AFTER
    if registered:
        yield "registered"
    if enquired:
        yield "enquired"
    if died and not looked_after:
        yield "died"
    elif not (looked_after or registered or enquired):
        yield "neither"

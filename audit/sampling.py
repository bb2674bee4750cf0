"""Drawing cases: from the same cases with the same seed always the same children, in the same order, whoever draws and wherever."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from audit.forms import form
from schemas.audits import Case, Criteria, Drawn, Sign

ON_REGISTER = frozenset({"registered", "temporarily_registered"})

TO_BE_HEARD = frozenset({"enquiries_started", "conference_held", "review_held"})
"""With these a child should have been heard."""

HEARD = frozenset({"voice_recorded", "participation_declined"})


def signs(case: Case, criteria: Criteria) -> tuple[Sign, ...]:
    """The signs of risk of that case, at the instant of the draw."""
    return tuple(_signs(case, criteria))


def frame(cases: Iterable[Case], criteria: Criteria) -> list[Case]:
    """The cases from which is drawn, by child."""
    theme = None if criteria.theme is None else form().themes[criteria.theme]
    chosen = (each for each in cases if theme is None or not each.kinds.isdisjoint(theme.arises_with))
    return sorted((each for each in chosen if not criteria.risk or signs(each, criteria)), key=lambda each: each.child)


def draw(framed: Sequence[Case], criteria: Criteria) -> tuple[Drawn, ...]:
    """The cases drawn, in order. By risk those with the most signs come first, and chance decides between equals."""
    drawn = [Drawn(child=each.child, signs=signs(each, criteria)) for each in framed]
    drawn.sort(key=lambda each: (-len(each.signs) if criteria.risk else 0, _chance(criteria.seed, each.child)))
    return tuple(drawn[: criteria.size])


def frame_digest(framed: Sequence[Case]) -> str:
    """SHA-256 of the children in the frame (hexadecimal)."""
    return hashlib.sha256("\n".join(each.child for each in framed).encode()).hexdigest()


def _chance(seed: str, child: str) -> bytes:
    """Where a child stands in the order of that seed. It depends on no other child: one case more or less moves nobody else."""
    return hashlib.sha256(f"{seed}|{child}".encode()).digest()


def _signs(case: Case, criteria: Criteria) -> Iterator[Sign]:
    if case.late:
        yield Sign.late
    came_on = [each.at for each in case.moved if each.after in ON_REGISTER and each.before not in ON_REGISTER]
    if case.moved and case.moved[-1].after in ON_REGISTER:
        since = max(came_on, default=case.moved[-1].at)
        if criteria.as_of - since > timedelta(days=criteria.long_on_register_days):
            yield Sign.long_on_register
    if len(came_on) > 1:
        yield Sign.registered_again
    if case.kinds & TO_BE_HEARD and not case.kinds & HEARD:
        yield Sign.no_voice

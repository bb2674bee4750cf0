"""What each verb is for. By that it is known which of them may be used on a rehearsal that is over, where time stands still and nobody works."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Any

from console.endings import Code, Ended
from console.language import say


class Purpose(StrEnum):
    """What a verb does to the data that it is about."""

    looks = "looks"
    """Shows them. The read is logged."""
    audits = "audits"
    """Writes what is an auditor's or a custodian's own: no journey is told of it."""
    goes_on = "goes_on"
    """Tells a journey or a meeting something, or enters who and what a journey reckons with: children, directory, calendar, settings, papers."""
    operates = "operates"
    """Starts, moves or examines the parts that serve."""
    apart = "apart"
    """Is about no data, or about its own alone."""


OF_THE_LIVING: Mapping[Purpose, tuple[Code, str]] = {
    Purpose.goes_on: (Code.refused, "away.over"),
    Purpose.operates: (Code.away, "away.kept"),
}
"""What is refused on a rehearsal that is over, and with which sentence."""


def does(purpose: Purpose) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say what a verb is for; used on a rehearsal that is over it ends, before anything starts, where that is not for one."""

    def said(verb: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(verb)
        def known(*arguments: Any, **given: Any) -> Any:
            if purpose in OF_THE_LIVING:
                _not_of_the_past(*OF_THE_LIVING[purpose])
            return verb(*arguments, **given)

        known.purpose = purpose  # type: ignore[attr-defined]
        return known

    return said


def _not_of_the_past(code: Code, sentence: str) -> None:
    from console.running import settings  # Heavy, as what is kept is: help loads nothing but itself.
    from embedded.kept import kept_in

    home = settings().home
    if kept_in(home) is not None:
        raise Ended(code, say(sentence, folder=home))

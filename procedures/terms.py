"""School terms, as the authority publishes them: a school is asked before they end, and outside them its holiday contact is."""

from datetime import date

from procedures.working_days import DAY, Calendar
from schemas.base import Model


class CannotChangeTerm(ValueError):
    """The terms cannot be changed so. `code` is `term_overlaps` or `no_term`, `other` the term that it concerns."""

    def __init__(self, code: str, other: "Term") -> None:
        super().__init__(f"{code}: {other.first} to {other.last}")
        self.code, self.other = code, other


class Term(Model):
    """A term, or the half of one before or after half-term: its first and its last school day."""

    first: date
    last: date


def terms(calendar: Calendar) -> tuple[Term, ...]:
    """Those that are known, in order."""
    return tuple(Term(first=first, last=last) for first, last in sorted(calendar.terms))


def with_term(calendar: Calendar, term: Term) -> Calendar:
    """The calendar with that term.

    Raises:
        CannotChangeTerm: another one shares a day with it.
    """
    for each in terms(calendar):
        if each.first <= term.last and term.first <= each.last:
            raise CannotChangeTerm("term_overlaps", each)
    return calendar.model_copy(update={"terms": tuple(sorted((*calendar.terms, (term.first, term.last))))})


def without_term(calendar: Calendar, term: Term) -> Calendar:
    """The calendar without that term.

    Raises:
        CannotChangeTerm: it is not there.
    """
    if (term.first, term.last) not in calendar.terms:
        raise CannotChangeTerm("no_term", term)
    return calendar.model_copy(update={"terms": tuple(each for each in calendar.terms if each != (term.first, term.last))})


def is_holiday(calendar: Calendar, day: date) -> bool:
    """True where schools are known to be closed for the holidays. Before the first and after the last known term nothing is known."""
    known = terms(calendar)
    if not known or not known[0].first <= day <= known[-1].last:
        return False
    return not any(each.first <= day <= each.last for each in known)


def last_school_day(calendar: Calendar, day: date) -> date:
    """That day, or where schools are closed the last working day of the term before it."""
    while is_holiday(calendar, day):
        day -= DAY
    return calendar.latest(day)

"""Whom a school is written to through: in the holidays the contact that it has named, since nobody reads its post."""

from datetime import datetime

from procedures import terms
from procedures.meetings.around import Around
from procedures.times import local
from schemas.base import Identifier
from schemas.meetings import Invitee

SCHOOL = "education"
"""The part that has term dates."""


def holiday_contact(around: Around, invitee: Invitee, children: tuple[Identifier, ...], now: datetime) -> Identifier | None:
    """The school's holiday contact; none in term, where none is named, or where that person is told nothing about one of these children."""
    if invitee.role != SCHOOL or not terms.is_holiday(around.office.calendar, local(now).date()):
        return None
    contact = around.holiday_contacts.get(invitee.agency or "")
    if contact is None or any(contact in around.shut_out.get(child, frozenset[Identifier]()) for child in children):
        return None
    return contact

"""Who is told where a meeting is held. A supporter is told no more than whom they may have come with: nobody says which parent that is."""

from collections.abc import Iterable

from entitlement.check import Entitlement
from procedures.meetings.chasing import is_family
from schemas.base import Identifier
from schemas.entitlement import Fact
from schemas.meetings import Invitee

SUPPORTERS = frozenset({"supporter"})


def tells_venue(told: Entitlement, guest: Invitee, invited: Iterable[Invitee], children: Iterable[Identifier]) -> bool:
    """Whether somebody who is invited may be told where it is, of those children.

    Where one of the family may not know it, no supporter is told: it could be whom they stand by.
    """
    about = tuple(children)
    if not told.may(guest.person, Fact.venue, about):
        return False
    return guest.role not in SUPPORTERS or all(_knows(told, each, about) for each in invited if is_family(each))


def _knows(told: Entitlement, guest: Invitee, about: tuple[Identifier, ...]) -> bool:
    return all(told.withheld(guest.person, Fact.venue, child) is None for child in guest.children if child in about)

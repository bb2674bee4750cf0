"""Who is told where a meeting is held. A supporter is told no more than whom they may have come with: nobody says which parent that is."""

from collections.abc import Iterable, Mapping

from entitlement.check import Entitlement
from procedures.meetings.chasing import is_family
from schemas.base import Identifier
from schemas.entitlement import Fact
from schemas.family import FamilyMember, Relation
from schemas.meetings import Invitee

SUPPORTERS = frozenset({"supporter"})

MIXED = frozenset({"family"})
"""Parts in which parents and those who stand by them come alike: the family's record says who is which."""


def tells_venue(
    told: Entitlement,
    guest: Invitee,
    invited: Iterable[Invitee],
    children: Iterable[Identifier],
    relatives: Mapping[Identifier, FamilyMember],
) -> bool:
    """Whether somebody who is invited may be told where it is, of those children.

    Where anybody may not know it, invited or not, no supporter is told: it could be whom they stand by. A professional who is invited
    alone is nobody whom a supporter came with.

    Args:
        told: what may be told of the children.
        guest: whoever asks.
        invited: everybody who is.
        children: those of whom it is.
        relatives: the family by person, as the children's records have it.
    """
    about = tuple(children)
    if not told.may(guest.person, Fact.venue, about):
        return False
    if not _stands_by(guest, relatives):
        return True
    professionals = {each.person for each in invited if not is_family(each)} - relatives.keys()
    return all(
        person in professionals or told.withheld(person, Fact.venue, child) is None
        for child in about
        for person in (*told.rights[child].told_nothing, *told.rights[child].hidden)
    )


def _stands_by(guest: Invitee, relatives: Mapping[Identifier, FamilyMember]) -> bool:
    """A supporter by part or by the record; in a part that is mixed, whoever is not known to be anybody else."""
    known = relatives.get(guest.person)
    relation = Relation.supporter if known is None and guest.role in MIXED else None if known is None else known.relation
    return guest.role in SUPPORTERS or (is_family(guest) and relation is Relation.supporter)

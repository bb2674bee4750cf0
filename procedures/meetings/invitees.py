"""Who is to be invited to a meeting, by kind and child (WSP sections 3 and 4), and how many agencies that is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from procedures.refusals import Refused
from procedures.rule_models import Invitees
from schemas.base import Identifier
from schemas.family import Relation
from schemas.meeting_commands import Added
from schemas.meetings import Contact

FAMILY_PARTS: Mapping[str, frozenset[Relation]] = {
    "parents": frozenset({Relation.parent, Relation.carer}),
    "supporter": frozenset({Relation.supporter}),
    "child_where_appropriate": frozenset({Relation.child}),
    "child_or_advocate": frozenset({Relation.child}),
    "family": frozenset({Relation.parent, Relation.carer, Relation.supporter}),
}
"""Who of the family comes in which part. All of them are asked, each by a letter of their own."""


BY_AGENCY_TOO = frozenset({"child_or_advocate"})
"""The part of the family in which somebody may come for an agency: an advocate."""


class Wanted(NamedTuple):
    """Somebody whom the procedures want there, for one child."""

    role: str
    child: Identifier
    asked_in_every_case: bool = False
    """If absent, a recorded reason."""


class ChildFacts(NamedTuple):
    """What of a child decides who is invited."""

    child: Identifier
    conditions: frozenset[str] = frozenset()
    """Those of `words.toml` that hold: `unborn`, `court_proceedings`."""
    shut_out: frozenset[Identifier] = frozenset()
    """People who are told nothing about this child."""


class Guest(NamedTuple):
    """A person in one part, for those children that the person may hear of."""

    role: str
    contact: Contact
    children: tuple[Identifier, ...]


class Resolved(NamedTuple):
    """Who can be invited, and for whom nobody was found."""

    guests: tuple[Guest, ...]
    unresolved: tuple[Wanted, ...]
    """The directory has nobody, or nobody who can be written to: told to the arranger before anything is sent."""
    shut_out: tuple[Wanted, ...]
    """Everybody found is shut out of that child's affairs: somebody else must speak for the agency."""


def check_agency(who: Added) -> None:
    """Nobody of the family comes for an agency: as somebody of one they would be written to before they were told.

    Raises:
        Refused: an agency is named for a part that is the family's own.
    """
    if who.agency is not None and who.role in FAMILY_PARTS.keys() - BY_AGENCY_TOO:
        raise Refused("family_of_no_agency")


def agency_of(who: Added, directory: Mapping[Identifier, Identifier]) -> Identifier | None:
    """For which agency somebody who is added comes: as said, else as the directory has it. Where a teacher comes as a parent the agency
    of the directory does not count: somebody in a part of the family without an agency is family, and told first by somebody they know.

    Args:
        who: whoever is added.
        directory: by person, their agency there.
    """
    return who.agency or (None if who.role in FAMILY_PARTS else directory.get(who.person))


def wanted(rule: Invitees, about: Iterable[ChildFacts]) -> tuple[Wanted, ...]:
    """Every part that the procedures invite, for each child, in their order."""
    found: list[Wanted] = []
    for child in about:
        always = [*rule.always, *(role for role, condition in rule.always_when.items() if condition in child.conditions)]
        asked = [role for role in rule.asked_in_every_case if role not in always]
        found += [Wanted(role, child.child) for role in dict.fromkeys(always)]
        found += [Wanted(role, child.child, asked_in_every_case=True) for role in asked]
    return tuple(found)


def resolved(
    parts: Sequence[Wanted], contacts: Mapping[tuple[str, Identifier], Sequence[Contact]], about: Iterable[ChildFacts]
) -> Resolved:
    """One guest a person, in the first part found, for all children for whom that person was found and is not shut out.

    A person shut out of one child's affairs is invited for the siblings alone, and only where the procedures want that person there.
    """
    shut_out = {each.child: each.shut_out for each in about}
    guests: dict[Identifier, Guest] = {}
    unresolved: list[Wanted] = []
    barred: list[Wanted] = []
    for part in parts:
        found = [each for each in contacts.get((part.role, part.child), ()) if each.reachable]
        free = [each for each in found if each.person not in shut_out.get(part.child, frozenset())]
        if not found:
            unresolved.append(part)
        elif not free:
            barred.append(part)
        for contact in free:
            guest = guests.get(contact.person, Guest(part.role, contact, ()))
            children = guest.children if part.child in guest.children else (*guest.children, part.child)
            guests[contact.person] = guest._replace(children=children)
    return Resolved(tuple(guests.values()), tuple(unresolved), tuple(barred))

"""Who took part in a conference, of one child and as one reader of its papers may know it: from the record, with names."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, NamedTuple

from entitlement.asking import entitlement
from procedures.in_force import rules_in_force
from procedures.meetings.chasing import is_family
from procedures.meetings.holding import for_child
from procedures.meetings.separate import left_out_for
from record import directory, family, meetings, versions
from record.keys import KeyRing
from record.pool import Connection
from schemas.answering import InBoth
from schemas.base import Identifier
from schemas.entitlement import Fact
from schemas.meetings import Invitee, MeetingState, Reply, TookPart
from schemas.papers import Attended, KeptApart, Paper

ADVOCATES = frozenset({"advocate", "child_or_advocate", "child_where_appropriate"})
"""Parts in which a child's advocate comes: for an agency."""


class Here(NamedTuple):
    """Who reads about which child of which meeting."""

    connection: Connection
    keys: KeyRing
    state: MeetingState
    guest: Invitee
    child: Identifier


async def took_part(here: Here, paper: Paper) -> dict[str, Any]:
    """Who was there, wrote or sent apologies; and for those alone who handle the record who was kept apart or away, and why.

    Nothing where the reader may not know who else is invited: who works with the child would betray where it lives.
    """
    rule, told = rules_in_force().papers.attendance, await entitlement(here.connection, [here.child])
    if paper not in rule.listed_in or told.withheld(here.guest.person, Fact.invitees, here.child) is not None:
        return {}
    names, agencies = await _names(here), await directory.agencies(here.connection, await versions.now(here.connection))
    left_out = left_out_for(here.state, here.guest, rule.betray_kept_apart)
    there = [each for each in for_child(here.state, here.state.attendance, here.child) if each[0].id not in left_out]
    found: dict[str, Any] = {"attendance": tuple(_attended(guest, took, _named(here, guest, names), agencies) for guest, took in there)}
    if here.guest.role in rule.kept_apart_for:
        found["separately"] = tuple(_separately(here, names))
        found["not_invited"] = tuple([each async for each in _not_invited(here)])
    return found


async def advocate_of(here: Here) -> dict[str, Any]:
    """The name of whoever is invited to speak for that child."""
    names = await _names(here)
    known = (
        names.get(each.person)
        for each in here.state.invitees
        if here.child in each.children and each.role in ADVOCATES and (each.role == "advocate" or not is_family(each))
    )
    return {"advocate": next((name for name in known if name), None)}


async def _names(here: Here) -> Mapping[Identifier, str]:
    """By person, of the directory and of the child's family: these are printed, and not known to the page's own role."""
    people = await directory.people(here.connection, await versions.now(here.connection))
    relatives = await family.everybody(here.connection, [here.child], here.keys)
    return {id: each.name for id, each in (*people.items(), *relatives.items())}


def _named(here: Here, guest: Invitee, names: Mapping[Identifier, str]) -> str | None:
    """To one of the family nobody else of it is named, in print no more than on the page: their part says it."""
    return None if is_family(here.guest) and is_family(guest) and guest.id != here.guest.id else names.get(guest.person)


def _attended(guest: Invitee, took: TookPart, name: str | None, agencies: Mapping[Identifier, directory.Agency]) -> Attended:
    agency = agencies.get(guest.agency or "")
    said_no = guest.answer is not None and guest.answer.reply in {Reply.declined, Reply.another_time}
    return Attended(
        name=name,
        part=guest.role,
        agency=None if agency is None else InBoth(cy=agency.name_cy, en=agency.name_en),
        how="apologies" if took.how == "absent" and said_no else took.how,
    )


def _separately(here: Here, names: Mapping[Identifier, str]) -> Iterator[KeptApart]:
    for each in here.state.invitees:
        if here.child in each.children and (each.apart or each.id in here.state.kept_from):
            yield KeptApart(part=each.role, name=names.get(each.person))


async def _not_invited(here: Here) -> AsyncIterator[KeptApart]:
    for each in here.state.left_out:
        if here.child in each.children:
            why = await meetings.words(here.connection, here.state.meeting, each.reason, here.keys)
            yield KeptApart(part=each.role, why=why)

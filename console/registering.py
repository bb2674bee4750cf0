"""Putting a child on record, and reading who it is."""

import secrets
from collections.abc import Sequence

from rich.markup import escape

from console.child import DUTY, NewAgencies, NewChild, WorksWith
from console.endings import Code, Ended, Mistake
from console.language import say, spoken
from console.running import Running
from console.showing import screen
from console.viewing import view
from procedures import vocabulary, words
from record import children, directory, versions
from record.children import ChildDetails
from record.pool import Connection
from record.projections import Whose
from schemas.base import Identifier


async def enter(here: Running, child: str, new: NewChild) -> str:
    """Put the child on record and give its id.

    Raises:
        Mistake: the actor is not in the directory, or the child is on record already.
    """
    async with here.record() as connection:
        people = await directory.people(connection, await versions.now(connection))
        if new.actor not in people:
            raise Mistake(say("mistakes.unknown_person", person=new.actor))
        if await _is_known(connection, child):
            raise Mistake(say("mistakes.on_record", child=child))
        await _check_agencies(connection, new.agency)
        whose = Whose(
            child=child,
            family=new.family or secrets.token_hex(8),
            authority=here.authority,
            team=new.team or people[new.actor].team or DUTY,
        )
        await children.register(connection, whose, _details(new), here.keys, new.actor)
    return child


async def put_agencies(here: Running, child: str, new: NewAgencies) -> None:
    """Which agencies work with the child from now on; parts that are not named stay as they are.

    Raises:
        Mistake: no such child, actor, part or agency.
        Ended: the actor is shut out of the child's affairs, or the child's key is destroyed.
    """
    told = await view(here, child, new.actor, purpose="child agencies")
    if told.details is None:
        raise Ended(Code.refused, say("timeline.key_destroyed"))
    async with here.record() as connection:
        await _check_agencies(connection, new.agency)
        agencies = {**told.details.agencies, **_agencies(new.agency)}
        await children.put_details(connection, child, told.details.model_copy(update={"agencies": agencies}), here.keys, new.actor)


async def print_child(here: Running, child: str, actor: str | None) -> None:
    """Print who the child is.

    Raises:
        Ended: no such child, or its key is destroyed, or the reader is shut out.
    """
    told = await view(here, child, actor, purpose="child show")
    if told.details is None:
        raise Ended(Code.refused, say("timeline.key_destroyed"))
    out = screen()
    said = {"child": child, "family": told.family, **told.details.model_dump(exclude_none=True, exclude={"more", "agencies"})}
    for key, value in said.items():
        out.print(f"[bold]{say(f'child.{key}')}[/bold]: {escape(str(value))}")
    for part, agency in told.details.agencies.items():
        out.print(f"[bold]{say('child.agency', part=words.word('invitees', part, spoken()))}[/bold]: {escape(agency)}")


async def _is_known(connection: Connection, child: str) -> bool:
    try:
        await children.get(connection, child)
    except LookupError:
        return False
    return True


async def _check_agencies(connection: Connection, named: Sequence[WorksWith]) -> None:
    known = await directory.agencies(connection, await versions.now(connection))
    parts = vocabulary.table("invitees")
    for each in named:
        if each.part not in parts:
            raise Mistake(say("child.unknown_part", given=each.part, right=", ".join(sorted(parts))))
        if each.agency not in known:
            raise Mistake(say("directory.unknown_agency", given=each.agency))


def _agencies(named: Sequence[WorksWith]) -> dict[str, Identifier]:
    return {each.part: each.agency for each in named}


def _details(new: NewChild) -> ChildDetails:
    return ChildDetails(
        name=new.name,
        born_on=new.born,
        expected_on=new.expected,
        language=new.language,
        sex=new.sex,
        address=new.address,
        school=new.school,
        agencies=_agencies(new.agency),
    )

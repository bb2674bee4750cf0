"""A child's family on the command line: recorded, and read."""

import secrets

from rich.markup import escape

from console.child import NewMember
from console.endings import Code, Ended, Mistake
from console.language import say
from console.running import Running
from console.showing import screen, table
from console.viewing import view
from record import directory, family, versions
from schemas.base import Identifier
from schemas.family import FamilyMember


async def put_member(here: Running, child: Identifier, new: NewMember) -> Identifier:
    """Who that person is from now on; gives their id.

    Raises:
        Mistake: no such child or actor.
        Ended: the actor is shut out of the child's affairs, or the child's key is destroyed.
    """
    told = await view(here, child, new.actor, purpose="child family-member")
    if told.details is None:
        raise Ended(Code.refused, say("timeline.key_destroyed"))
    person = new.person or f"f-{secrets.token_hex(8)}"
    member = FamilyMember.model_validate({**new.model_dump(exclude={"actor"}), "person": person})
    async with here.record() as connection:
        if await directory.knows(connection, person, await versions.now(connection)):
            raise Mistake(say("child.in_directory", person=person))
        await family.put(connection, child, member, here.keys, new.actor)
    return person


async def print_family(here: Running, child: Identifier, actor: str | None) -> None:
    """A line for each. Nothing of it for whoever something of the child is hidden from.

    Raises:
        Ended: no such child, or its key is destroyed, or the reader may not be told.
    """
    told = await view(here, child, actor, purpose="child family")
    if told.details is None:
        raise Ended(Code.refused, say("timeline.key_destroyed"))
    async with here.record() as connection:
        members = await family.members(connection, child, here.keys)
    made = table("person", "name", "relation", "language", "way", "needs")
    for each in members.values():
        needs = "; ".join([*(say(f"child_need.{need}") for need in each.need), *([each.need_detail] if each.need_detail else [])])
        way = say(f"child_way.{each.way}") + (f": {each.email or each.address}" if each.email or each.address else "")
        apart = f" ({say('child.apart')})" if each.apart else ""
        language = say(f"child_language.{each.language}") if each.language else say("child_language.both")
        made.add_row(each.person, escape(each.name), say(f"child_relation.{each.relation}") + apart, language, escape(way), escape(needs))
    screen().print(made) if members else print(say("child.no_family"))

"""Putting a child on record, and reading who it is."""

import secrets

from rich.markup import escape

from console.child import DUTY, NewChild
from console.endings import Code, Ended, Mistake
from console.language import say
from console.running import Running
from console.showing import screen
from console.viewing import view
from record import children, directory, versions
from record.children import ChildDetails
from record.pool import Connection
from record.projections import Whose


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
        whose = Whose(
            child=child,
            family=new.family or secrets.token_hex(8),
            authority=here.authority,
            team=new.team or people[new.actor].team or DUTY,
        )
        await children.register(connection, whose, _details(new), here.keys, new.actor)
    return child


async def print_child(here: Running, child: str, actor: str | None) -> None:
    """Print who the child is.

    Raises:
        Ended: no such child, or its key is destroyed, or the reader is shut out.
    """
    told = await view(here, child, actor, purpose="child show")
    if told.details is None:
        raise Ended(Code.refused, say("timeline.key_destroyed"))
    out = screen()
    said = {"child": child, "family": told.family, **told.details.model_dump(exclude_none=True, exclude={"more"})}
    for key, value in said.items():
        out.print(f"[bold]{say(f'child.{key}')}[/bold]: {escape(str(value))}")


async def _is_known(connection: Connection, child: str) -> bool:
    try:
        await children.get(connection, child)
    except LookupError:
        return False
    return True


def _details(new: NewChild) -> ChildDetails:
    return ChildDetails(
        name=new.name,
        born_on=new.born,
        expected_on=new.expected,
        language=new.language,
        sex=new.sex,
        address=new.address,
        school=new.school,
    )

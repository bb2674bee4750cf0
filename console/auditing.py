"""What all verbs for auditors share: the record by the auditor's own login, who acts, and which cases of a draw that person may see."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

from pydantic import BaseModel

from console.endings import Code, Ended, Mistake
from console.engine_door import why
from console.language import say
from console.running import Running
from named import NotTaken, check_named
from record import audits, directory, versions
from record.pool import Connection, open_pool, transaction
from record.projections import facts
from record.roles import Role, dsn
from schemas.audits import Draw
from schemas.base import Identifier


@asynccontextmanager
async def as_auditor(here: Running) -> AsyncGenerator[Connection]:
    """A transaction on the record by the auditor's login, which can write nothing but audits, and sees no timeline unlogged."""
    address = dsn(here.endpoints.postgres_superuser_dsn, Role.auditor, here.keys.directory)
    async with await open_pool(address, "siwrnai audit", most=1) as pool, transaction(pool, here.authority) as connection:
        yield connection


async def check_actors(connection: Connection, given: BaseModel) -> None:
    """Whoever it names is in the directory, and holds the post that it asks for.

    Raises:
        Mistake: somebody is not, or does not.
    """
    try:
        await check_named(connection, given, await versions.now(connection))
    except NotTaken as error:
        raise Mistake(why(error)) from None


async def check_reader(connection: Connection, actor: Identifier | None) -> None:
    """Whoever reads is in the directory, where they say who they are.

    Raises:
        Mistake: they are not.
    """
    if actor is not None and not await directory.knows(connection, actor, await versions.now(connection)):
        raise Mistake(say("mistakes.unknown_person", person=actor))


async def the_draw(connection: Connection, draw: Identifier) -> Draw:
    """That draw.

    Raises:
        Mistake: there is none.
    """
    found = await audits.draws(connection, draw)
    if not found:
        raise Mistake(say("sampling.unknown_draw", draw=draw))
    return found[0]


async def no_part_in(connection: Connection, child: Identifier, actor: Identifier, refusal: str) -> None:
    """Nobody judges a case in which they have a part.

    Raises:
        Ended: the person has one.
    """
    if actor in (await facts(connection, child)).roles.values():
        raise Ended(Code.refused, say(refusal, person=actor, child=child))


def known_key(option: str, key: str | None, keys: Iterable[str]) -> None:
    """A key of the form.

    Raises:
        Mistake: there is no such key.
    """
    known = tuple(keys)
    if key is not None and key not in known:
        raise Mistake(say("mistakes.unknown_choice", option=option, given=key, right=", ".join(known)))

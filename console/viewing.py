"""What `journey show` and `journey verify` read: the read is logged in the transaction that reads, with who reads it."""

import getpass
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from console.endings import Code, Ended, Mistake
from console.language import say, spoken
from console.running import Running
from console.timeline import Told
from entitlement.asking import entitlement
from procedures.fold import fold
from record import children, directory, letters, reads, texts, timeline, versions
from record.pool import Connection
from record.projections import Whose
from record.texts import Reference
from schemas.entitlement import Fact
from schemas.state import JourneyState
from schemas.timeline import RecordedEntry

VOICE = "voice_recorded"

LOGIN = "login:"
"""Before the name of the system's user, where a read names no person of the directory."""


def reader(actor: str | None) -> str:
    """Who reads, for the log: the person named, else the system's user."""
    return actor or f"{LOGIN}{getpass.getuser()}"


async def view(here: Running, child: str, actor: str | None, purpose: str, *, with_words: bool = False) -> Told:
    """All that is shown of one child, and the log of showing it.

    Raises:
        Ended: no such child or person; or the person is shut out of this child's affairs.
    """
    async with here.record() as connection:
        return await viewed(connection, here, child, actor, purpose, with_words=with_words)


async def viewed(  # noqa: PLR0913  (who reads what of whom, and why)
    connection: Connection, here: Running, child: str, actor: str | None, purpose: str, *, with_words: bool = False
) -> Told:
    """The same in a transaction that reads more.

    Raises:
        Ended: as above.
    """
    whose = await whose_child(connection, child)
    now = await versions.now(connection)
    people = await directory.people(connection, now)
    known = (await directory.agencies(connection, now)).values()
    agencies = {each.agency: each.name_cy if spoken() == "cy" else each.name_en for each in known}
    if actor is not None and actor not in people:
        raise Mistake(say("mistakes.unknown_person", person=actor))
    entries = await timeline.read(connection, child, here.keys)
    details = await _details(connection, child, here)
    state = None if details is None else fold(beginning(whose), entries)
    await let_in(connection, [child], actor)
    shown = await _texts(connection, here, child, _readable(entries, state, actor)) if with_words and state is not None else {}
    await reads.log(connection, reader(actor), purpose, [child, *(reference(each).id for each in shown)])
    return Told(child, whose.family, details, state, entries, await letters.seen(connection, [child]), people, shown, now, agencies)


BETRAYING = (Fact.case, Fact.address)
"""What a whole timeline, meeting or letter may tell."""


async def let_in(connection: Connection, about: Sequence[str], actor: str | None) -> None:
    """Whoever may not be told all of these children is shown nothing; nor is a reader without a name, where anything is hidden from anybody.

    Raises:
        Ended: the reader may not be told.
    """
    told = await entitlement(connection, about)
    for child in about:
        found = (told.withheld(actor, fact, child) for fact in BETRAYING)
        why = next((each for each in found if each is not None), None)
        if why is not None:
            raise Ended(Code.refused, say(f"entitlement.{why}", person=actor or "", child=child))


async def seen_by(connection: Connection, children: Iterable[str], actor: str | None) -> frozenset[str]:
    """Those of the children about whom a list may have a line for that reader."""
    told = await entitlement(connection, asked := set(children))
    return frozenset(child for child in asked if all(told.may(actor, fact, [child]) for fact in BETRAYING))


async def whose_child(connection: Connection, child: str) -> Whose:
    """Whose child it is.

    Raises:
        Mistake: no such child is on record.
    """
    try:
        return await children.get(connection, child)
    except LookupError:
        raise Mistake(say("mistakes.unknown_child", child=child)) from None


def beginning(whose: Whose) -> JourneyState:
    """The state before a child's first entry."""
    return JourneyState(child=whose.child, family=whose.family, authority=whose.authority, team=whose.team)


async def _details(connection: Connection, child: str, here: Running) -> children.ChildDetails | None:
    try:
        return await children.details(connection, child, here.keys)
    except LookupError:  # The key is destroyed, and with the record the details as well.
        return None


def _readable(entries: list[RecordedEntry], state: JourneyState | None, actor: str | None) -> Iterator[str]:
    """References to the words that this reader may see: what a child said, only its social worker, and its chair where it may."""
    for entry in entries:
        body = entry.content.get("body", {})
        if entry.kind != VOICE or (state is not None and may_read_voice(body, state, actor)):
            yield from references(body)


def may_read_voice(body: Mapping[str, Any], state: JourneyState, actor: str | None) -> bool:
    """Whether that reader may see what a child said: its social worker, and the chair where the child lets the chair read it."""
    if actor is None:
        return False
    return actor == state.roles.get("social_worker") or ("chair" in body.get("may_read", ()) and actor == state.chair)


def references(body: Any) -> Iterator[str]:
    """The references to words of people in what an entry says."""
    if isinstance(body, str) and body.startswith("text:"):
        yield body
    elif isinstance(body, Mapping):
        for each in body.values():  # pyright: ignore[reportUnknownVariableType]
            yield from references(each)
    elif isinstance(body, list):
        for each in body:  # pyright: ignore[reportUnknownVariableType]
            yield from references(each)


def reference(written: str) -> Reference:
    """What `text:<id>#<sha256>` names."""
    id, _, sha256 = written.removeprefix("text:").partition("#")
    return Reference(id, sha256)


async def _texts(connection: Connection, here: Running, child: str, references: Iterator[str]) -> dict[str, str]:
    return {each: await texts.get(connection, child, reference(each), here.keys) for each in references}

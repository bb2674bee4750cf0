"""`siwrnai audit show`: a journey at an instant, on the screen, as JSON, or every instant on one page. Each read is logged."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson
from rich.markup import escape
from rich.padding import Padding

from audit.on_paper import with_paper
from audit.replay import Way
from audit.standing import Journey, stand
from console.endings import Code, Ended, Mistake
from console.instants import through
from console.language import say
from console.private_files import write_private
from console.replay_page import page
from console.running import Running
from console.showing import moment, screen, short
from console.standing_lines import Naming, sections
from console.timeline import Told
from console.viewing import beginning, reader, reference, references, seen_by, viewed, whose_child
from procedures.times import local
from record import family, meetings, reads, replay, versions
from record.pool import Connection
from schemas.base import Model
from schemas.family import FamilyMember
from schemas.replay import MeetingLog


class Asking(NamedTuple):
    """Who asks, and how it is to be shown."""

    actor: str | None
    """None: the system's user."""
    words: bool = False
    """Also the words of people that the reader may read."""
    json: bool = False


class Replayed(NamedTuple):
    """What a replay is made from."""

    journey: Journey
    told: Told
    now: dt.datetime
    """The record's clock."""
    family: Mapping[str, FamilyMember]

    @property
    def naming(self) -> Naming:
        """How ids are said."""
        kinds = {
            log.meeting: entry.content["kind"] for log in self.journey.beside.meetings for entry in log.entries if "kind" in entry.content
        }
        return Naming(self.told.people, self.told.texts, self.family, kinds)

    def as_json(self, *made: Model, words: bool) -> list[Any]:
        """For programs; words stand in the place of their references where they were asked for."""
        return [_worded(each.model_dump(mode="json"), self.told.texts if words else {}) for each in made]


def _worded(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, dict):
        return {name: _worded(each, texts) for name, each in cast("dict[str, Any]", value).items()}
    return [_worded(each, texts) for each in cast("list[Any]", value)] if isinstance(value, list) else value


async def replayed(here: Running, child: str, asking: Asking, purpose: str) -> Replayed:
    """The child's timeline and what stands beside it, the read logged.

    Raises:
        Ended: the reader may not be told, or the child's key is destroyed.
    """
    async with here.record() as connection:
        told = await viewed(connection, here, child, asking.actor, purpose, with_words=asking.words)
        whose = await whose_child(connection, child)
        if told.state is None:
            raise Ended(Code.found_wrong, say("replay.no_key"))
        beside = await replay.beside(connection, whose)
        logs = await _may_see(connection, beside.meetings, asking.actor)
        said = await _said(connection, here, logs) if asking.words else {}
        shown = [id for each in logs for id in (each.meeting, *each.about) if id != child] + [reference(each).id for each in said]
        if shown:  # Of the child itself the read is logged already.
            await reads.log(connection, reader(asking.actor), purpose, list(dict.fromkeys(shown)))
        beside = beside.model_copy(update={"meetings": logs, "withheld_meetings": len(beside.meetings) - len(logs)})
        beside = with_paper(beside, child)
        told, relatives = replace(told, texts={**told.texts, **said}), await family.members(connection, child, here.keys)
        return Replayed(Journey(beginning(whose), told.entries, beside), told, await versions.now(connection), relatives)


async def _said(connection: Connection, here: Running, logs: Sequence[MeetingLog]) -> dict[str, str]:
    """The words of people in those meetings' own logs."""
    found = [(log.meeting, each) for log in logs for entry in log.entries for each in references(entry.content)]
    return {each: await meetings.words(connection, meeting, each, here.keys) for meeting, each in dict.fromkeys(found)}


async def _may_see(connection: Connection, logs: Sequence[MeetingLog], actor: str | None) -> tuple[MeetingLog, ...]:
    """A meeting that is about a brother or sister too is shown to those alone who may be told of each of them."""
    seen = await seen_by(connection, {child for each in logs for child in each.about}, actor)
    return tuple(each for each in logs if seen.issuperset(each.about))


async def print_standing(here: Running, child: str, at: str | None, asking: Asking, *, as_stood: bool) -> None:
    """How it was known at that instant, or how it stood.

    Raises:
        Mistake: that is no instant, or one on a day to come.
        Ended: the reader may not be told.
    """
    asked = None if at is None else through("--at", at)
    found = await replayed(here, child, asking, "audit show")
    if asked is not None and local(asked).date() > local(now := latest(found)).date():
        raise Mistake(say("replay.to_come", given=at, right=short(now)))
    way = Way.stood if as_stood else Way.known
    stood = stand(found.journey, way, asked or latest(found))
    if asking.json:
        print(orjson.dumps(found.as_json(stood, words=asking.words)[0]).decode())
        return
    to = screen()
    to.print(f"[bold]{escape(say(f'replay.as_{way}', at=_exactly(stood.at), entries=stood.entries))}[/bold]")
    if not stood.entries:
        to.print(say("replay.before_first"))
    parts = sections(stood, found.naming)
    for section in parts:
        if section.lines:
            to.print("", f"[bold]{section.title}[/bold]", *(Padding(escape(line), (0, 0, 0, 2)) for line in section.lines), sep="\n")
    # That a part is empty is told too: of a plan, or of a child's voice, it is what an auditor looks for.
    if empty := [section.title for section in parts if not section.lines]:
        to.print("", say("replay.nothing_of", parts="; ".join(empty)), sep="\n")


def _exactly(at: dt.datetime) -> str:
    """In words, and as `--at` reads it again: with seconds, where it is not the end of a minute."""
    return f"{moment(at)} [{short(at, 'minutes' if (at.second, at.microsecond) == (59, 999_999) else 'seconds')}]"


def latest(found: Replayed) -> dt.datetime:
    """Now; in a rehearsal, whose time is virtual, no earlier than what was last recorded."""
    return max([found.now, *(each.recorded_at for each in found.journey.entries[-1:])])


async def write_page(here: Running, child: str, out: Path, asking: Asking) -> None:
    """Write every instant into a new file that its owner alone may read.

    Raises:
        Mistake: the file is there, or cannot be written.
        Ended: the reader may not be told.
    """
    found = await replayed(here, child, asking, "audit show: whole page")
    by = reader(asking.actor)
    write_private(out, page(found.journey, found.told, found.naming, found.naming.name(by), found.now))
    print(say("replay.written", file=out))

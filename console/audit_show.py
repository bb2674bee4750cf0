"""`siwrnai audit show`: a journey at an instant, on the screen, as JSON, or every instant on one page. Each read is logged."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.markup import escape
from rich.padding import Padding

from audit.replay import Way
from audit.standing import Journey, stand
from console.endings import Code, Ended
from console.language import say
from console.private_files import write_private
from console.reading import read
from console.replay_page import page
from console.running import Running
from console.showing import moment, screen
from console.standing_lines import Naming, sections
from console.timeline import Told
from console.viewing import beginning, reader, seen_by, viewed, whose_child
from record import reads, replay, versions
from record.pool import Connection
from schemas.base import Instant, Model
from schemas.replay import MeetingLog


class Asked(Model):
    """The instant that is asked for."""

    at: Instant


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

    @property
    def naming(self) -> Naming:
        """How ids are said."""
        return Naming(self.told.people, self.told.texts)


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
        meetings = await _may_see(connection, beside.meetings, asking.actor)
        shown = [id for each in meetings for id in (each.meeting, *each.about) if id != child]
        if shown:  # Of the child itself the read is logged already.
            await reads.log(connection, reader(asking.actor), purpose, list(dict.fromkeys(shown)))
        beside = beside.model_copy(update={"meetings": meetings, "withheld_meetings": len(beside.meetings) - len(meetings)})
        return Replayed(Journey(beginning(whose), told.entries, beside), told, await versions.now(connection))


async def _may_see(connection: Connection, meetings: Sequence[MeetingLog], actor: str | None) -> tuple[MeetingLog, ...]:
    """A meeting that is about a brother or sister too is shown to those alone who may be told of each of them."""
    seen = await seen_by(connection, {child for each in meetings for child in each.about}, actor)
    return tuple(each for each in meetings if seen.issuperset(each.about))


async def print_standing(here: Running, child: str, at: str | None, asking: Asking, *, as_stood: bool) -> None:
    """How it was known at that instant, or how it stood.

    Raises:
        Mistake: that is no instant.
        Ended: the reader may not be told.
    """
    asked = None if at is None else read(Asked, {"at": at}).at
    found = await replayed(here, child, asking, "audit show")
    way = Way.stood if as_stood else Way.known
    stood = stand(found.journey, way, asked or latest(found))
    if asking.json:
        print(stood.model_dump_json())
        return
    to = screen()
    to.print(f"[bold]{escape(say(f'replay.as_{way}', at=moment(stood.at), entries=stood.entries))}[/bold]")
    if not stood.entries:
        to.print(say("replay.before_first"))
    for section in sections(stood, found.naming):
        if section.lines:
            to.print("", f"[bold]{section.title}[/bold]", *(Padding(escape(line), (0, 0, 0, 2)) for line in section.lines), sep="\n")


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
    write_private(out, page(found.journey, found.told, found.naming.name(by), found.now))
    print(say("replay.written", file=out))

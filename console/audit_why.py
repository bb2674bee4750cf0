"""`siwrnai audit why`: from a letter, a due date, an entry or a refusal back to the rule and the person behind it. The read is logged."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import orjson
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from audit.why import NotThere, decisions, of_entry, of_letter, of_refusal, of_timescale
from console.audit_show import Asking, Replayed, replayed
from console.endings import Mistake
from console.language import say, spoken
from console.running import Running
from console.showing import clock_title, command_title, screen, short
from console.timeline import what
from procedures import explain
from schemas.replay import RefusedThen
from schemas.reviewing import Because, Link
from schemas.timeline import RecordedEntry


class About(NamedTuple):
    """Of what is asked; of nothing in particular: every decision, and every refusal."""

    letter: str | None
    timescale: str | None
    entry: int | None
    refusal: int | None


async def print_why(here: Running, child: str, about: About, asking: Asking) -> None:
    """What caused it, and who.

    Raises:
        Mistake: there is no such letter, timescale, entry or refusal; says which there are.
        Ended: the reader may not be told.
    """
    found = await replayed(here, child, asking, "audit why")
    asked = list(_asked(found, about))
    if asking.json:
        refused = [] if any(about) else [of_refusal(found.journey, each.entry) for each in found.journey.beside.refusals]
        print(orjson.dumps([each.model_dump(mode="json") for each in (*asked, *refused)]).decode())
        return
    to = screen()
    for because in asked:
        for line in _lines(because, found):
            to.print(line)
        to.print("")
    if not any(about):
        _refusals(found, to)
        if not asked and not found.journey.beside.refusals:
            to.print(say("replay.nothing"))


def _asked(found: Replayed, about: About) -> Iterator[Because]:
    entries = found.journey.entries
    if not any(each is not None for each in about):
        yield from decisions(entries)
    try:
        if about.letter is not None:
            yield of_letter(found.journey, about.letter)
        if about.timescale is not None:
            yield of_timescale(entries, about.timescale)
        if about.entry is not None:
            yield of_entry(entries, about.entry)
        if about.refusal is not None:
            yield of_refusal(found.journey, about.refusal)
    except NotThere as error:
        raise Mistake(say("why.not_there", there=str(error) or say("replay.nothing"))) from None


def _lines(because: Because, found: Replayed) -> Iterator[str | Padding]:
    entries = {each.seq: each for each in found.journey.entries}
    if because.sentences:
        yield f"[bold]{escape(because.sentences[spoken()])}[/bold]"
    for step, link in enumerate(because.links):
        for line in _link(link, entries, found):
            yield Padding(line, (0, 0, 0, 2 * step))


def _link(link: Link, entries: Mapping[int, RecordedEntry], found: Replayed) -> Iterator[str]:
    by = escape(found.naming.name(link.actor))
    if link.meeting is None:
        yield f"{say('replay.page_entry', number=link.entry)}, {short(link.happened_at)}, {by}: {what(entries[link.entry], found.told).strip()}"
    else:
        yield say("why.meeting", meeting=link.meeting, number=link.entry, at=short(link.happened_at), what=command_title(link.kind), by=by)
    if link.rule is not None and link.source is not None:
        yield say("why.rule", rule=clock_title(link.rule), source=explain.source(link.source, spoken()), trust=link.trust or "")
    for part, said in link.words.items():
        yield f"  {part.replace('_', ' ')}: {escape(found.naming.words(said))}"
    if link.command_id is not None:
        yield say("why.command", id=link.command_id, by=by)


def _refusals(found: Replayed, to: Console) -> None:
    if found.journey.beside.refusals:
        to.print(f"[bold]{say('why.refusals')}[/bold]")
    for each in found.journey.beside.refusals:
        to.print(escape(_refused(each, found)))


def _refused(each: RefusedThen, found: Replayed) -> str:
    return f"{each.entry}  {short(each.at)}  {command_title(each.name)}, {found.naming.name(each.actor)}: {each.sentences[spoken()]}"

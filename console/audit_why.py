"""`siwrnai audit why`: from a letter, a due date, an entry or a refusal back to the rule and the person behind it. The read is logged."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import orjson
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from audit.why import NotThere, decisions, of_entry, of_letter, of_refusal, of_timescale
from console.audit_show import Asking, Replayed, latest, replayed
from console.endings import Mistake
from console.language import say, spoken
from console.running import Running
from console.showing import clock_title, command_title, role_title, screen, short, standing
from console.standing_lines import arrived
from console.timeline import Told, what
from procedures import explain, outcomes, vocabulary, words
from schemas.replay import RefusedThen
from schemas.reviewing import Because, Link, Written
from schemas.timeline import RecordedEntry, Stages


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
        refused = [] if _of_one(about) else [of_refusal(found.journey, each.entry) for each in found.journey.beside.refusals]
        print(orjson.dumps(found.as_json(*asked, *refused, words=asking.words)).decode())
        return
    to = screen()
    for because in asked:
        for line in _lines(because, found):
            to.print(line)
        to.print("")
    if not _of_one(about):
        _refusals(found, to)
        if not asked and not found.journey.beside.refusals:
            to.print(say("replay.nothing"))


def _of_one(about: About) -> bool:
    return any(each is not None for each in about)


def _asked(found: Replayed, about: About) -> Iterator[Because]:
    entries = found.journey.entries
    if not _of_one(about):
        yield from decisions(entries)
    try:
        if about.letter is not None:
            yield of_letter(found.journey, about.letter, latest(found))
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
    if because.written is not None:
        yield from (escape(line) for line in _written(because.written, found))
    if because.refused is not None:
        yield from _refusal(because.refused, because.stages, found)
    for step, link in enumerate(because.links):
        for line in _link(link, entries, found):
            yield Padding(line, (0, 0, 0, 2 * step))


def _written(written: Written, found: Replayed) -> Iterator[str]:
    """Which letter, to whom and in what capacity, by which way, in which language, and whether it arrived."""
    letter, naming = written.letter, found.naming
    matter = "; ".join(f"{say(f'letter.{kind}')}, {naming.matter(each)}" for kind, each in written.about)
    yield say("why.letter", id=letter.letter or letter.cause, about=matter, at=short(letter.at))
    held = [role_title(each) for each in written.roles]
    held += [say("why.deputy_for", role=role_title(each)) for each in written.deputy_for]
    held += [words.word("invitees", each, spoken()) for each in written.parts]
    to = naming.name(letter.recipient)
    yield "  " + say("why.to", to=f"{to}, {', '.join(dict.fromkeys(held))}" if held else to)
    member = naming.family.get(letter.recipient)
    language = letter.language or (None if member is None else member.language)
    way = {"way": say("child_way.email" if letter.on_paper is None else "why.on_paper"), "arrived": arrived(letter, naming)}
    yield "  " + (say("why.by_unknown", **way) if language is None else say("why.by", language=say(f"child_language.{language}"), **way))


def _refusal(refused: RefusedThen, stages: Stages | None, found: Replayed) -> Iterator[str]:
    """What was refused, in which words, by which rule, and where the child stood then."""
    by = found.naming.name(refused.actor)
    yield escape(say("why.refused", number=refused.entry, at=short(refused.at), what=command_title(refused.name), by=by))
    yield f"  [bold]{escape(refused.sentences[spoken()])}[/bold]"
    yield "  " + say("why.refused_by", code=refused.code, id=refused.command_id)
    if stages is not None:
        yield "  " + say("why.stood", stage=standing(stages.registration, stages.enquiries))


def _link(link: Link, entries: Mapping[int, RecordedEntry], found: Replayed) -> Iterator[str]:
    by = escape(found.naming.name(link.actor))
    if link.meeting is None:
        said = what(entries[link.entry], _beside(link, found)).strip()
        yield f"{say('replay.page_entry', number=link.entry)}, {short(link.happened_at)}, {by}: {said}"
    else:
        yield say(
            "why.meeting",
            meeting=link.meeting,
            number=link.entry,
            at=short(link.happened_at),
            what=words.word("meeting_entries", link.kind, spoken()),
            by=by,
        )
    if link.rule is not None and link.source is not None:
        yield say("why.rule", rule=clock_title(link.rule), source=explain.source(link.source, spoken()))
        if link.trust is not None:
            setting = f"; {say('why.local_setting')}" if link.local_setting else ""
            yield "  " + say("why.trust", label=link.trust, words=words.word("trust", link.trust, spoken())) + setting
    for part, said in link.words.items():
        if not said:
            yield f"  {say(f'said.{part}')}: {say('why.none_recorded')}"
        for each in said:
            yield f"  {say(f'said.{part}')}: {escape('; '.join(_spoken(token, found) for token in each))}"
    if link.command_id is not None:
        yield say("why.command", id=link.command_id, by=by)


def _beside(link: Link, found: Replayed) -> Told:
    """Without the words that are told by what they are: nothing is said twice."""
    named = {token for said in link.words.values() for each in said for token in each}
    return replace(found.told, texts={reference: each for reference, each in found.told.texts.items() if reference not in named})


def _spoken(token: str, found: Replayed) -> str:
    """Words of people, or a key of agencies or categories in words."""
    if token.startswith("text:"):
        return found.naming.words(token)
    known = {**outcomes.table("agencies"), **vocabulary.table("categories")}
    return known[token][spoken()] if token in known else token


def _refusals(found: Replayed, to: Console) -> None:
    if found.journey.beside.refusals:
        to.print(f"[bold]{say('why.refusals')}[/bold]")
    for each in found.journey.beside.refusals:
        to.print(escape(_refused(each, found)))


def _refused(each: RefusedThen, found: Replayed) -> str:
    return f"{each.entry}  {short(each.at)}  {command_title(each.name)}, {found.naming.name(each.actor)}: {each.sentences[spoken()]}"

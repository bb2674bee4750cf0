"""What each reader gets of the papers of a conference, before it is sent; and the papers printed for one of the family."""

import datetime as dt
import textwrap
from pathlib import Path

from audit.on_paper import PRINTS
from console.endings import Code, Ended, Mistake
from console.family_letter import Asked, let_write, member_of
from console.language import say, spoken
from console.previewing import MARGIN, Looking
from console.private_files import write_private
from console.reports_shown import known
from console.running import Record, Running
from console.viewing import let_in, reader
from correspondence.catalogue import LANGUAGES
from correspondence.letters import Item, Letter
from correspondence.meetings import answering, with_words
from correspondence.papers import as_text, compose, print_papers
from correspondence.render import render
from correspondence.wording import invitee as part_of
from embedded.settings import Linking, read
from entitlement.asking import entitlement
from procedures import words
from procedures.in_force import rules_in_force
from procedures.meetings.letters import paper_waits
from procedures.meetings.papers import children_of
from procedures.meetings.release import is_family
from record import directory, family, outlines, papers, reads, versions
from schemas.base import Identifier
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.family import Way
from schemas.letters import LetterKind
from schemas.meetings import Invitee
from schemas.papers import ChildPaper, Circulated, Paper
from web.recorded_papers import Reading, shown_to


async def print_papers_preview(here: Running, meeting: Identifier, which: Paper, actor: str | None) -> None:
    """Each of those invited, by which way, and what the page or the print would say as things stand now.

    Raises:
        Mistake: there is no such meeting.
        Ended: the reader may not be told, or nothing is written.
    """
    async with here.record() as connection:
        state = await known(connection, meeting)
        about = [each.child for each in state.about]
        await let_in(connection, about, actor)
        written = (await papers.written(connection, meeting)).get(which, frozenset())
        if not written:
            raise Ended(Code.refused, say("papers.none_written", paper=words.word("papers", which, spoken())))
        now = await versions.now(connection)
        plain = answering(here.keys, read(Linking).web_url)
        shown = plain._replace(links=plain.links.shown())
        people, relatives = await directory.people(connection, now), await family.everybody(connection, about, here.keys)
        looking = Looking(here, connection, state, now, people, relatives, shown)
        until = now + dt.timedelta(days=rules_in_force().papers.open_days)
        circulated = Circulated(paper=which, at=now, by=actor or "siwrnai", children=tuple(sorted(written)), until=until)
        lines = [line for each in state.invitees for line in await _lines(looking, each, circulated)]
        await reads.log(connection, reader(actor), f"preview of papers: {which}", [meeting, *about])
    print("\n".join(lines))


async def _lines(looking: Looking, guest: Invitee, circulated: Circulated) -> list[str]:
    to, part = looking.addressed(guest), part_of(guest.role, spoken())
    told = await entitlement(looking.connection, guest.children)
    if not told.of(guest.person, Fact.case, guest.children):
        return [say("preview.told_nothing", name=to.name, part=part)]
    if guest.role not in rules_in_force().papers.told:
        return [say("papers.not_told", name=to.name, part=part)]
    way = say(f"child_way.{to.way}") if to.reachable else say("preview.no_address")
    said = [say("preview.way", name=to.name, part=part, way=way, language=say(f"child_language.{to.language or 'both'}"))]
    mailed = to.way is Way.email and to.reachable
    if to.is_family and not children_of(guest, circulated):
        said.append(MARGIN + say("preview.not_released"))
        # As if it were released: the sender sees before that what the family will.
        guest = guest.model_copy(update={"released": guest.children})
    if to.way is Way.none or not to.reachable:
        said.append(MARGIN + say("preview.nothing"))
    if mailed and not await outlines.has_code(looking.connection, looking.state.meeting, guest.id):
        said.append(MARGIN + say("papers.no_code"))
    here = Reading(looking.connection, looking.here.keys, looking.state, guest)
    found: list[tuple[Language, tuple[ChildPaper, ...]]] = [
        (language, await shown_to(here, [circulated], language)) for language in _languages(to.language)
    ]
    if mailed and found[0][1]:
        said += ["", textwrap.indent(await _mail(looking, guest, circulated, to.language), MARGIN)]
    for language, shown in found:
        said += ["", textwrap.indent(as_text(compose(shown, language)) or say("papers.nothing"), MARGIN * 2), ""]
    return said


async def _mail(looking: Looking, guest: Invitee, circulated: Circulated, language: Language | None) -> str:
    """The words of the mail that the post would send, made as the post makes it."""
    order = paper_waits(looking.state, guest, circulated, looking.now)
    item = Item(child=guest.children[0], order=order)
    letter = Letter(id="preview", kind=LetterKind.paper, language=language, at=looking.now, items=(item,))
    mail = render(await with_words(looking.connection, letter, looking.here.keys, looking.answering))
    return f"{mail.subject}\n\n{mail.text.strip()}"


async def write_papers(here: Running, asked: Asked, out: Path, *, large: bool) -> None:
    """Write the page into a new file that its owner alone may read.

    Raises:
        Mistake: nobody was named, there is no such meeting or member of the family, or the file cannot be written.
        Ended: no way to write to that person is safe; whoever asks is not entitled to it; it is not released; or nothing was circulated.
    """
    write_private(out, await printed_papers(here, asked, large=large))
    print(say("family.written", file=out))


async def printed_papers(here: Record, asked: Asked, *, large: bool = False) -> str:
    """All that went out to one of the family as a page to print; that it was read is logged.

    Raises:
        Mistake: nobody was named, or there is no such meeting or member of the family.
        Ended: no way to write to that person is safe; whoever asks is not entitled to it; it is not released; or nothing was circulated.
    """
    meeting, invitee, actor = asked
    if actor is None:
        raise Mistake(say("mistakes.missing_actor", option="--actor"))
    async with here.record() as connection:
        state = await known(connection, meeting)
        guest = state.invitee(invitee)
        if guest is None or not is_family(guest):
            raise Mistake(say("reports.not_of_the_family", invitee=invitee))
        await let_write(connection, state, guest, actor)
        if guest.role not in rules_in_force().papers.told:
            raise Ended(Code.refused, say("papers.not_told", name=invitee, part=part_of(guest.role, spoken())))
        if not state.circulated:
            raise Ended(Code.refused, say("papers.not_circulated"))
        if not any(children_of(guest, each) for each in state.circulated):
            raise Ended(Code.refused, say("family.not_released", invitee=invitee))
        member = await member_of(here, connection, guest, await directory.people(connection, await versions.now(connection)))
        reading = Reading(connection, here.keys, state, guest)
        made: dict[Language, tuple[ChildPaper, ...]] = {
            each: await shown_to(reading, state.circulated, each) for each in _languages(member.language)
        }
        await reads.log(connection, reader(actor), f"{PRINTS[LetterKind.paper]} {invitee}", [meeting, *guest.children])
    to = "\n".join(line for line in (member.name, member.address) if line)
    return print_papers(made, member.name, to, large=large or member.large)


def _languages(language: Language | None) -> tuple[Language, ...]:
    return (language,) if language else LANGUAGES

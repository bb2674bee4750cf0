"""`siwrnai meeting preview`: what each of those invited would be sent as things stand, by which way, in which language. Orders nothing."""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import NamedTuple

from console.endings import Code, Ended
from console.language import say, spoken
from console.meetings_shown import children_of
from console.reports_shown import known
from console.running import Running
from console.viewing import let_in, reader
from correspondence.letters import Item, Letter
from correspondence.meetings import Answering, answering, invitation, with_words
from correspondence.wording import invitee as part_of
from embedded.settings import Linking, read
from entitlement.asking import entitlement
from procedures.meetings import release
from procedures.meetings.asking import next_sequence
from procedures.meetings.letters import calendar_order
from record import directory, family, reads, versions
from record.directory import Person
from record.pool import Connection
from schemas.base import Identifier, Instant
from schemas.calendars import Mailbox
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.family import FamilyMember, Way
from schemas.letters import LetterKind
from schemas.meetings import Invitee, MeetingState

NOBODY: Mailbox = "neb@localhost.localdomain"
"""Stands in a message that is only looked at."""

MARGIN = "    "


class Addressed(NamedTuple):
    """Who somebody is, and how they are written to."""

    name: str
    way: Way
    language: Language | None
    """None where it is not known: both."""
    is_family: bool
    reachable: bool = True


@dataclass(frozen=True)
class Looking:
    """What letters are made of while they are only looked at."""

    here: Running
    connection: Connection
    state: MeetingState
    now: Instant
    people: Mapping[Identifier, Person]
    relatives: Mapping[Identifier, FamilyMember]
    answering: Answering

    async def lines(self, invitee: Invitee) -> list[str]:
        """All that is said of one invitation."""
        to, part = self.addressed(invitee), part_of(invitee.role, spoken())
        told = await entitlement(self.connection, invitee.children)
        if not told.may(invitee.person, Fact.case, invitee.children):
            return [say("preview.told_nothing", name=to.name, part=part)]
        way = say(f"child_way.{to.way}") if to.reachable else say("preview.no_address")
        said = [say("preview.way", name=to.name, part=part, way=way, language=say(f"child_language.{to.language or 'both'}"))]
        if to.way is Way.none or not to.reachable:
            return [*said, MARGIN + say("preview.nothing")]
        if to.is_family and not invitee.is_released:
            said.append(MARGIN + say("preview.not_released"))
        return [*said, *(await self._letter(invitee, to))]

    def addressed(self, invitee: Invitee) -> Addressed:
        """Of the family by the way that is safe now; anybody else by the mailbox in the directory."""
        is_family, member, person = release.is_family(invitee), self.relatives.get(invitee.person), self.people.get(invitee.person)
        if is_family and member is not None:
            return Addressed(member.name, member.way, member.language, is_family)
        if person is None:
            return Addressed(invitee.person, Way.none if is_family else Way.email, None, is_family, reachable=is_family)
        return Addressed(person.name, Way.email, person.language, is_family, reachable=person.email is not None)

    async def _letter(self, invitee: Invitee, to: Addressed) -> Iterable[str]:
        """The words of the mail that the post would send, made as the post makes it."""
        sent = invitee.sequence is not None and invitee.date == self.state.date and self.state.open
        sequence = invitee.sequence if sent and invitee.sequence is not None else next_sequence(self.state, invitee)
        order = calendar_order(self.state, invitee, "REQUEST" if self.state.open else "CANCEL", sequence, self.now)
        item = Item(child=invitee.children[0], order=order)
        letter = Letter(id="preview", kind=LetterKind.invitation, language=to.language, at=self.now, items=(item,))
        letter = await with_words(self.connection, letter, self.here.keys, self.answering)
        message = message_from_bytes(invitation(letter, NOBODY, self.answering.replies), policy=policy.default)
        body = message.get_body(("plain",))
        text = "" if body is None else body.get_content()
        return ["", textwrap.indent(f"{message['Subject']}\n\n{text.strip()}", MARGIN), ""]


async def print_preview(here: Running, meeting: Identifier, actor: str | None) -> None:
    """Each of those invited, and the letter as it would be now. Whoever may not be told all of its children sees nothing of it.

    Raises:
        Mistake: there is no such meeting.
        Ended: the reader may not be told, or the meeting is over.
    """
    async with here.record() as connection:
        state = await known(connection, meeting)
        await let_in(connection, children_of(state), actor)
        if state.stage == "held":
            raise Ended(Code.refused, say("preview.over"))
        now = await versions.now(connection)
        relatives = await family.everybody(connection, children_of(state), here.keys)
        plain = answering(here.keys, read(Linking).web_url)
        shown = plain._replace(links=plain.links.shown())
        looking = Looking(here, connection, state, now, await directory.people(connection, now), relatives, shown)
        lines = [line for each in state.invitees for line in await looking.lines(each)]
        await reads.log(connection, reader(actor), "meeting preview", [meeting, *children_of(state)])
    print("\n".join(lines))

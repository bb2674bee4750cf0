"""What people are sent of a meeting: calendar objects with their mail, chasers, reminders of the day before. Real PostgreSQL, real SMTP."""

import datetime as dt
import re
from email.message import EmailMessage
from typing import Any

import pytest
from asyncpg import InsufficientPrivilegeError
from icalendar import Calendar
from icalendar import Event as Vevent

from correspondence.meetings import answering
from procedures.in_force import rules_in_force
from record import directory, meetings, versions
from record.directory import Person
from record.pool import transaction
from schemas.letters import DeliveryState, LetterKind
from schemas.meetings import MeetingFlush
from tests.correspondence.conftest import Record, sender
from tests.correspondence.mail_server import MailServer, serving
from tests.correspondence.test_sender import NEVER, read
from tests.procedures.child import at
from tests.procedures.meetings.table import Table
from tests.record.conftest import AUTHORITY
from web.links import THRESHOLDS, of_meeting

HEAD = "Enghraifft Children's Services"

PLACE = "Canolfan Deulu Enghraifft, Ystafell 2"
LANGUAGES = {"p-police": "en", "p-head": "cy", "p-hv": None}


class Held:
    """A meeting in the record, and the mail about it."""

    def __init__(self, record: Record, table: Table, place: str) -> None:
        self.record, self.table, self.place = record, table, place
        self.server = MailServer()
        self.seq = self.letters = 0

    async def arranged(self, **fields: Any) -> None:
        await self.kept(lambda: self.table.arranged(place=self.place, **fields))

    async def kept(self, happens: Any) -> None:
        """What happens is written as a meeting's worker writes it."""
        happens()
        entries, orders = self.table.entries[self.seq :], self.table.letters[self.letters :]
        flush = MeetingFlush(
            state=self.table.state, expected_head=self.seq, entries=tuple(entries), letters={self.table.children[0]: tuple(orders)}
        )
        async with transaction(self.record.journey, AUTHORITY) as connection:
            await meetings.append(connection, flush, self.record.keys)
        self.seq, self.letters = self.seq + len(entries), self.letters + len(orders)

    async def sent(self) -> list[EmailMessage]:
        """What the post sends now."""
        before = len(self.server.got)
        async with serving(self.server) as there:
            await sender(self.record, there.url).send_all(NEVER)
        return [read(message) for _, message in self.server.got[before:]]

    async def sent_to(self, person: str) -> EmailMessage:
        (found,) = [each for each in await self.sent() if each["To"] == f"{person}@enghraifft.example"]
        return found

    async def states(self, kind: LetterKind) -> list[DeliveryState]:
        async with transaction(self.record.door, AUTHORITY) as connection:
            rows = await connection.fetch("SELECT state FROM letters WHERE kind = $1", kind)
        return [DeliveryState(row["state"]) for row in rows]


@pytest.fixture
async def held(record: Record) -> Held:
    """Without reports: letters about those are tested by themselves."""
    found = await begun(record)
    found.table.asks_for_reports = False
    return found


async def begun(record: Record) -> Held:
    """A meeting that is to be arranged, with the people of its directory."""
    child = await record.child()
    table = Table(children=(child.child,))
    table.people = {role: person for role, person in table.people.items() if person in LANGUAGES}
    async with transaction(record.door, AUTHORITY) as connection:
        for person, language in {**LANGUAGES, "p-nia": "en", "p-mari": "en", "p-police-lead": "en"}.items():
            row = Person(
                person=person,
                name=f"Name of {person}",
                email=f"{person}@enghraifft.example",
                language=language,  # pyright: ignore[reportArgumentType]
                valid_from=at("2026-01-01"),
            )
            await directory.put_person(connection, row, "p-admin")
        await meetings.begin(connection, table.state.meeting, child.team, table.children, record.keys)
        reference = await meetings.put_words(connection, table.state.meeting, PLACE, record.keys)
    return Held(record, table, f"text:{reference.id}#{reference.sha256}")


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def calendar(message: EmailMessage) -> Vevent:
    (part,) = [each for each in message.walk() if each.get_content_type() == "text/calendar"]
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert isinstance(event, Vevent)
    return event


def link(mail: EmailMessage, path: str) -> str:
    """What is signed in the one link to pages of that path."""
    body = mail.get_body(("plain",))
    assert body is not None
    (found,) = [line.strip() for line in body.get_content().splitlines() if f"/{path}/" in line]
    return found.rpartition("/")[2].partition("?")[0]


def opens_in(mail: EmailMessage, *paths: str) -> list[tuple[str, str]]:
    """The path of each link to those pages, and the language in which it opens the page, in the order of the letter."""
    return re.findall(rf"/({'|'.join(paths)})/\S+\?lang=(\w\w)", text(mail))


async def test_each_is_invited_in_its_own_language_with_an_object_for_its_calendar(held: Held) -> None:
    await held.arranged()
    mails = {each["To"]: each for each in await held.sent()}
    police, head, visitor = (mails[f"{person}@enghraifft.example"] for person in ("p-police", "p-head", "p-hv"))
    assert (police["Subject"], head["Subject"]) == ("Siwrnai: invitation to a meeting", "Siwrnai: gwahoddiad i gyfarfod")
    assert visitor["Content-Language"] == "cy, en"
    event = calendar(police)
    assert (event["SEQUENCE"], event["SUMMARY"], event["LOCATION"]) == (0, "Initial child protection conference", PLACE)
    assert event.decoded("dtstart") == at("2026-12-15 10:00")
    said = text(police)
    assert all(each in said for each in (PLACE, "Tuesday 15 December 2026 at 10:00", "Arranged by: Name of p-mari", "Invited as: police"))
    assert "dydd Mawrth 15 Rhagfyr 2026 am 10:00" in text(head)


async def test_the_answer_comes_to_an_address_and_a_page_of_this_person_alone(held: Held) -> None:
    await held.arranged()
    police = await held.sent_to("p-police")
    mine, (links, replies) = held.table.guest("police").id, answering(held.record.keys)
    organizer = str(calendar(police)["ORGANIZER"]).removeprefix("mailto:")
    assert replies.read(organizer) == mine
    assert police["From"].addresses[0].addr_spec == organizer
    assert links.read(link(police, "answer"), at("2026-12-20")) == mine
    assert "/answer/" not in str(calendar(police).to_ical()), "calendars are shared"


async def test_who_is_asked_in_anothers_stead_reads_the_thresholds_uncounted(held: Held) -> None:
    await held.arranged()
    await held.sent()
    for day in ("2026-12-06", "2026-12-08", "2026-12-10"):
        await held.kept(lambda day=day: held.table.wait(f"{day} 12:00"))
    mails = await held.sent()
    (lead,) = [each for each in mails if each["To"] == "p-police-lead@enghraifft.example"]
    (silent, *_) = [each for each in mails if each["To"] == "p-police@enghraifft.example"]
    assert "/thresholds/" in text(silent)
    assert "/thresholds/" not in text(lead)
    assert rules_in_force().threshold_document.en in text(lead)


async def test_where_an_authority_has_set_another_address_of_the_thresholds_that_is_the_one(held: Held) -> None:
    address = "https://trothwyon.enghraifft.example/"
    async with transaction(held.record.door, AUTHORITY) as connection:
        await versions.put(
            connection, "settings", {"threshold_document.en": address, "letterhead.en": HEAD, "clocks.strategy.amount": 2}, "p-admin"
        )
    await held.arranged()
    await held.sent()
    for day in ("2026-12-06", "2026-12-08", "2026-12-10"):
        await held.kept(lambda day=day: held.table.wait(f"{day} 12:00"))
    (lead, *_) = [each for each in await held.sent() if each["To"] == "p-police-lead@enghraifft.example"]
    assert address in text(lead)
    async with transaction(held.record.post, AUTHORITY) as connection:
        assert await versions.of_letters(connection) == {"threshold_document.en": address, "letterhead.en": HEAD}
        with pytest.raises(InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM settings_versions")
    async with transaction(held.record.door, AUTHORITY) as connection:
        await versions.put(connection, "settings", {}, "p-admin")  # The record is every test's of this module.


async def test_each_letter_about_the_meeting_leads_to_the_thresholds_until_it_is_off(held: Held) -> None:
    await held.arranged()
    links, mine = answering(held.record.keys).links.for_(THRESHOLDS), held.table.guest("police").id
    told = [await held.sent_to("p-police")]
    await held.kept(lambda: held.table.answers("police", when="2026-11-23 11:00"))
    await held.kept(lambda: held.table.wait("2026-12-14 12:00"))
    told.append(await held.sent_to("p-police"))
    assert [str(each["Subject"]) for each in told] == ["Siwrnai: invitation to a meeting", "Siwrnai: a reminder of a meeting"]
    for each in told:
        assert links.read(link(each, "thresholds"), at("2026-12-20")) == of_meeting("m-1", mine)
        assert "/thresholds/" not in str(each.get_body(("calendar",)) or ""), "calendars are shared"
    await held.kept(lambda: held.table.does("called_off", reason="text:r#1"))
    assert "/thresholds/" not in text(await held.sent_to("p-police"))


async def test_no_mail_and_no_calendar_names_the_child(held: Held) -> None:
    await held.arranged()
    await held.kept(lambda: held.table.wait("2026-12-14 12:00"))
    mails = await held.sent()
    assert {LetterKind.invitation, LetterKind.day_before} <= {each.kind for each in held.table.letters}
    assert all(held.table.children[0] not in each.as_string() for each in mails)


async def test_a_move_reaches_the_calendar_as_its_next_number_and_what_it_overtakes_is_not_sent(held: Held) -> None:
    await held.arranged()
    await held.kept(lambda: held.table.does("moved", starts=at("2026-12-16 14:00")))
    moved = await held.sent_to("p-police")
    assert (calendar(moved)["SEQUENCE"], calendar(moved).decoded("dtstart")) == (1, at("2026-12-16 14:00"))
    assert "replaces earlier invitations" in text(moved)
    assert DeliveryState.stale in await held.states(LetterKind.invitation)


async def test_called_off_clears_the_calendar(held: Held) -> None:
    await held.arranged()
    uid = calendar(await held.sent_to("p-police"))["UID"]
    await held.kept(lambda: held.table.does("called_off", reason="text:r#1"))
    cancelled = await held.sent_to("p-police")
    assert cancelled["Subject"] == "Siwrnai: a meeting has been cancelled"
    assert (calendar(cancelled)["UID"], calendar(cancelled)["STATUS"], calendar(cancelled)["SEQUENCE"]) == (uid, "CANCELLED", 1)
    assert "/answer/" not in text(cancelled)


async def test_the_silent_are_asked_again_and_at_last_the_agencys_lead_who_is_told_who_is_silent(held: Held) -> None:
    await held.arranged(starts="2026-12-17 10:00")
    await held.sent()
    held.table.answers("education")
    await held.kept(lambda: held.table.wait("2026-12-16 08:00"))
    chasers = {each["To"]: each for each in await held.sent() if each["Subject"] == "Siwrnai: an invitation awaits an answer"}
    assert "p-head@enghraifft.example" not in chasers
    lead = chasers["p-police-lead@enghraifft.example"]
    assert "Has not answered: Name of p-police" in text(lead)
    assert "/answer/" not in text(lead), "only the person invited answers"
    assert "/answer/" in text(chasers["p-police@enghraifft.example"])


async def test_whoever_answered_meanwhile_is_not_asked_again(held: Held) -> None:
    await held.arranged(starts="2026-12-17 10:00")
    await held.sent()
    await held.kept(lambda: held.table.wait("2026-12-08 12:00"))
    await held.kept(lambda: held.table.answers("police", when="2026-12-08 12:01"))
    assert all(each["To"] != "p-police@enghraifft.example" for each in await held.sent())


async def test_whoever_arranged_it_is_told_that_a_mail_server_refused_an_invitation(held: Held) -> None:
    await held.arranged()
    await held.sent()
    await held.kept(lambda: held.table.does("undeliverable", invitee=held.table.guest("police").id))
    notice = await held.sent_to("p-mari")
    said = text(notice)
    assert "An invitation to a meeting could not be delivered" in said
    assert all(each in said for each in ("Invited as: police", "Initial child protection conference", "siwrnai meeting show m-1"))


async def test_a_link_ends_a_week_after_the_meeting(held: Held) -> None:
    await held.arranged()
    token = link(await held.sent_to("p-police"), "answer")
    links, _ = answering(held.record.keys)
    ends = at("2026-12-15 12:00") + dt.timedelta(days=7)
    links.read(token, ends - dt.timedelta(seconds=1))
    with pytest.raises(Exception, match="expired"):
        links.read(token, ends)


async def test_sent_again_to_a_corrected_mailbox_it_is_the_same_object_with_a_later_stamp(held: Held) -> None:
    await held.arranged()
    first = await held.sent_to("p-police")
    row = Person(person="p-police", name="p-police", email="heddlu@enghraifft.example", language="en", valid_from=at("2026-02-01"))
    async with transaction(held.record.door, AUTHORITY) as connection:
        await directory.put_person(connection, row, "p-admin")
    await held.kept(lambda: held.table.does("undeliverable", "2026-12-03 10:00", invitee=held.table.guest("police").id))
    await held.kept(lambda: held.table.does("sent_again", "2026-12-03 11:00", invitee=held.table.guest("police").id))
    (again,) = [each for each in await held.sent() if each["To"] == "heddlu@enghraifft.example"]
    before, after = (calendar(each).decoded for each in (first, again))
    for same in ("UID", "SEQUENCE", "DTSTART"):
        assert after(same) == before(same)
    assert after("DTSTAMP") > before("DTSTAMP")
    assert "heddlu@enghraifft.example" in str(after("ATTENDEE"))
    assert again["Message-ID"] != first["Message-ID"]

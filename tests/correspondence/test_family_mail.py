"""What one of the family gets by mail: the letter in plain words with an object for its calendar. Real PostgreSQL, real SMTP."""

from email.message import EmailMessage

import pytest

from correspondence.meetings import answering
from record import family
from record.pool import transaction
from schemas.clocks import Language
from schemas.family import FamilyMember, Reach, Relation, Way
from schemas.papers import Paper
from tests.correspondence.conftest import Record
from tests.correspondence.test_meeting_letters import PLACE, Held, begun, calendar, link, opens_in, text
from tests.procedures.child import at
from tests.record.conftest import AUTHORITY
from web.links import THRESHOLDS, of_meeting

FAMILY: dict[str, tuple[str, Relation, Language | None]] = {
    "p-mother": ("parents", Relation.parent, "en"),
    "p-friend": ("supporter", Relation.supporter, None),
    "p-child": ("child_where_appropriate", Relation.child, "cy"),
}


@pytest.fixture
async def held(record: Record) -> Held:
    """A mother, her supporter and a child are invited as well; each has a mailbox that is safe."""
    found = await begun(record)
    found.table.asks_for_reports = False
    found.table.family = {person: (part, Reach(Way.email)) for person, (part, _, _) in FAMILY.items()}
    async with transaction(record.door, AUTHORITY) as connection:
        for person, (_, relation, language) in FAMILY.items():
            email = f"{person}@enghraifft.example"
            member = FamilyMember(person=person, relation=relation, name=f"Name of {person}", language=language, way=Way.email, email=email)
            await family.put(connection, found.table.children[0], member, record.keys, "p-mari")
    return found


async def released(held: Held) -> None:
    """Arranged, and each of the family has been spoken with."""
    await held.arranged()
    for person in FAMILY:
        (guest,) = [each.id for each in held.table.state.invitees if each.person == person]
        await held.kept(lambda guest=guest: held.table.does("released", invitee=guest, spoken_at=held.table.now))


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return part.get_content()


async def test_nothing_is_sent_to_any_of_them_before_it_is_released(held: Held) -> None:
    await held.arranged()
    assert {str(each["To"]).partition("@")[0] for each in await held.sent()} & set(FAMILY) == set()


async def test_a_mother_is_invited_in_plain_words_with_the_leaflets_and_a_plain_line_in_her_calendar(held: Held) -> None:
    await released(held)
    mail = await held.sent_to("p-mother")
    said = text(mail)
    assert mail["Subject"] == "Siwrnai: invitation to a meeting"
    assert calendar(mail)["SUMMARY"] == "Meeting"
    for each in (
        "We want to hear what you think",
        "Initial child protection conference",
        PLACE,
        "Name of p-mari",
        "/answer/",
        "080880 23456",
    ):
        assert each in said, each
    assert '<section class="leaflet">' in html(mail)
    assert "Invited as" not in said


async def test_a_parent_reads_when_a_child_needs_protection_by_a_link_that_counts_its_opening(held: Held) -> None:
    await released(held)
    mails = {str(each["To"]).partition("@")[0]: each for each in await held.sent()}
    (mother,) = [each.id for each in held.table.state.invitees if each.person == "p-mother"]
    thresholds = answering(held.record.keys).links.for_(THRESHOLDS)
    assert thresholds.read(link(mails["p-mother"], "thresholds"), at("2026-12-20")) == of_meeting("m-1", mother)
    assert opens_in(mails["p-mother"], "thresholds") == [("thresholds", "en")]
    for person in ("p-friend", "p-child"):
        assert "/thresholds/" not in mails[person].as_string(), "a supporter's letter and a child's say nowhere what the meeting is"


async def test_a_family_letter_names_no_child_and_nobody_else_who_is_invited(held: Held) -> None:
    await released(held)
    mails = {str(each["To"]).partition("@")[0]: each for each in await held.sent()}
    others = {person for person in held.table.people.values()} | set(FAMILY) | {"p-nia", held.table.children[0]}
    for person in FAMILY:
        for other in others - {person, "p-mari"}:
            assert other not in mails[person].as_string().replace(str(mails[person]["To"]), ""), other


async def test_each_is_written_to_in_its_own_language_and_for_its_own_age(held: Held) -> None:
    await released(held)
    mails = {str(each["To"]).partition("@")[0]: each for each in await held.sent()}
    assert "Rydym yn dy wahodd di i gyfarfod" in text(mails["p-child"])
    assert mails["p-friend"]["Content-Language"] == "cy, en"
    assert "to support somebody" in text(mails["p-friend"])
    assert "conference" not in text(mails["p-friend"])


async def test_a_move_is_told_with_the_new_date_and_without_the_leaflets_again(held: Held) -> None:
    await released(held)
    await held.kept(lambda: held.table.does("moved", starts=at("2026-12-16 14:00")))
    mail = await held.sent_to("p-mother")
    assert "Your meeting has changed" in text(mail)
    assert "Wednesday 16 December 2026 at 14:00" in text(mail)
    assert "leaflet" not in text(mail).lower()
    assert calendar(mail)["SEQUENCE"] == 1


async def test_called_off_is_told_plainly_and_clears_the_calendar(held: Held) -> None:
    await released(held)
    await held.sent()
    await held.kept(lambda: held.table.does("called_off", reason="text:r#1"))
    mail = await held.sent_to("p-mother")
    assert "Your meeting will not take place" in text(mail)
    assert PLACE not in text(mail)
    assert calendar(mail)["STATUS"] == "CANCELLED"


async def test_the_link_to_a_paper_opens_the_page_in_the_language_of_the_letter(held: Held) -> None:
    child = held.table.children[0]
    held.table.around_more = {"papers": {Paper.outline_plan: frozenset({child})}}
    await released(held)
    await held.sent()
    there = [{"invitee": held.table.guest("police").id, "how": "there"}]
    await held.kept(lambda: held.table.does("held", "2026-12-15 12:00", attendance=there))
    await held.kept(lambda: held.table.does("circulated", "2026-12-21 10:00", paper="outline_plan"))
    mails = {str(each["To"]).partition("@")[0]: each for each in await held.sent() if "/papers/" in each.as_string()}
    for person, language in {"p-mother": "en", "p-child": "cy", "p-police": "en", "p-head": "cy"}.items():
        assert opens_in(mails[person], "papers") == [("papers", language)], person
    assert opens_in(mails["p-hv"], "papers") == [("papers", "cy"), ("papers", "en")], "whose language is not known"


async def test_in_both_languages_each_half_of_a_letter_leads_to_the_page_in_its_own(held: Held) -> None:
    await released(held)
    mails = {str(each["To"]).partition("@")[0]: each for each in await held.sent()}
    assert opens_in(mails["p-hv"], "answer", "thresholds") == [
        (path, language) for language in ("cy", "en") for path in ("answer", "thresholds")
    ]
    assert opens_in(mails["p-friend"], "answer") == [("answer", "cy"), ("answer", "en")], "of the family too"
    welsh, english = text(mails["p-friend"]).split("-" * 72)
    assert ("lang=cy" in welsh, "lang=en" in welsh, "lang=cy" in english) == (True, False, False)

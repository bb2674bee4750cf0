"""What an agency is sent about its report: what is asked for and by when, a link of its own, the thresholds; no name and no words."""

from email.message import EmailMessage

import pytest

from correspondence.meetings import answering
from procedures.in_force import rules_in_force
from schemas.letters import DeliveryState, LetterKind
from tests.correspondence.conftest import Record
from tests.correspondence.test_meeting_letters import Held, begun, link, text
from tests.procedures.child import at
from web.links import REPORT, THRESHOLDS, Forged, meeting_and_invitee

WORDS = f"report:{'0' * 31}1#{'0' * 64}"


@pytest.fixture
async def held(record: Record) -> Held:
    return await begun(record)


def to(mails: list[EmailMessage], person: str, subject: str) -> EmailMessage:
    (found,) = [each for each in mails if each["To"] == f"{person}@enghraifft.example" and each["Subject"] == f"Siwrnai: {subject}"]
    return found


async def test_it_is_asked_for_in_the_readers_language_with_a_due_date_a_link_and_the_thresholds(held: Held, record: Record) -> None:
    await held.arranged()
    mails = await held.sent()
    police, head = to(mails, "p-police", "a report is asked for"), to(mails, "p-head", "gofynnir am adroddiad")
    said = text(police)
    for each in ("Invited as: police", "A report on: 1 child", "Due: Thursday 10 December 2026", "Tuesday 15 December 2026 at 10:00"):
        assert each in said
    assert "Adroddiad ar: 1 plentyn" in text(head)
    links, mine = answering(record.keys).links, held.table.guest("police").id
    reports, thresholds = links.for_(REPORT), links.for_(THRESHOLDS)
    assert meeting_and_invitee(reports.read(link(police, "report"), at("2026-12-20"))) == ("m-1", mine)
    assert meeting_and_invitee(thresholds.read(link(police, "thresholds"), at("2026-12-20"))) == ("m-1", mine)
    for other in (links, thresholds):
        with pytest.raises(Forged):
            other.read(link(police, "report"), at("2026-12-20"))
    assert held.table.children[0] not in police.as_string(), "no letter about a meeting names a child"


async def test_whoever_has_given_it_is_not_asked_again_and_the_lead_gets_no_link_to_give_it(held: Held) -> None:
    await held.arranged(starts="2026-12-17 10:00")
    await held.sent()
    await held.kept(lambda: held.table.wait("2026-12-16 12:00"))
    head = held.table.guest("education")
    given = {"actor": "p-head", "invitee": head.id, "child": held.table.children[0], "words": WORDS}
    await held.kept(lambda: held.table.does("report_given", **given))
    mails = await held.sent()
    assert not [
        each for each in mails if each["To"] == "p-head@enghraifft.example" and each["Subject"] == "Siwrnai: rydym yn aros am adroddiad"
    ]
    assert DeliveryState.stale in await held.states(LetterKind.report_chaser)
    lead = to(mails, "p-police-lead", "a report is awaited")
    assert "Has not answered: Name of p-police" in text(lead)
    assert "/report/" not in text(lead)
    # What the lead opens must not count as opened by the one who is silent.
    assert "/thresholds/" not in text(lead)
    assert rules_in_force().threshold_document.en in text(lead)


async def test_a_returned_report_names_the_sections_of_which_more_is_asked(held: Held) -> None:
    await held.arranged()
    await held.sent()
    guest, child = held.table.guest("police"), held.table.children[0]
    await held.kept(lambda: held.table.does("report_given", actor="p-police", invitee=guest.id, child=child, words=WORDS))
    back = {"actor": "p-nia", "invitee": guest.id, "child": child, "missing": ["impact", "known_how"]}
    await held.kept(lambda: held.table.does("report_returned", None, **back))
    mail = to(await held.sent(), "p-police", "more is asked for in a report")
    assert "More is needed on: Impact on this child; How that is known" in text(mail)

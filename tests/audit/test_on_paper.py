"""Letters on paper stand beside the mails: to whom, printed and handed over by whom, and when. Read off the meeting's log alone."""

from audit.on_paper import with_paper
from audit.standing import letter_then
from schemas.family import Reach, Way
from schemas.meetings import MeetingEntry
from schemas.papers import Paper
from schemas.replay import Beside, LetterThen, MeetingLog, ReadOf, SentLetter
from tests.procedures.child import at
from tests.procedures.meetings.table import Table

SIAN = "f-sian"


def released() -> Table:
    """A conference to which a mother is invited who is reached by post."""
    table = Table(papers={Paper.outline_plan: frozenset({"c-1"})})
    table.asks_for_reports = False
    table.family = {SIAN: ("parents", Reach(Way.post))}
    table.arranged()
    table.does("released", "2026-12-03 10:00", invitee=table.guest("parents").id, spoken_at=at("2026-12-03 09:00"))
    return table


def letters(table: Table, *reads: ReadOf, until: str = "2027-06-01 10:00", child: str = "c-1") -> list[LetterThen]:
    """What an auditor is told of them at an instant."""
    log = MeetingLog(meeting="m-1", authority="sir-enghraifft", about=("c-1",), entries=tuple(_logged(table)))
    mail = SentLetter(cause="e-1", letter="l-1", kind="alert", recipient="p-huw", about="screening", at=at("2026-12-03 12:00"))
    found = with_paper(Beside(meetings=(log,), reads=reads, letters=(mail,)), child).letters
    assert [each.at for each in found] == sorted(each.at for each in found)
    return [letter_then(each, at(until)) for each in found if each.on_paper is not None and each.at <= at(until)]


def _logged(table: Table) -> list[MeetingEntry]:
    return [MeetingEntry.model_validate_json(each.model_dump_json()) for each in table.entries]


def test_who_was_to_have_one_and_who_printed_it_and_handed_it_over() -> None:
    table = released()
    mother = table.guest("parents").id
    table.does("handed_over", "2026-12-04 15:00", invitee=mother, actor="p-huw", happened_at=at("2026-12-04 14:00"))
    prints = [
        ReadOf(actor=actor, purpose=f"{purpose} {mother}", at=at(day))
        for actor, purpose, day in (
            ("p-nia", "meeting letter for", "2026-12-03 13:00"),
            ("p-mari", "meeting letter for", "2026-12-04 13:00"),
            ("p-carys", "papers for", "2026-12-04 14:00"),
            ("p-nia", "meeting letter for", "2026-12-05 13:00"),
        )
    ]
    (one,) = letters(table, *prints)
    assert (one.kind, one.recipient, one.state, one.since) == ("invitation", SIAN, "handed_over", at("2026-12-04 14:00"))
    assert one.on_paper is not None and one.on_paper.handed_over is not None and one.on_paper.printed is not None
    assert (one.on_paper.handed_over.by, one.on_paper.printed.actor) == ("p-huw", "p-mari")
    (before,) = letters(table, *prints, until="2026-12-04 14:30")
    assert (before.state, before.on_paper and before.on_paper.handed_over) == ("to_hand_over", None), "it was told later"
    assert letters(table, child="c-2") == []


def test_a_letter_that_another_replaces_was_never_handed_over() -> None:
    table = released()
    table.does("moved", "2026-12-05 10:00", starts=at("2026-12-16 10:00"), reason="text:a#b")
    table.does("handed_over", "2026-12-06 10:00", invitee=table.guest("parents").id)
    assert [each.state for each in letters(table)] == ["replaced", "handed_over"]
    assert [each.state for each in letters(table, until="2026-12-04 10:00")] == ["to_hand_over"]


def test_papers_of_the_conference_are_told_besides() -> None:
    table = released()
    police = table.guest("police").id
    table.does("held", "2026-12-15 12:00", attendance=[{"invitee": police, "how": "there"}])
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    assert [(each.kind, each.state) for each in letters(table)] == [("invitation", "lapsed"), ("paper", "to_hand_over")]
    table.does("handed_over", "2026-12-22 10:00", invitee=table.guest("parents").id)
    assert letters(table)[-1].state == "handed_over"


def test_an_invitation_that_nobody_handed_over_in_time_says_so_and_not_that_another_took_its_place() -> None:
    table = released()
    police = table.guest("police").id
    table.does("held", "2026-12-15 12:00", attendance=[{"invitee": police, "how": "there"}])
    assert [(each.state, each.since) for each in letters(table)] == [("lapsed", at("2026-12-15 12:00"))]
    assert [each.state for each in letters(table, until="2026-12-15 11:00")] == ["to_hand_over"]


def test_of_a_meeting_that_was_called_off_or_without_this_person_nothing_waits_to_be_handed_over() -> None:
    off = released()
    off.does("called_off", "2026-12-05 10:00", reason="text:a#b")
    assert next(each.state for each in letters(off)) == "lapsed"
    left_out = released()
    left_out.does("left_out", "2026-12-05 10:00", invitee=left_out.guest("parents").id, reason="text:a#b")
    assert next(each.state for each in letters(left_out)) == "lapsed"

"""The family is told first by somebody they know; nothing is sent to any of them before it is released, and then by the safe way alone."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.meetings.release import owes_letter, owes_needs
from procedures.refusals import Refused
from schemas.family import Reach, Way
from schemas.letters import LetterKind
from tests.procedures.child import at
from tests.procedures.meetings.table import Table, day

SIAN, DYLAN = "f-sian", "f-dylan"
BY_MAIL, BY_HAND = Reach(Way.email), Reach(Way.by_hand)


def conference(children: tuple[str, ...] = ("c-1",), sian: Reach = BY_MAIL, dylan: Reach = BY_HAND) -> Table:
    """An initial conference; the mother has a mailbox of her own, the father is handed his letters."""
    table = Table(children=children)
    table.asks_for_reports = False
    table.family = {SIAN: ("parents", sian), DYLAN: ("parents", dylan)}
    table.arranged()
    return table


def release(table: Table, person: str, when: str | None = None, **fields: Any) -> Any:
    """The social worker spoke with that person, and lets the letter go."""
    if when is not None:
        table.wait(when)
    return table.does("released", invitee=invitee(table, person), spoken_at=fields.pop("spoken_at", table.now), **fields)


def invitee(table: Table, person: str) -> str:
    return next(each.id for each in table.state.invitees if each.person == person)


@contextmanager
def refused(code: str) -> Generator[None]:
    """It is, for that reason."""
    with pytest.raises(Refused) as found:
        yield
    assert found.value.code == code


def notices(table: Table, to: str) -> list[str]:
    return [each.about for each in table.sent(LetterKind.notice, to)]


def test_both_parents_are_invited_and_nothing_goes_to_either_before_it_is_released() -> None:
    table = conference()
    table.wait("2026-12-15 09:00")
    assert {each.person for each in table.state.invitees if each.role == "parents"} == {SIAN, DYLAN}
    assert [each for each in table.letters if each.recipient in {SIAN, DYLAN}] == []
    assert table.sent(LetterKind.invitation, "p-police"), "the others are asked at once"


def test_the_social_worker_is_told_at_once_and_again_when_the_conference_comes_near() -> None:
    table = conference()
    assert notices(table, "p-mari") == ["family_to_be_told"]
    table.wait("2026-12-09 08:29")
    assert notices(table, "p-mari") == ["family_to_be_told"]
    table.wait("2026-12-15 09:00")
    assert notices(table, "p-mari") == ["family_to_be_told", "family_not_told"]
    assert table.sent(LetterKind.notice, "p-mari")[1].at == day("2026-12-09"), "four working days before"


def test_once_everybody_is_released_nobody_is_reminded() -> None:
    table = conference()
    for person in (SIAN, DYLAN):
        release(table, person, "2026-12-03 12:00")
    table.wait("2026-12-15 09:00")
    assert "family_not_told" not in notices(table, "p-mari")


def test_a_released_mother_gets_her_invitation_and_is_never_chased() -> None:
    table = conference()
    release(table, SIAN, "2026-12-03 12:00")
    assert [each.at for each in table.sent(LetterKind.invitation, SIAN)] == [at("2026-12-03 12:00")]
    table.wait("2026-12-15 09:00")
    assert table.sent(LetterKind.chaser, SIAN) == []
    assert [each.at for each in table.sent(LetterKind.day_before, SIAN)] == [day("2026-12-14")]
    assert [each for each in table.letters if each.recipient == DYLAN] == []


def test_who_is_handed_letters_gets_no_mail_and_the_letter_is_the_social_workers_to_hand_over() -> None:
    table = conference()
    release(table, DYLAN, "2026-12-03 12:00")
    assert [each for each in table.letters if each.recipient == DYLAN] == []
    assert notices(table, "p-mari")[-1] == "family_letter_to_hand_over"
    dylan = table.state.invitee(invitee(table, DYLAN))
    assert dylan is not None
    assert owes_letter(dylan)
    table.does("handed_over", "2026-12-03 17:00", invitee=dylan.id)
    after = table.state.invitee(dylan.id)
    assert after is not None
    assert after.handed_over_at == at("2026-12-03 17:00")
    with refused("no_letter_owed"):
        table.does("handed_over", invitee=dylan.id)


def test_a_move_reaches_each_by_their_own_way_and_the_letter_is_owed_again() -> None:
    table = conference()
    for person in (SIAN, DYLAN):
        release(table, person, "2026-12-03 12:00")
    table.does("handed_over", invitee=invitee(table, DYLAN))
    table.does("moved", "2026-12-10 09:00", starts=at("2026-12-15 13:30"), reason="The school asked.")
    assert [each.content["sequence"] for each in table.sent(LetterKind.invitation, SIAN)] == [0, 1]
    dylan = table.state.invitee(invitee(table, DYLAN))
    assert dylan is not None
    assert owes_letter(dylan)
    assert notices(table, "p-mari")[-1] == "family_letter_to_hand_over"


def test_the_way_that_is_safe_now_counts_not_the_one_when_it_was_arranged() -> None:
    table = conference()
    release(table, SIAN, "2026-12-03 12:00")
    table.family[SIAN] = ("parents", Reach(Way.by_hand))
    table.does("called_off", "2026-12-10 09:00", reason="No longer needed.")
    assert [each.content["method"] for each in table.sent(LetterKind.invitation, SIAN)] == ["REQUEST"]
    assert notices(table, "p-mari")[-1] == "family_to_be_told_it_is_off"


def test_nobody_but_the_childs_social_worker_or_manager_releases_and_only_after_speaking() -> None:
    table = conference()
    with refused("not_yours_to_release"):
        release(table, SIAN, "2026-12-03 12:00", actor="p-nia")
    with refused("not_spoken_yet"):
        release(table, SIAN, spoken_at=at("2026-12-04 12:00"))
    assert table.sent(LetterKind.invitation, SIAN) == []


def test_for_siblings_with_social_workers_of_their_own_each_releases_and_it_goes_out_with_the_last() -> None:
    table = conference(("c-1", "c-2"))
    table.releasers = {"c-1": frozenset({"p-mari"}), "c-2": frozenset({"p-elin"})}
    assert "released_in_part" in release(table, SIAN, "2026-12-03 12:00").notes
    assert table.sent(LetterKind.invitation, SIAN) == []
    release(table, SIAN, actor="p-elin")
    assert len(table.sent(LetterKind.invitation, SIAN)) == 1


def test_where_no_way_is_safe_nothing_is_sent_and_that_is_said() -> None:
    table = conference(sian=Reach(Way.none))
    assert "no_safe_way" in release(table, SIAN, "2026-12-03 12:00").notes
    assert [each for each in table.letters if each.recipient == SIAN] == []


def test_who_is_told_nothing_since_is_not_released_and_gets_no_update() -> None:
    table = conference()
    release(table, SIAN, "2026-12-03 12:00")
    table.shut_out = {"c-1": frozenset({SIAN, DYLAN})}
    with refused("invitee_shut_out"):
        release(table, DYLAN)
    table.does("moved", "2026-12-10 09:00", starts=at("2026-12-15 13:30"), reason="The school asked.")
    assert len(table.sent(LetterKind.invitation, SIAN)) == 1


def test_an_interpreter_is_booked_with_the_date_and_again_when_it_moves() -> None:
    table = conference(sian=Reach(Way.email, needs=True))
    assert "needs_to_book" in notices(table, "p-mari")
    guest = invitee(table, SIAN)

    def owed() -> bool:
        found = table.state.invitee(guest)
        return found is not None and owes_needs(table.state, found)

    assert owed()
    table.does("needs_booked", "2026-12-03 12:00", invitee=guest)
    assert not owed()
    table.does("moved", "2026-12-10 09:00", starts=at("2026-12-15 13:30"), reason="The school asked.")
    assert owed()


STEPS = st.lists(
    st.sampled_from(["release", "hand_over", "move", "call_off", "by_hand", "by_mail", "none", "shut_out", "wait", "leave_out", "book"]),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_happens_in_whatever_order_no_mail_goes_to_a_parent_before_release_or_by_a_way_that_is_not_safe(steps: list[str]) -> None:
    table = conference()
    guest, hours, released = invitee(table, SIAN), 0, False
    for step in steps:
        hours += 3
        before = len([each for each in table.letters if each.recipient == SIAN])
        way = table.family[SIAN][1].way
        try:
            released = _happens(table, step, guest, hours) or released
        except Refused:
            continue
        sent = len([each for each in table.letters if each.recipient == SIAN]) - before
        if sent:
            assert released
            assert way is Way.email
            assert SIAN not in table.shut_out.get("c-1", frozenset())


def _happens(table: Table, step: str, guest: str, hours: int) -> bool:
    """True where it released her."""
    now = at("2026-12-02 17:00").replace(hour=17) if hours == 0 else table.now
    match step:
        case "release":
            table.does("released", invitee=guest, spoken_at=now)
            return True
        case "hand_over":
            table.does("handed_over", invitee=guest)
        case "book":
            table.does("needs_booked", invitee=guest)
        case "move":
            table.does("moved", starts=at(f"2026-12-16 {8 + hours % 10:02}:00"), reason="Why.")
        case "call_off":
            table.does("called_off", reason="Why.")
        case "leave_out":
            table.does("left_out", invitee=guest, reason="Why.")
        case "wait":
            table.wait(f"2026-12-{3 + hours // 6:02} 09:00")
        case "shut_out":
            table.shut_out = {"c-1": frozenset({SIAN})}
        case _:
            table.family[SIAN] = ("parents", Reach({"by_hand": Way.by_hand, "by_mail": Way.email, "none": Way.none}[step]))
    return False


def test_another_place_alone_keeps_what_was_booked_and_reminded_and_sends_the_family_the_place() -> None:
    table = conference(sian=Reach(Way.email, needs=True))
    sian = invitee(table, SIAN)
    release(table, SIAN)
    table.does("needs_booked", invitee=sian)
    table.wait("2026-12-14 09:00")
    assert table.state.release_reminded == table.state.date, "of Dylan, who has not been told"
    told = notices(table, "p-mari")
    answer = table.does("moved", starts=at("2026-12-15 10:00"), place="text:new#x")
    assert answer.notes == ("place_alone", "needs_elsewhere")
    table.wait("2026-12-14 17:00")
    guest = next(each for each in table.state.invitees if each.id == sian)
    assert (owes_needs(table.state, guest), table.state.release_reminded) == (False, table.state.date)
    assert notices(table, "p-mari") == told, "nobody is asked to do again what was done"
    held = table.calendar(SIAN)
    assert held is not None
    assert (held["sequence"], held["place"]) == (1, "text:new#x")
    assert table.calendar(DYLAN) is None


def test_somebody_of_the_family_who_is_invited_later_has_needs_and_comes_apart_as_the_record_says() -> None:
    table = Table()
    table.asks_for_reports = False
    table.arranged()
    table.family = {SIAN: ("parents", Reach(Way.email, needs=True, apart=True))}
    answer = table.does("invited", who={"role": "parents", "person": SIAN})
    guest = table.guest("parents")
    assert (guest.needs, guest.apart) == (True, True)
    assert "needs_to_book" in answer.notes
    release(table, SIAN)
    held = table.calendar(SIAN)
    assert held is not None
    assert held["apart"] is True


def test_who_attends_separately_is_written_down_as_before() -> None:
    table = conference()
    sian, dylan = invitee(table, SIAN), invitee(table, DYLAN)
    table.does("attends_separately", invitee=sian, apart_from=[dylan], reason="text:a#b")
    stored = table.state.model_dump(mode="json")
    assert stored["apart"] == {sian: [dylan]}
    assert type(table.state).model_validate(stored) == table.state

"""Which parts of a conference's paper each reader may read: the child's voice, and what is closed to one of the family."""

import datetime as dt
from typing import Any

import pytest

from procedures.in_force import rules_in_force
from procedures.meetings.papers import children_of, could_send, gets, may_read_voice, readable
from procedures.meetings.release import owes_letter
from procedures.meetings.separate import left_out_for
from procedures.refusals import Refused
from schemas.clocks import Language
from schemas.commands.base import PlanLine
from schemas.family import Reach, Way
from schemas.letters import LetterKind
from schemas.meetings import Invitee
from schemas.papers import Circulated, Closed, Decided, Paper, PaperPart, PaperSection, PaperWords, VoiceReader
from tests.procedures.child import at
from tests.procedures.meetings.table import Table

NOW = dt.datetime(2026, 12, 21, 10, 0, tzinfo=dt.UTC)


def guest(role: str, **fields: Any) -> Invitee:
    return Invitee.model_validate({"id": "i-1", "role": role, "person": "p-1", "children": ("c-1", "c-2"), **fields})


def paper(*closed: PaperPart, voice_for: tuple[VoiceReader, ...] = ("conference", "parents")) -> PaperWords:
    return PaperWords(
        decided=Decided(decision="register", on=NOW.date(), voice_for=voice_for),
        sections={PaperSection.voice: "Voice.", PaperSection.reasons: "Why.", PaperSection.risks: "Risks."},
        plan=(PlanLine(change_needed="Breakfast.", sign_of_change="Seen.", who_helps="Mari."),),
        closed=tuple(Closed(section=each, person="i-1") for each in closed),
    )


@pytest.mark.parametrize(
    ("role", "voice_for", "reads"),
    [
        ("chair", (), True),
        ("social_worker", ("chair",), True),
        ("child_where_appropriate", ("chair",), True),
        ("advocate", ("chair",), True),
        ("parents", ("chair", "conference", "school"), False),
        ("parents", ("parents",), True),
        ("foster_carer", ("conference",), False),
        ("police", ("chair",), False),
        ("police", ("school",), False),
        ("police", ("conference",), True),
        ("education", ("school",), True),
        ("education", ("chair",), False),
        ("supporter", ("parents", "conference"), False),
    ],
)
def test_a_voice_is_for_those_alone_who_may_read_it(role: str, voice_for: tuple[VoiceReader, ...], reads: bool) -> None:
    assert may_read_voice(guest(role), voice_for) is reads
    shown = readable({"en": paper(voice_for=voice_for)}, paper(voice_for=voice_for), tuple(PaperSection), guest(role))
    assert (PaperSection.voice in shown.sections) is reads


def test_what_is_closed_in_one_language_is_closed_in_the_other_and_to_nobody_else() -> None:
    versions: dict[Language, PaperWords] = {"cy": paper("risks", "plan"), "en": paper()}
    shown = readable(versions, versions["en"], tuple(PaperSection), guest("parents"))
    assert (set(shown.sections), shown.plan) == ({PaperSection.voice, PaperSection.reasons}, ())
    other = readable(versions, versions["en"], tuple(PaperSection), guest("parents", id="i-2"))
    assert set(other.sections) == {PaperSection.voice, PaperSection.reasons, PaperSection.risks}
    assert other.plan


def test_sections_stand_in_the_order_of_their_form_and_no_others() -> None:
    form = rules_in_force().papers.sections[Paper.outline_plan]
    shown = readable({"en": paper()}, paper(), form, guest("chair"))
    assert list(shown.sections) == [PaperSection.reasons, PaperSection.risks, PaperSection.voice]
    assert readable({"en": paper()}, paper(), (PaperSection.reasons,), guest("chair")).sections == {PaperSection.reasons: "Why."}


def test_the_family_has_it_of_those_children_alone_for_whom_it_was_released() -> None:
    out = Circulated(paper=Paper.outline_plan, at=NOW, by="p-nia", children=("c-1", "c-2"), until=NOW)
    assert children_of(guest("parents"), out) == ()
    assert children_of(guest("parents", released=("c-2",)), out) == ("c-2",)
    assert children_of(guest("parents", released=("c-1", "c-2")), out, shut_out=["c-1"]) == ("c-2",)
    assert children_of(guest("police"), out.model_copy(update={"children": ("c-1",)})) == ("c-1",)
    assert children_of(guest("advocate", agency="a-1"), out) == ("c-1", "c-2"), "of an agency, as any professional"


def test_no_supporter_gets_papers() -> None:
    assert "supporter" not in rules_in_force().papers.told


SIAN = "f-sian"


def held(sian: Way = Way.email) -> Table:
    """A conference about two children that was held, its outline plan written for both."""
    table = Table(children=("c-1", "c-2"), papers={Paper.outline_plan: frozenset({"c-1", "c-2"})})
    table.asks_for_reports = False
    table.family = {SIAN: ("parents", Reach(sian)), "f-ffrind": ("supporter", Reach(Way.email))}
    table.arranged()
    table.does("held", "2026-12-15 12:00", attendance=[{"invitee": table.guest("police").id, "how": "absent"}])
    return table


def papers_to(table: Table, person: str) -> list[str]:
    """Under the protection of which child each letter about papers to that person stands."""
    return [each.content["of"] for each in table.letters if each.kind is LetterKind.paper and each.recipient == person]


def mother(table: Table) -> str:
    return next(each.id for each in table.state.invitees if each.person == SIAN)


def test_everybody_there_or_not_hears_once_that_something_waits_and_the_family_not_before_it_is_released() -> None:
    table = held()
    answer = table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    assert answer.notes == ("family_not_released",)
    assert [papers_to(table, person) for person in ("p-police", "p-head", "p-gp", SIAN, "f-ffrind")] == [["c-1"]] * 3 + [[], []]
    assert [each.recipient for each in table.letters if each.about == "paper_waits_for_you"] == ["p-mari"]
    table.does("released", "2026-12-22 10:00", invitee=mother(table), spoken_at=at("2026-12-22 09:00"))
    table.does("follow_up_done", "2026-12-22 11:00", invitee=table.guest("police").id, outcome="text:a#b")
    assert (papers_to(table, SIAN), len(papers_to(table, "p-police"))) == (["c-1"], 1)
    table.does("circulated", "2026-12-23 10:00", paper="outline_plan")
    assert (len(papers_to(table, SIAN)), len(papers_to(table, "p-police"))) == (2, 2), "a corrected paper goes to everybody again"


def test_released_for_one_more_child_it_is_told_again() -> None:
    table = held()
    table.releasers = {"c-1": frozenset({"p-huw"}), "c-2": frozenset({"p-mari"})}
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    for actor, children in (("p-huw", ["c-1"]), ("p-huw", ["c-1"]), ("p-mari", ["c-1", "c-1"])):
        answer = table.does("released", "2026-12-22 10:00", actor=actor, invitee=mother(table), spoken_at=at("2026-12-22 09:00"))
        assert answer.notes == ()
        assert papers_to(table, SIAN) == children


def test_who_is_told_nothing_of_one_child_is_released_and_written_to_for_the_other() -> None:
    table = held()
    table.shut_out = {"c-1": frozenset({SIAN, "p-head"})}
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    table.does("released", "2026-12-22 10:00", invitee=mother(table), spoken_at=at("2026-12-22 09:00"))
    assert (papers_to(table, SIAN), papers_to(table, "p-head")) == (["c-2"], ["c-2"])
    table.shut_out = {each: frozenset({SIAN}) for each in ("c-1", "c-2")}
    with pytest.raises(Refused) as refused:
        table.does("released", invitee=mother(table), spoken_at=at("2026-12-22 09:00"))
    assert refused.value.code == "invitee_shut_out"


@pytest.mark.parametrize(("way", "owed", "note"), [(Way.by_hand, True, ()), (Way.none, False, ("no_safe_way",))])
def test_on_paper_it_is_owed_until_it_is_handed_over_and_without_a_safe_way_the_social_worker_is_told(
    way: Way, owed: bool, note: tuple[str, ...]
) -> None:
    table = held(way)
    table.does("released", "2026-12-16 10:00", invitee=mother(table), spoken_at=at("2026-12-16 09:00"))
    assert table.does("circulated", "2026-12-21 10:00", paper="outline_plan").notes == note
    assert papers_to(table, SIAN) == []
    assert any(each.about == "paper_to_hand_over" for each in table.letters) is owed
    assert any(each.about == "paper_waits_for_you" for each in table.letters) is not owed
    guest = next(each for each in table.state.invitees if each.person == SIAN)
    assert owes_letter(guest) is owed


def test_a_message_that_is_refused_after_the_meeting_is_told_once_and_an_invitation_that_was_not_at_all() -> None:
    table, police = held(), "police"
    with pytest.raises(Refused) as refused:
        table.does("undeliverable", "2026-12-20 10:00", invitee=table.guest(police).id)
    assert refused.value.code == "meeting_over"
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    for _ in range(2):
        table.does("undeliverable", "2026-12-21 11:00", invitee=table.guest(police).id)
    assert [each.recipient for each in table.letters if each.about == "paper_undeliverable"] == [table.state.arranger]


def test_before_it_is_held_there_is_nothing_to_circulate() -> None:
    table = Table(papers={Paper.outline_plan: frozenset({"c-1"})})
    table.arranged()
    with pytest.raises(Refused) as refused:
        table.does("circulated", paper="outline_plan")
    assert refused.value.code == "meeting_not_held"


ELA = "f-ela"


def with_child(**around: Any) -> Table:
    """A conference that was held, to which the child itself was invited and for whom it was released, both papers written."""
    table = Table(papers=dict.fromkeys((Paper.outline_plan, Paper.conference_record), frozenset({"c-1"})), **around)
    table.asks_for_reports = False
    table.family = {ELA: ("child_where_appropriate", Reach(Way.by_hand))}
    table.arranged()
    ela = next(each.id for each in table.state.invitees if each.person == ELA)
    table.does("released", "2026-12-03 10:00", invitee=ela, spoken_at=at("2026-12-03 09:00"))
    table.does("handed_over", "2026-12-03 11:00", invitee=ela)
    table.does("held", "2026-12-15 12:00", attendance=[{"invitee": ela, "how": "there"}])
    return table


def papers_of(table: Table, person: str) -> list[Paper]:
    """Which papers went to that person, by mail or on paper."""
    guest = next(each for each in table.state.invitees if each.person == person)
    return [each.paper for each in table.state.circulated if guest.id in each.sent]


def test_a_child_has_its_own_paper_with_the_plan_and_nothing_with_the_record() -> None:
    table = with_child()
    for paper in ("outline_plan", "conference_record"):
        table.does("circulated", "2026-12-21 10:00", paper=paper)
    assert papers_of(table, ELA) == [Paper.outline_plan]


def test_a_child_too_young_to_read_is_told_in_person_by_its_social_worker() -> None:
    table = with_child(too_young=frozenset({ELA}))
    assert "child_too_young" in table.does("circulated", "2026-12-21 10:00", paper="outline_plan").notes
    assert papers_of(table, ELA) == []
    assert [each.recipient for each in table.letters if each.about == "tell_child_in_person"] == ["p-mari"]


def test_who_may_read_now_is_sent_nothing_until_somebody_says_so() -> None:
    table = held()
    table.shut_out = {each: frozenset({"p-head"}) for each in ("c-1", "c-2")}
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    table.shut_out = {}
    table.does("follow_up_done", "2026-12-22 11:00", invitee=table.guest("police").id, outcome="text:a#b")
    assert papers_to(table, "p-head") == []
    head = next(each.id for each in table.state.invitees if each.person == "p-head")
    table.does("circulated", "2026-12-23 10:00", paper="outline_plan", to=[head])
    assert (len(papers_to(table, "p-head")), len(papers_to(table, "p-police"))) == (1, 1), "and to nobody else again"
    with pytest.raises(Refused) as refused:
        table.does("circulated", "2027-03-23 10:00", paper="outline_plan", to=[head])
    assert refused.value.code == "paper_not_out"


def test_what_the_chair_opens_is_told_to_those_who_send_and_sent_by_nobody() -> None:
    table = held()
    table.does("released", "2026-12-16 10:00", invitee=mother(table), spoken_at=at("2026-12-16 09:00"))
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    table.does("part_opened", "2026-12-22 10:00", paper="outline_plan", child="c-1", invitee=mother(table))
    (told,) = [each for each in table.letters if each.about == "papers_now_readable"]
    assert (told.recipient, told.content["could_send"][0]["invitee"]) == ("p-mari", mother(table))
    assert len(papers_to(table, SIAN)) == 1


def readers_of(table: Table, guest: str, child: str) -> list[tuple[str, ...]]:
    """The children with whom what that invitee has of that child went out."""
    return [each.children for each in table.state.circulated if guest in each.sent and child in each.children]


def test_the_paper_of_one_child_does_not_take_that_of_the_other_from_anybody() -> None:
    table = held()
    police = table.guest("police").id
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan", children=["c-1"])
    table.does("circulated", "2026-12-22 10:00", paper="outline_plan", children=["c-2"])
    assert [readers_of(table, police, child) for child in ("c-1", "c-2")] == [[("c-1",)], [("c-2",)]]
    assert len(papers_to(table, "p-police")) == 2
    table.does("released", "2026-12-22 11:00", invitee=mother(table), spoken_at=at("2026-12-22 10:30"))
    assert len(papers_to(table, SIAN)) == 1, "of both children one letter"
    assert [readers_of(table, mother(table), child) for child in ("c-1", "c-2")] == [[("c-1",)], [("c-2",)]]
    table.does("circulated", "2026-12-23 10:00", paper="outline_plan")
    assert [each.children for each in table.state.circulated] == [("c-1", "c-2")]


def test_nothing_is_sent_whose_page_is_closed_by_now() -> None:
    table = held()
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    answer = table.does("released", "2027-03-22 10:00", invitee=mother(table), spoken_at=at("2027-03-22 09:00"))
    assert (answer.notes, papers_to(table, SIAN)) == (("paper_page_closed",), [])


@pytest.mark.parametrize(
    ("when", "young", "found"), [("2026-12-23", False, True), ("2027-03-22", False, False), ("2026-12-23", True, False)]
)
def test_what_could_be_sent_has_an_open_page_and_is_for_somebody_who_reads(when: str, *, young: bool, found: bool) -> None:
    table = held()
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    rule, too_young = rules_in_force().papers, {SIAN} if young else set[str]()
    assert bool(could_send(table.state, SIAN, "c-1", rule, too_young, at(f"{when} 10:00"))) is found


def test_what_the_release_sent_goes_once_unless_something_changed_or_somebody_says_why() -> None:
    table = held()
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    sian, again = mother(table), {"paper": "outline_plan", "to": [mother(table)]}
    table.does("released", "2026-12-22 10:00", invitee=sian, spoken_at=at("2026-12-22 09:00"))
    assert table.does("circulated", "2026-12-22 10:05", **again).notes == ("paper_sent_already",)
    assert len(papers_to(table, SIAN)) == 1
    table.does("circulated", "2026-12-22 11:00", **again, reason="She has lost it.")
    assert len(papers_to(table, SIAN)) == 2
    table.does("part_opened", "2026-12-23 10:00", paper="outline_plan", child="c-1", invitee=sian)
    table.does("released", "2026-12-23 11:00", invitee=sian, spoken_at=at("2026-12-23 10:30"))
    assert len(papers_to(table, SIAN)) == 3, "the release sends what was opened"
    table.does("part_opened", "2026-12-23 12:00", paper="outline_plan", child="c-1", invitee=sian)
    table.does("circulated", "2026-12-23 13:00", **again)
    assert len(papers_to(table, SIAN)) == 4


def test_to_whom_a_paper_is_not_for_that_is_what_is_said() -> None:
    table = held()
    table.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    supporter = next(each.id for each in table.state.invitees if each.person == "f-ffrind")
    with pytest.raises(Refused) as refused:
        table.does("circulated", paper="outline_plan", to=[supporter])
    assert refused.value.code == "paper_not_for_part"
    young = with_child(too_young=frozenset({ELA}))
    young.does("circulated", "2026-12-21 10:00", paper="outline_plan")
    ela = next(each.id for each in young.state.invitees if each.person == ELA)
    with pytest.raises(Refused) as refused:
        young.does("circulated", paper="outline_plan", to=[ela])
    assert refused.value.code == "child_too_young_for_paper"


def test_what_was_kept_before_it_was_known_when_each_was_sent_it_is_read_as_it_was() -> None:
    old = {"paper": "outline_plan", "at": NOW, "by": "p-nia", "children": ("c-1",), "until": NOW, "sent": ("i-1",)}
    assert Circulated.model_validate(old).last_sent == {}


@pytest.mark.parametrize("role", ["child_where_appropriate", "child_or_advocate"])
def test_a_child_is_invited_as_the_one_child_that_it_is(role: str) -> None:
    ela = {"role": role, "person": ELA}
    table = Table(children=("c-ela", "c-tomos"), selves={ELA: frozenset({"c-ela"})})
    for children, code in (((), "several"), (("c-ela", "c-tomos"), "several"), (("c-tomos",), "another")):
        with pytest.raises(Refused) as refused:
            table.arranged(add=[{**ela, "children": children}])
        assert refused.value.code == f"child_invited_as_{code}"
    table.arranged()
    with pytest.raises(Refused) as refused:
        table.does("invited", who=ela)
    assert refused.value.code == "child_invited_as_several"
    table.does("invited", who={**ela, "children": ["c-ela"]})
    assert next(each.children for each in table.state.invitees if each.person == ELA) == ("c-ela",)


def test_an_only_child_need_not_be_named() -> None:
    table = Table(children=("c-ela",))
    table.arranged(add=[{"role": "child_where_appropriate", "person": ELA}])
    assert table.guest("child_where_appropriate").children == ("c-ela",)


def test_a_child_who_was_invited_as_several_is_sent_no_paper_and_told_by_its_social_worker() -> None:
    papers, both = rules_in_force().papers, guest("child_where_appropriate")
    assert not gets(papers, both, Paper.outline_plan)
    assert gets(papers, both.model_copy(update={"children": ("c-1",)}), Paper.outline_plan)
    assert gets(papers, both.model_copy(update={"agency": "a-1"}), Paper.outline_plan), "its advocate speaks for several"
    table = Table(children=("c-1", "c-2"), papers={Paper.outline_plan: frozenset({"c-1", "c-2"})})
    table.family = {ELA: ("child_where_appropriate", Reach(Way.by_hand))}
    table.arranged()
    table.does("held", "2026-12-15 12:00", attendance=[{"invitee": table.guest("police").id, "how": "there"}])
    assert "child_unknown" in table.does("circulated", "2026-12-21 10:00", paper="outline_plan").notes
    assert papers_of(table, ELA) == []
    assert [each.recipient for each in table.letters if each.about == "tell_child_in_person"] == ["p-mari"]


MOTHER, FATHER, NAIN, FRIEND, IDVA = "f-mam", "f-tad", "f-nain", "f-ffrind", "p-idva"


@pytest.mark.parametrize("apart_from", [[FATHER], []])
def test_no_one_of_the_family_reads_that_another_attended_separately_nor_who_came_with_them(apart_from: list[str]) -> None:
    table = Table()
    came = {MOTHER: "parents", FATHER: "parents", NAIN: "parents", FRIEND: "supporter", IDVA: "domestic_abuse"}
    table.arranged(add=[{"role": role, "person": person} for person, role in came.items()])
    of = {each.person: each for each in table.state.invitees}

    def left_out(reader: str) -> set[str]:
        found = left_out_for(table.state, of[reader], rules_in_force().papers.attendance.betray_kept_apart)
        return {each.person for each in table.state.invitees if each.id in found}

    assert not left_out(FATHER)
    table.does("attends_separately", invitee=of[MOTHER].id, apart_from=[of[each].id for each in apart_from], reason="text:a#b")
    assert left_out(FATHER) == left_out(NAIN) == {MOTHER, FRIEND, IDVA}
    assert left_out(MOTHER) == ({FATHER, FRIEND, IDVA} if apart_from else set())
    assert not left_out("p-police")

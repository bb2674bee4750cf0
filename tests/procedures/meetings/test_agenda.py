"""The agenda: each child heard before any decision, nobody in the room who may not be, and what is missing said first."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.in_force import rules_in_force
from procedures.meetings.agenda import Agenda, ChildKnown, Item, agenda
from procedures.meetings.chasing import NEVER_CHASED
from procedures.refusals import Refused
from procedures.rules import SHIPPED, BadRules, parse
from schemas.meetings import MeetingKind
from tests.procedures.meetings.table import Table

RULES = rules_in_force()
KINDS = sorted(RULES.agendas)
FAMILY: list[dict[str, Any]] = [
    {"role": "parents", "person": "p-sian"},
    {"role": "parents", "person": "p-dylan", "children": ["c-2"]},
    {"role": "child_where_appropriate", "person": "p-ela", "children": ["c-1"]},
    {"role": "supporter", "person": "p-nain"},
]


def arranged(kind: str = "icpc", **fields: Any) -> Table:
    table = Table(kind, children=("c-1", "c-2"))
    table.arranged(add=FAMILY, **fields)
    return table


def of(table: Table, *known: ChildKnown) -> Agenda:
    return agenda(table.state, RULES, known or [ChildKnown("c-1"), ChildKnown("c-2")])


def who(table: Table, ids: tuple[str, ...]) -> set[str]:
    return {invitee.person for each in ids if (invitee := table.state.invitee(each)) is not None}


def apart(table: Table, person: str, *others: str, **more: Any) -> None:
    ids = {each.person: each.id for each in table.state.invitees}
    table.does("attends_separately", invitee=ids[person], apart_from=[ids[each] for each in others], reason="text:a#b", **more)


def items(found: Agenda, key: str) -> list[Item]:
    return [each for each in found.items if each.key == key]


def test_there_is_an_agenda_for_each_kind_of_meeting() -> None:
    assert set(KINDS) == {each.value for each in MeetingKind}


@pytest.mark.parametrize("kind", KINDS)
def test_each_childs_voice_is_an_item_of_its_own_before_any_decision(kind: str) -> None:
    found = of(arranged(kind))
    decided = [at for at, each in enumerate(found.items) if each.rule.decides]
    voices = [(at, each.child) for at, each in enumerate(found.items) if each.rule.shows == "voice"]
    if kind != "pre_birth":
        assert [child for _, child in voices] == ["c-1", "c-2"]
    assert all(at < first for at, _ in voices for first in decided[:1])
    assert all(each.child is not None for each in found.items if each.rule.shows is not None or each.rule.decides)


def test_a_conference_goes_in_the_order_of_the_procedures() -> None:
    keys = [key for key, _ in itertools.groupby(each.key for each in of(arranged()).items)]
    wanted = ["family_first", "change", "voice", "threshold", "closed", "decision", "dissent", "plan", "contingency"]
    assert [key for key in keys if key in wanted] == wanted


def test_an_unborn_child_has_no_item_for_its_voice_and_lacks_none() -> None:
    found = of(arranged(), ChildKnown("c-1", unborn=True), ChildKnown("c-2"))
    assert [each.child for each in items(found, "voice")] == ["c-2"]
    assert [each.thing for each in found.missing["c-1"]][:1] == ["not_given"]


def test_nobody_is_in_the_room_for_a_child_of_whom_they_may_not_hear() -> None:
    table = arranged()
    for item in of(table).items:
        if item.child is not None:
            for id in (*item.there, *item.kept_out):
                invitee = table.state.invitee(id)
                assert invitee is not None
                assert item.child in invitee.children
    assert "p-dylan" not in who(table, items(of(table), "change")[0].there)
    assert "p-dylan" in who(table, items(of(table), "change")[1].there)


def test_the_closed_part_is_without_the_family_and_the_family_is_met_by_the_chair_alone() -> None:
    table = arranged()
    closed, first = items(of(table), "closed")[0], items(of(table), "family_first")[0]
    assert who(table, closed.kept_out) == {"p-sian", "p-ela", "p-nain"}
    assert {"p-police", "p-nia"} <= who(table, closed.there)
    assert who(table, first.there) == {"p-sian", "p-dylan", "p-ela", "p-nain", "p-nia"}


def test_whoever_attends_separately_has_an_item_of_their_own_and_is_never_with_whom_they_are_kept_apart_from() -> None:
    table = arranged()
    apart(table, "p-dylan", "p-sian")
    found = of(table)
    (alone,) = items(found, "separate")
    assert (alone.child, who(table, (alone.alone or "",))) == ("c-2", {"p-dylan"})
    assert {"p-dylan", "p-nia", "p-police"} <= who(table, alone.there)
    assert not {"p-sian", "p-nain", "p-ela"} & who(table, alone.there)
    assert "p-dylan" in who(table, items(found, "change")[1].kept_out)
    apart(table, "p-dylan", "p-sian", ended=True)
    assert items(of(table), "separate") == []
    assert "p-dylan" in who(table, items(of(table), "change")[1].there)


def test_apart_from_nobody_named_is_apart_from_all_the_family() -> None:
    table = arranged()
    apart(table, "p-nain")
    assert "p-nain" in who(table, items(of(table), "voice")[0].kept_out)


def test_attending_separately_needs_a_reason_and_others_who_are_invited() -> None:
    table = arranged()
    ids = {each.person: each.id for each in table.state.invitees}
    tries: list[tuple[dict[str, Any], str]] = [
        ({"invitee": ids["p-dylan"]}, "reason_needed"),
        ({"invitee": "i-nobody", "reason": "text:a#b"}, "no_such_invitee"),
        ({"invitee": ids["p-dylan"], "apart_from": ["i-nobody"], "reason": "text:a#b"}, "no_such_invitee"),
        ({"invitee": ids["p-dylan"], "apart_from": [ids["p-dylan"]], "reason": "text:a#b"}, "apart_from_oneself"),
    ]
    for fields, code in tries:
        with pytest.raises(Refused) as caught:
            table.does("attends_separately", **fields)
        assert caught.value.code == code


PERSONS = ["p-sian", "p-dylan", "p-ela", "p-nain", "p-police"]


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    pairs=st.dictionaries(st.sampled_from(PERSONS), st.sets(st.sampled_from(PERSONS), max_size=2), max_size=3),
)
def test_nobody_is_ever_together_with_whom_they_are_kept_apart_from(kind: str, pairs: dict[str, set[str]]) -> None:
    table = arranged(kind)
    here = {each.person for each in table.state.invitees}
    for one, others in pairs.items():
        if one in here:
            apart(table, one, *sorted((others & here) - {one}))
    for item in of(table).items:
        for one in item.there:
            others = table.state.kept_from.get(one)
            if others is None:
                continue
            family = {each.id for each in table.state.invitees if each.role in NEVER_CHASED}
            assert not (set(others) or family) - {one} & set(item.there), (item.key, item.child)


def test_what_is_missing_is_said_for_each_child() -> None:
    table = arranged()
    known = ChildKnown("c-1", missing=("safety_plan",), advocate_offered=False)
    found = of(table, known, ChildKnown("c-2", voice_fresh=True))
    assert [each.thing for each in found.missing["c-1"]][:4] == ["voice", "safety_plan", "participation", "advocate"]
    assert "voice" not in [each.thing for each in found.missing["c-2"]]
    assert {each.thing for each in found.missing["c-2"] if each.report} == {"not_given"}
    table.reports("police", "c-2")
    table.does("participation_chosen", child="c-2", how="attends")
    said = [each.thing for each in of(table, known, ChildKnown("c-2", voice_fresh=True)).missing["c-2"]]
    assert "reports_to_parents" in said
    assert "participation" not in said
    table.does("reports_shown")
    assert "reports_to_parents" not in [each.thing for each in of(table).missing["c-2"]]


def test_a_child_that_the_reader_may_not_hear_of_is_nowhere_in_it() -> None:
    table = arranged()
    found = of(table, ChildKnown("c-1"))
    assert {each.child for each in found.items} == {None, "c-1"}
    assert list(found.missing) == ["c-1"]
    assert all("p-dylan" not in who(table, (*each.there, *each.kept_out)) for each in found.items)


def test_rules_that_put_a_voice_after_a_decision_are_refused_and_so_are_settings() -> None:
    text = Path(SHIPPED).read_text(encoding="utf-8")
    head, tail = text.split("[agendas.icpc]\n", 1)
    wrong = f'{head}[agendas.icpc]\nitems = ["decision", "voice"]\n{tail.split(chr(10), 1)[1]}'
    with pytest.raises(BadRules, match="voice comes after what is decided"):
        parse(wrong.encode(), "wales.toml")
    with pytest.raises(BadRules, match="voice comes after what is decided"):
        RULES.with_settings({"agendas.rcpc.items": ["family_first", "decision", "voice"]})
    assert RULES.with_settings({"agendas.rcpc.items": ["voice", "decision"]}).agendas["rcpc"].items == ("voice", "decision")

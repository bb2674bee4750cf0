"""The file of rules: complete, sourced, refused where it is wrong, and open to settings where it may be."""

import ast
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import procedures
from procedures import vocabulary
from procedures.lifecycle import MACHINES
from procedures.recipients import NEXT_ABOVE
from procedures.rules import SHIPPED, BadRules, Rules, load, parse
from schemas.commands.base import Harm, ThresholdElement
from tests.procedures.starts import CLOCKS, RULES

LATER = ("declining", "same_words", "older_child", "codes", "line_management")
"""Rules that older files do not hold."""

OF_THE_PROCEDURES = [
    "written_report", "reporter_chase", "reporter_feedback", "screening", "strategy", "child_first_seen",
    "child_first_seen_alone", "icpc", "assessment_s47", "assessment_part3", "outline_plan", "conference_record",
    "core_group_first", "core_group_next", "seen_alone", "seen_at_home", "bedroom_seen", "rcpc_first", "rcpc_next",
    "move_information", "transfer_in", "temporary_move", "pre_birth_icpc", "looked_after_review", "immediate_safety",
    "police_told", "police_protection", "emergency_order", "others_informed", "advocacy_offer", "safety_plan", "agency_report",
    "reports_to_parents", "review_outcome", "postponed_icpc", "reporter_disagreement", "worker_change_told",
    "deregistration_notice", "designated_officer", "lived_experience_missing",
]  # fmt: skip


def test_every_timescale_of_the_procedures_is_there() -> None:
    assert set(OF_THE_PROCEDURES) - set(CLOCKS) == set()


@pytest.mark.parametrize("clock", CLOCKS)
def test_what_was_not_read_in_the_procedures_is_a_local_setting_with_its_source(clock: str) -> None:
    rule = RULES.clocks[clock]
    assert rule.setting or rule.trust == "V"
    assert rule.source.split()[0] in RULES.documents


def test_nothing_calls_itself_statutory() -> None:
    spoken = [rule.title.en for rule in RULES.clocks.values()] + [str(words) for words in vocabulary.table("sentence").values()]
    assert not any("statutory" in each.lower() or "statudol" in each.lower() for each in spoken)


def test_the_hash_is_of_the_files_bytes() -> None:
    assert sha256(SHIPPED.read_bytes()).hexdigest()[:16] == RULES.hash


# Every name exists, in both languages.


def raised() -> set[str]:
    """The events that decisions raise."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(procedures.__file__).parent.rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "raises" and call.args]
    return {word for name in named for word in _values(name)}


def _values(name: ast.expr) -> set[str]:
    if isinstance(name, ast.IfExp):
        return _values(name.body) | _values(name.orelse)
    return {name.value} if isinstance(name, ast.Constant) and isinstance(name.value, str) else set()


def test_every_start_and_stop_is_something_that_a_decision_raises() -> None:
    named = {event for rule in RULES.clocks.values() for event in (*rule.starts, *rule.stops, *rule.cancels)}
    assert (named | set(RULES.always_cancelled_by)) - raised() == set()


def test_every_event_that_a_decision_raises_has_words() -> None:
    assert raised() - set(vocabulary.table("events")) == set()


TABLES = [
    "events", "anchors", "roles", "enquiry", "registration", "categories", "threshold_elements", "meetings", "invitees", "invited", "conditions",
    "report_sections",    "conventions", "amounts", "sentence",
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_word_stands_in_welsh_and_in_english(table: str) -> None:
    lacking = {key for key, words in vocabulary.table(table).items() if set(words) != {"cy", "en"} or not all(words.values())}
    same = {key for key, words in vocabulary.table(table).items() if words["cy"] == words["en"]}
    assert (lacking, same - {"cafcass"}) == (set(), set())


def test_every_role_that_may_be_told_has_a_name() -> None:
    above = {*NEXT_ABOVE, *NEXT_ABOVE.values()}
    owners = {rule.owner for rule in RULES.clocks.values()}
    assert (above | owners) - set(vocabulary.table("roles")) == set()


@pytest.mark.parametrize("machine", MACHINES)
def test_every_stage_has_a_name(machine: str) -> None:
    assert {state.id for state in MACHINES[machine].states} == set(vocabulary.table(machine))


def test_every_category_and_element_of_a_threshold_has_a_name() -> None:
    assert set(vocabulary.table("categories")) == {str(harm) for harm in Harm} == {str(each) for each in RULES.registration.categories}
    elements = {each for threshold in RULES.thresholds.values() for each in threshold.elements}
    assert set(vocabulary.table("threshold_elements")) == elements == {str(each) for each in ThresholdElement}


# A bad file.


def without(line: str) -> Callable[[str], str]:
    return lambda text: text.replace(line, "", 1)


def instead(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


SCREENING = 'title = { en = "Screening decision", cy = "Penderfyniad sgrinio" }'

MISTAKES: dict[str, tuple[Callable[[str], str], str, str, str]] = {
    "unknown key": (
        instead('starts = ["possible_crime"]', 'strats = ["x"]\nstarts = ["possible_crime"]'),
        "clocks.police_told.strats", "unknown key", "`starts`"),
    "unknown section": (instead("[quorum]", "[quorate]\nx = 1\n[quorum]"), "quorate", "unknown key", "`quorum`"),
    "unknown ladder": (
        instead('owner = "duty_manager"\nladder = "child"', 'owner = "duty_manager"\nladder = "chlid"'),
        "clocks.screening.ladder", "'chlid' is not a ladder", "`child`"),
    "unknown role": (
        instead('owner = "duty_manager"', 'owner = "duty_manger"'),
        "clocks.screening.owner", "'duty_manger' is not a role", "`duty_manager`"),
    "unknown role on a rung": (
        instead('{ role = "director", after = 1,', '{ role = "directer", after = 1,'),
        "ladders.urgent.rungs", "'directer' is not a role", "`director`"),
    "unknown event": (
        instead('stops = ["screened"]', 'stops = ["screend"]'),
        "clocks.screening.stops", "'screend' is not an event", "`screened`"),
    "missing Welsh title": (
        instead(SCREENING, 'title = { en = "Screening decision" }'),
        "clocks.screening.title.cy", "missing", "the words in Welsh"),
    "empty Welsh title": (
        instead(SCREENING, 'title = { en = "Screening decision", cy = " " }'),
        "clocks.screening.title.cy", "empty", "words"),
    "wrong unit": (
        instead('amount = 24\nunit = "hours"', 'amount = 24\nunit = "fortnights"'),
        "clocks.written_report.unit", "'fortnights' is unknown", "'working_days'"),
    "negative limit": (
        instead('amount = 24\nunit = "hours"', 'amount = -24\nunit = "hours"'),
        "clocks.written_report.amount", "-24 is too small", "0 or more"),
    "limit in words": (
        instead('amount = 24\nunit = "hours"', 'amount = "24"\nunit = "hours"'),
        "clocks.written_report.amount", "'24' does not fit", "valid integer"),
    "missing limit": (without('amount = 24\n'), "clocks.written_report.amount", "missing", "give it"),
    "unknown trust": (
        instead('source = "WSP s2 p18"\ntrust = "V"', 'source = "WSP s2 p18"\ntrust = "W"'),
        "clocks.written_report.trust", "'W' is unknown", "'V', 'V2', 'M' or 'GAP'"),
    "unread, yet no setting": (
        without('trust = "GAP"\nsetting = true\n'),
        "hold.trust", "missing", "give it"),
    "a gap that is no setting": (
        instead('trust = "GAP"\nsetting = true\n', 'trust = "GAP"\n'),
        "hold.setting", "was not read in the procedures", "setting = true"),
    "unknown document": (
        instead('source = "WSP s2 p18"', 'source = "WPS s2 p18"'),
        "clocks.written_report.source", "'WPS' is not a document", "`WSP`"),
    "counted back from nothing": (
        without('anchor = "conference"\n'),
        "clocks.agency_report.anchor", "missing for a limit that is counted back", "conference"),
    "counted forward, with an anchor": (
        without('direction = "before"\n'),
        "clocks.agency_report.direction", "an anchor is named", "'before'"),
    "a variant of no start": (
        instead("variants.rcpc_arranged", "variants.rcpc_held"),
        "clocks.reports_to_parents.variants", "'rcpc_held' is not a start of this timescale", "`rcpc_arranged`"),
    "rungs out of order": (
        instead('"service_manager", after = 2,', '"service_manager", after = 20,'),
        "ladders.urgent.rungs", "are not in order", "as late as the one before it"),
    "reminders out of order": (
        instead("reminders = [3, 1]", "reminders = [1, 3]"),
        "ladders.child.reminders", "are not in order", "the earliest first"),
    "unknown convention": (
        instead('"event_day_is_day_zero"', '"event_day_is_day_two"'),
        "convention", "'event_day_is_day_two' is unknown", "'event_day_is_day_one'"),
    "office that closes before it opens": (
        instead("closes = 17:00:00", "closes = 07:00:00"),
        "office.closes", "07:00:00 is not after 08:30:00", "after the office opens"),
    "unknown invitee": (
        instead('"social_services", "police"]', '"social_services", "polcie"]'),
        "invitees.strategy.always", "'polcie' is not an invitee", "`police`"),
    "unknown category": (
        instead('"financial", "neglect"]', '"financial", "neglectful"]'),
        "registration.categories.4", "'neglectful' is unknown", "'neglect'"),
    "missing quorum": (without("other_agencies = 2\n"), "quorum.other_agencies", "missing", "give it"),
    "not TOML": (instead("[quorum]", "[quorum"), "", "is not TOML", "what TOML asks for there"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_bad_file_is_refused_with_file_key_what_is_wrong_and_what_would_be_right(mistake: str, tmp_path: Path) -> None:
    change, key, wrong, right = MISTAKES[mistake]
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert change(shipped) != shipped, "the mistake is made"
    path = tmp_path / "cymru.toml"
    path.write_text(change(shipped), encoding="utf-8")
    with pytest.raises(BadRules) as refused:
        load(path)
    (found,) = [each for each in refused.value.problems if each.key == key]
    assert wrong in found.wrong
    assert right in found.right
    assert (f"cymru.toml: {key}: " if key else "cymru.toml: ") in str(refused.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cymru.toml"
    text = SHIPPED.read_text(encoding="utf-8")
    path.write_text(text.replace("amount = 24", "amount = -24").replace("other_agencies = 2", "other_agencies = -2"), encoding="utf-8")
    with pytest.raises(BadRules) as refused:
        load(path)
    assert {each.key for each in refused.value.problems} == {
        "clocks.written_report.amount", "clocks.designated_officer.amount", "quorum.other_agencies",
    }  # fmt: skip


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match=r"lloegr\.toml: cannot be read"):
        load(tmp_path / "lloegr.toml")


# Settings of an authority.


def test_an_authority_sets_what_is_marked_as_a_setting_and_the_hash_stays_the_files() -> None:
    rules = RULES.with_settings(
        {"clocks.strategy.amount": 2, "clocks.reports_to_parents.variants.rcpc_arranged.amount": 7, "quorum.other_agencies": 3}
    )
    assert (rules.clocks["strategy"].amount, rules.quorum.other_agencies) == (2, 3)
    assert rules.clocks["reports_to_parents"].limit("rcpc_arranged").amount == 7
    assert rules.hash == RULES.hash
    assert RULES.clocks["strategy"].amount == 1, "the rules themselves stay as they were"


@pytest.mark.parametrize(
    ("settings", "key", "wrong"),
    [
        ({"clocks.icpc.amount": 20}, "clocks.icpc.amount", r"no local setting but a procedural timescale \(WSP s3.2 p4, V\)"),
        ({"clocks.strategy.owner": "director"}, "clocks.strategy.owner", "is no setting"),
        ({"clocks.stragety.amount": 2}, "clocks.stragety.amount", r"did you mean `clocks\.strategy\.amount`"),
        ({"clocks.strategy.amount": -1}, "clocks.strategy.amount", "-1 is too small"),
        ({"clocks.strategy.amount": "two"}, "clocks.strategy.amount", "'two' does not fit"),
        ({"clocks.strategy.unit": "moons"}, "clocks.strategy.unit", "'moons' is unknown"),
        ({"ladders.child.pausable": True}, "ladders.child.pausable", "is no setting"),
        ({"ladders.child.rungs": []}, "ladders.child.rungs", "nobody would be told"),
        ({"line_management.posts": []}, "line_management.posts", "at least 1 item"),
        ({"line_management.posts": ["team_manger"]}, "line_management.posts", "team_manager"),
        ({"codes.most_wrong": 0}, "codes.most_wrong", "0 is too small"),
        ({"always_cancelled_by": []}, "always_cancelled_by", "is no setting"),
        ({"hash": "0"}, "hash", "is no setting"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_key(settings: dict[str, Any], key: str, wrong: str) -> None:
    with pytest.raises(BadRules, match=rf"settings: {key}: .*{wrong}"):
        RULES.with_settings(settings)


def test_every_setting_can_be_set_to_what_it_is() -> None:
    table = RULES.settings_table
    assert RULES.with_settings({each.key: each.value for each in table}) == RULES


def test_every_rule_that_is_not_v_is_in_the_table_of_settings() -> None:
    keys = {each.key for each in RULES.settings_table}
    unread = {f"clocks.{key}.amount" for key, rule in RULES.clocks.items() if rule.trust != "V"}
    alone = {"convention", "quorum.other_agencies", "office.opens", "ladders.urgent.rungs"}
    alone |= {"same_words.fewest", "older_child.from_age", "codes.most_wrong", "line_management.posts"}
    assert (unread | alone) - keys == set()


def test_a_file_that_was_kept_before_these_rules_stood_in_it_has_them_as_they_were() -> None:
    older = SHIPPED.read_text(encoding="utf-8")
    for part in LATER:
        older = re.sub(rf"^\[{part}\]\n(?:[a-z_]+ = .*\n)+", "", older, flags=re.MULTILINE)
        assert f"[{part}]" not in older
    kept = parse(older.encode(), "older.toml")
    assert {part: getattr(kept, part) for part in LATER} == {part: getattr(RULES, part) for part in LATER}


EARLIER = sorted((Path(__file__).parent / "earlier").glob("*.toml"))
"""Files that deployments were run with, by their hash: journeys that began by them still are planned by them."""

RETIRED = ("retention.registered.birthday", "retention.looked_after.birthday", "retention.looked_after.years")
"""Local settings once."""


@pytest.mark.parametrize("file", EARLIER, ids=lambda file: file.stem)
def test_a_file_of_an_earlier_version_is_still_read_and_takes_the_settings_of_now(file: Path) -> None:
    kept = parse(file.read_bytes(), file.name)
    assert kept.hash == file.stem, "as it was shipped"
    assert (kept.papers.child.goes_with, kept.papers.attendance.listed_in) == ((), ())
    newer = {each.key: each.value for each in RULES.settings_table} | {"clocks.strategy.amount": 2}
    assert set(newer) - {each.key for each in kept.settings_table}, "some are newer than the file"
    assert kept.with_stored(newer).clocks["strategy"].amount == 2


def test_there_is_an_earlier_file() -> None:
    assert EARLIER


def test_stored_settings_that_are_none_any_more_count_for_nothing() -> None:
    stored = {"clocks.strategy.amount": 2, **dict.fromkeys(RETIRED, 75)}
    assert RULES.counting(stored) == {"clocks.strategy.amount": 2}
    assert RULES.with_stored(stored) == RULES.with_settings({"clocks.strategy.amount": 2})
    with pytest.raises(BadRules, match=r"retention.registered.birthday: is no setting"):
        RULES.with_settings(stored)


def test_a_stored_value_that_does_not_fit_counts_for_nothing_and_the_others_do() -> None:
    stored = {
        "agendas.rcpc.items": ["no_such_item"],
        "clocks.strategy.unit": "moons",
        "clocks.strategy.amount": 2,
        "convention": "event_day_is_day_one",
    }
    assert RULES.counting(stored) == {"clocks.strategy.amount": 2, "convention": "event_day_is_day_one"}


def test_what_manages_a_case_is_named_in_the_file(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SHIPPED.read_text(encoding="utf-8").replace('posts = ["social_worker", ', 'posts = ["social_wroker", '))
    with pytest.raises(BadRules, match=r"line_management.posts: 'social_wroker' is not a role; right would be: `social_worker`"):
        load(wrong)


def test_rules_survive_json() -> None:
    assert Rules.model_validate_json(RULES.model_dump_json()) == RULES

"""The rules in force: `wales.toml`, checked whole before anything runs, with an authority's settings laid over what may be set."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from procedures import vocabulary
from procedures.rule_checks import BadRules, Problem, consistent, explained
from procedures.rule_models import (
    AgendaItem,
    AgendaRule,
    Arranging,
    ClockRule,
    Codes,
    Convention,
    Declining,
    Entitlement,
    HoldRule,
    Invitees,
    Key,
    Ladder,
    Letterhead,
    Limit,
    LineManagement,
    OfficeHours,
    OlderChild,
    Outline,
    Papers,
    Quorum,
    Registration,
    ReportDrafts,
    ReportForm,
    Reports,
    Retention,
    SameWords,
    SmallChild,
    Sourced,
    Threshold,
    ThresholdDocument,
    Title,
    Trust,
)
from schemas.base import Model

__all__ = ["SHIPPED", "BadRules", "ClockRule", "Ladder", "Limit", "Problem", "Rules", "Setting", "load"]

SHIPPED = Path(__file__).with_name("wales.toml")


class Setting(Model):
    """One thing that an authority may set."""

    key: str
    value: Any
    """As JSON holds it."""
    title: Title
    trust: Trust
    source: str


class Rules(Model):
    """All rules of one nation, with the settings of one authority."""

    hash: str
    """The first 16 hexadecimal digits of the SHA-256 of the file. Settings do not change it: they have versions of their own."""
    always_cancelled_by: tuple[Key, ...]
    convention: Convention
    """How working days are counted: the day of the event is day 0, or, one day tighter, day 1."""
    documents: Mapping[Key, Title]
    office: OfficeHours
    hold: HoldRule
    small_child: SmallChild
    declining: Declining = Declining(times=2, source="none", trust="GAP", setting=True)
    """As it was before it was in the file: rules that were kept then have none."""
    same_words: SameWords = SameWords(fewest=5, source="none", trust="GAP", setting=True)
    older_child: OlderChild = OlderChild(from_age=11, source="practice", trust="GAP", setting=True)
    codes: Codes = Codes(most_wrong=5, source="practice", trust="GAP", setting=True)
    line_management: LineManagement = LineManagement(
        posts=("social_worker", "duty_manager", "team_manager", "service_manager"), source="WSP s3", trust="V", setting=True
    )
    """These four too as they were before they were in the file."""
    quorum: Quorum
    ladders: Mapping[Key, Ladder]
    instead: Mapping[Key, Mapping[Key, Key]]
    """By owner of the timescale: who is told instead of whom."""
    clocks: Mapping[Key, ClockRule]
    invitees: Mapping[Key, Invitees]
    arranging: Mapping[Key, Arranging]
    reports: Mapping[Key, Reports]
    """By kind of meeting; other kinds ask for none."""
    report_forms: Mapping[Key, ReportForm]
    report_drafts: ReportDrafts
    agenda_items: Mapping[Key, AgendaItem]
    agendas: Mapping[Key, AgendaRule]
    """By kind of meeting."""
    threshold_document: ThresholdDocument
    letterhead: Letterhead = Letterhead(
        title=Title(cy="Pwy sy'n ysgrifennu", en="Who writes"),
        cy="Gwasanaethau plant y cyngor",
        en="The council's children's services",
        source="none",
        trust="GAP",
        setting=True,
    )
    """As those above: no name, since rules that were kept then have none."""
    entitlement: Entitlement
    outline: Outline
    retention: Retention
    papers: Papers
    registration: Registration
    thresholds: Mapping[Key, Threshold]

    @cached_property
    def ending(self) -> frozenset[str]:
        """The events that end a timescale because the thing was done."""
        return frozenset(event for rule in self.clocks.values() for event in rule.stops)

    def with_settings(self, settings: Mapping[str, Any]) -> "Rules":
        """These rules with an authority's settings, by dotted key, e.g. `{"clocks.strategy.amount": 2}`.

        Raises:
            BadRules: a key is no setting, or its value is wrong; it names the key.
        """
        if not settings:
            return self
        allowed = {setting.key for setting in self.settings_table}
        problems = [self._no_setting(key, allowed) for key in settings if key not in allowed]
        if problems:
            raise BadRules("settings", problems)
        raw = to_jsonable_python(self)
        for key, value in settings.items():
            _put(raw, key, to_jsonable_python(value))
        return _checked(raw, "settings")

    def with_stored(self, settings: Mapping[str, Any]) -> "Rules":
        """These rules with what an authority once set: what counts for nothing here is left out."""
        return self._counted(settings)[1]

    def counting(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Which of the stored settings count here. They were checked when they were entered, by the rules of then: a key may be no setting
        here (it was retired, or is newer than these rules), and a value may not fit (it names what these rules do not have).

        Raises:
            BadRules: no single setting is to blame.
        """
        return self._counted(settings)[0]

    def _counted(self, settings: Mapping[str, Any]) -> "tuple[dict[str, Any], Rules]":
        """What of it counts, and these rules with it: to know the one the other is made."""
        allowed = {setting.key for setting in self.settings_table}
        known = {key: value for key, value in settings.items() if key in allowed}
        try:
            return known, self.with_settings(known)
        except BadRules as error:
            blamed = {key for key in known if any(f"{each.key}.".startswith(f"{key}.") for each in error.problems)}
            if not blamed:
                raise
            return self._counted({key: value for key, value in known.items() if key not in blamed})

    @cached_property
    def settings_table(self) -> tuple[Setting, ...]:
        """Everything that an authority may set, with its present value."""
        return tuple(_settings(self))

    def _no_setting(self, key: str, allowed: set[str]) -> Problem:
        parts = key.split(".")
        rule = self.clocks.get(parts[1]) if parts[0] == "clocks" and len(parts) > 1 else None
        if rule is not None and not rule.setting:
            return Problem(key, f"is no local setting but a procedural timescale ({rule.source}, {rule.trust})", "leave it out")
        near = get_close_matches(key, allowed, n=1)
        return Problem(key, "is no setting", f"did you mean `{near[0]}`?" if near else "one of the keys of the table of settings")


def load(path: Path | None = None) -> Rules:
    """Read the rules; the shipped ones of Wales where no file is named.

    Raises:
        BadRules: the file is missing or wrong: each key, what is wrong with it, what would be right.
    """
    path = path or SHIPPED
    try:
        body = path.read_bytes()
    except OSError as error:
        raise BadRules(path.name, [Problem("", f"cannot be read ({error.strerror})", "a file that exists")]) from error
    return parse(body, path.name)


def parse(body: bytes, name: str) -> Rules:
    """The rules of a file of that name.

    Raises:
        BadRules: it is wrong: each key, what is wrong with it, what would be right.
    """
    try:
        raw = tomllib.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRules(name, [Problem("", f"is not TOML ({error})", "what TOML asks for there")]) from error
    return _checked({**raw, "hash": sha256(body).hexdigest()[:16]}, name)


def _checked(raw: dict[str, Any], file: str) -> Rules:
    clocks = raw.get("clocks")
    if isinstance(clocks, dict):
        raw["clocks"] = {key: {**rule, "id": key} if isinstance(rule, dict) else rule for key, rule in clocks.items()}  # pyright: ignore[reportUnknownVariableType]
    try:
        rules = RULES.validate_python(raw)
    except ValidationError as error:
        raise BadRules(file, explained(error, Rules)) from error
    problems = consistent(rules)
    if problems:
        raise BadRules(file, problems)
    return rules


RULES = TypeAdapter(Rules)

COUNTING = Title(en="Counting of working days", cy="Cyfrif diwrnodau gwaith")
HOURS = Title(en="Office hours for letters", cy="Oriau swyddfa ar gyfer llythyrau")
LONGEST_HOLD = Title(en="Longest hold, in days", cy="Yr ataliad hwyaf, mewn diwrnodau")
SHORT_SECTION = Title(
    en="Words below which a section of a report is called short", cy="Nifer y geiriau y gelwir adran o adroddiad yn fyr oddi tano"
)
SMALL_CHILD = Title(
    en="Younger than this, seen alone means observed without carers",
    cy="Yn iau na hyn, ystyr gweld ar ei ben ei hun yw arsylwi heb ofalwyr",
)
DECLINING = Title(
    en="Times a child says no to taking part before the chair is told",
    cy="Sawl gwaith y mae plentyn yn dweud na wrth gymryd rhan cyn rhoi gwybod i'r cadeirydd",
)
SAME_WORDS = Title(
    en="Words of two children from which the same ones are told of",
    cy="Nifer y geiriau gan ddau blentyn y dywedir amdanynt, o'u cael yr un fath",
)
OLDER_CHILD = Title(en="Age from which a child's letter is the longer one", cy="Yr oedran y mae llythyr plentyn yn hirach ohono")
WRONG_CODES = Title(en="Wrong codes after which a page is locked", cy="Nifer y codau anghywir y cloir tudalen ar eu hôl")
MANAGES = Title(
    en="Posts that manage a case: none of them chairs its conferences",
    cy="Swyddi sy'n rheoli achos: nid yw'r un ohonynt yn cadeirio ei gynadleddau",
)
KEPT_DRAFTS = Title(
    en="Days after the meeting for which a report that was begun and not given is kept",
    cy="Nifer y diwrnodau ar ôl y cyfarfod y cedwir adroddiad a ddechreuwyd ac na roddwyd",
)
KEPT_BIRTHDAY = Title(en="The birthday until which a closed record is kept", cy="Y pen-blwydd y cedwir cofnod caeedig hyd ato")
KEPT_YEARS = Title(en="Years for which a closed record is kept at least", cy="Nifer y blynyddoedd y cedwir cofnod caeedig o leiaf")
QUORUM = Title(en="Quorum of a conference", cy="Cworwm cynhadledd")


def _settings(rules: Rules) -> list[Setting]:
    """Clocks marked as settings; counting, office hours, quorum and every ladder (procedures, sections 2, 4 and 8)."""
    found = [_setting("convention", rules.convention, COUNTING, "M", "practice")]
    found += [_setting(f"office.{key}", getattr(rules.office, key), HOURS, "GAP", "practice") for key in type(rules.office).model_fields]
    found += [
        _setting("quorum.other_agencies", rules.quorum.other_agencies, QUORUM, rules.quorum.trust, rules.quorum.source),
        _setting("declining.times", rules.declining.times, DECLINING, rules.declining.trust, rules.declining.source),
        _setting("hold.longest_days", rules.hold.longest_days, LONGEST_HOLD, rules.hold.trust, rules.hold.source),
        _setting(
            "small_child.younger_than", rules.small_child.younger_than, SMALL_CHILD, rules.small_child.trust, rules.small_child.source
        ),
        _setting("same_words.fewest", rules.same_words.fewest, SAME_WORDS, rules.same_words.trust, rules.same_words.source),
        _setting("older_child.from_age", rules.older_child.from_age, OLDER_CHILD, rules.older_child.trust, rules.older_child.source),
        _setting("codes.most_wrong", rules.codes.most_wrong, WRONG_CODES, rules.codes.trust, rules.codes.source),
        _setting("line_management.posts", rules.line_management.posts, MANAGES, rules.line_management.trust, rules.line_management.source),
    ]
    for name, ladder in rules.ladders.items():
        # What a hold puts off is no setting: visits, conferences and what is urgent run on, everywhere.
        keys = [key for key in type(ladder).model_fields if key not in {"title", "pausable"} and name != "none"]
        found += [_setting(f"ladders.{name}.{key}", getattr(ladder, key), ladder.title, "GAP", "practice") for key in keys]
    for name, each in rules.arranging.items():
        title = Title.model_validate(vocabulary.table("meetings")[name])
        keys = [key for key in type(each).model_fields if key not in {"invitees", "limits", *Sourced.model_fields}]
        found += [_setting(f"arranging.{name}.{key}", getattr(each, key), title, each.trust, each.source) for key in keys]
    found += _of_conferences(rules)
    for name, rule in rules.clocks.items():
        if rule.setting:
            found += [_setting(f"clocks.{name}.{key}", value, rule.title, rule.trust, rule.source) for key, value in _limits(rule)]
    return found


def _of_conferences(rules: Rules) -> list[Setting]:
    """When silence is chased, what counts as short, the order of the day, and where the thresholds are read; never who is asked, or for what."""
    found: list[Setting] = []
    for name, each in rules.reports.items():
        title = Title.model_validate(vocabulary.table("meetings")[name])
        found += [
            _setting(f"reports.{name}.{key}", getattr(each, key), title, each.trust, each.source) for key in ("reminded", "chased_after")
        ]
    for name, agenda in rules.agendas.items():
        title = Title.model_validate(vocabulary.table("meetings")[name])
        found.append(_setting(f"agendas.{name}.items", agenda.items, title, agenda.trust, agenda.source))
    for name, form in rules.report_forms.items():
        found.append(_setting(f"report_forms.{name}.fewest_words", form.fewest_words, SHORT_SECTION, "GAP", "practice"))
    drafts = rules.report_drafts
    found.append(_setting("report_drafts.kept_days", drafts.kept_days, KEPT_DRAFTS, drafts.trust, drafts.source))
    kept = {state: each for state in type(rules.retention).model_fields if (each := getattr(rules.retention, state)).setting}
    for state, each in kept.items():
        if each.birthday is not None:
            found.append(_setting(f"retention.{state}.birthday", each.birthday, KEPT_BIRTHDAY, each.trust, each.source))
        found.append(_setting(f"retention.{state}.years", each.years, KEPT_YEARS, each.trust, each.source))
    document = rules.threshold_document
    keys = ("cy", "en", "edition")
    found += [
        _setting(f"threshold_document.{key}", getattr(document, key), document.title, document.trust, document.source) for key in keys
    ]
    head = rules.letterhead
    found += [_setting(f"letterhead.{key}", getattr(head, key), head.title, head.trust, head.source) for key in ("cy", "en")]
    return found


def _limits(rule: ClockRule) -> list[tuple[str, Any]]:
    """What of a timescale may be set: its limits, and whether some end the same day. Never what starts or ends it, or who owes it."""
    limits: list[tuple[str, Any]] = [("amount", rule.amount), ("unit", rule.unit)]
    for event, limit in rule.variants.items():
        limits += [(f"variants.{event}.amount", limit.amount), (f"variants.{event}.unit", limit.unit)]
    if rule.same_day_when is not None:
        limits.append(("same_day_when", rule.same_day_when))
    return limits


def _setting(key: str, value: Any, title: Title, trust: Trust, source: str) -> Setting:
    return Setting(key=key, value=to_jsonable_python(value), title=title, trust=trust, source=source)


def _put(raw: dict[str, Any], key: str, value: Any) -> None:
    *way, last = key.split(".")
    for part in way:
        raw = raw[part]
    raw[last] = value

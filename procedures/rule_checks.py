"""What can be wrong with a file of rules: each problem names the key, what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from procedures import vocabulary
from schemas.entitlement import Fact, Hidden

if TYPE_CHECKING:
    from procedures.rule_models import AgendaRule, Arranging, ClockRule, Invitees, Ladder, ReportForm, Reports, Sourced
    from procedures.rules import Rules


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    key: str
    """Empty, where it is the whole file."""
    wrong: str
    right: str

    def sentence(self, file: str) -> str:
        """Where, what is wrong, what would be right."""
        return ": ".join(part for part in (file, self.key, f"{self.wrong}; right would be: {self.right}") if part)


class BadRules(Exception):
    """The rules, or an authority's settings, are refused. Nothing has started on them."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file, self.problems = file, tuple(problems)
        super().__init__("\n".join(each.sentence(file) for each in self.problems))


# What each value is by itself: pydantic knows; here it is said for a person.


def explained(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """The problems that pydantic found, in words."""
    return [_explained(dict(each), model) for each in error.errors(include_url=False)]


def _explained(error: dict[str, Any], model: type[BaseModel]) -> Problem:
    loc, kind = tuple(error["loc"]), str(error["type"])
    key = ".".join(str(part) for part in loc if part != "[key]")
    if kind == "extra_forbidden":
        return Problem(key, "unknown key", _one_of(str(loc[-1]), _fields(loc[:-1], model)))
    if kind == "missing":
        return Problem(key, "missing", _missing(str(loc[-1])))
    wrong, right = SAID.get(kind, ("{given} does not fit", "{message}"))
    facts = {"given": repr(error["input"]), "message": error["msg"], **error.get("ctx", {})}
    return Problem(key, wrong.format_map(facts), right.format_map(facts))


SAID = {
    "literal_error": ("{given} is unknown", "{expected}"),
    "enum": ("{given} is unknown", "{expected}"),
    "greater_than_equal": ("{given} is too small", "{ge} or more"),
    "less_than_equal": ("{given} is too large", "{le} or less"),
    "string_too_short": ("empty", "words"),
}


def _missing(key: str) -> str:
    languages = {"cy": "the words in Welsh", "en": "the words in English"}
    return languages.get(key, "give it")


def _one_of(given: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(given, names, n=1)
    return f"`{near[0]}`" if near else f"one of {', '.join(names)}"


def _fields(loc: tuple[Any, ...], model: type[BaseModel]) -> set[str]:
    """The keys known at that place."""
    found: type[BaseModel] | None = model
    for part in loc:
        field = None if found is None else found.model_fields.get(str(part))
        if field is not None:
            found = _model_in(field.annotation)
    return (set(found.model_fields) if found is not None else set[str]()) - {"id", "hash"}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation holds, itself or within a mapping, a tuple or an option."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for each in get_args(annotation) if (model := _model_in(each)) is not None), None)


# How values fit together.


def consistent(rules: Rules) -> list[Problem]:
    """What does not fit together: names that nothing bears, ladders out of order, a rule not read that is no setting."""
    return [
        *_names("always_cancelled_by", rules.always_cancelled_by, "event", vocabulary.table("events")),
        *(problem for key, rule in rules.clocks.items() for problem in _clock(f"clocks.{key}", rule, rules)),
        *(problem for key, ladder in rules.ladders.items() for problem in _ladder(f"ladders.{key}", key, ladder)),
        *_instead(rules.instead),
        *(problem for key, each in rules.invitees.items() for problem in _invitees(f"invitees.{key}", key, each)),
        *(problem for key, each in rules.arranging.items() for problem in _arranging(f"arranging.{key}", key, each, rules)),
        *(problem for key, each in rules.reports.items() for problem in _reports(f"reports.{key}", key, each, rules)),
        *(problem for key, each in rules.report_forms.items() for problem in _report_form(f"report_forms.{key}", each)),
        *_one_form_for_all(rules),
        *_names("outline.told", rules.outline.told, "invitee", vocabulary.table("invitees")),
        *_names("line_management.posts", rules.line_management.posts, "role", vocabulary.table("roles")),
        *_names("papers.told", rules.papers.told, "invitee", vocabulary.table("invitees")),
        *_names("papers.attendance.betray_kept_apart", rules.papers.attendance.betray_kept_apart, "invitee", vocabulary.table("invitees")),
        *_names("papers.attendance.kept_apart_for", rules.papers.attendance.kept_apart_for, "invitee", vocabulary.table("invitees")),
        *(
            each
            for paper, kinds in rules.papers.after.items()
            for each in _names(f"papers.after.{paper}", kinds, "meeting", rules.arranging)
        ),
        *(problem for key, each in rules.agendas.items() for problem in _agenda(f"agendas.{key}", key, each, rules)),
        *(problem for key, each in rules.agenda_items.items() for problem in _unread(f"agenda_items.{key}", each)),
        *_names("quorum.speaks_for", rules.quorum.speaks_for, "invitee", vocabulary.table("invitees")),
        *_sources(rules),
        *_betrayed(rules),
        *_office(rules),
    ]


def _names(key: str, names: Iterable[str], what: str, known: Iterable[str]) -> Iterator[Problem]:
    known = set(known)
    article = "an" if what[0] in "aeiou" else "a"
    for name in names:
        if name not in known:
            yield Problem(key, f"'{name}' is not {article} {what}", _one_of(name, known))


def _clock(key: str, rule: ClockRule, rules: Rules) -> Iterator[Problem]:
    events = vocabulary.table("events")
    for field in ("starts", "stops", "cancels"):
        yield from _names(f"{key}.{field}", getattr(rule, field), "event", events)
    yield from _names(f"{key}.variants", rule.variants, "start of this timescale", rule.starts)
    yield from _names(f"{key}.owner", [rule.owner], "role", vocabulary.table("roles"))
    yield from _names(f"{key}.ladder", [rule.ladder], "ladder", rules.ladders)
    if rule.counted_from is not None:
        yield from _names(f"{key}.counted_from", [rule.counted_from], "event", events)
    if rule.anchor is not None:
        yield from _names(f"{key}.anchor", [rule.anchor], "date to count back from", vocabulary.table("anchors"))
    if rule.direction == "before" and rule.anchor is None:
        yield Problem(f"{key}.anchor", "missing for a limit that is counted back", _one_of("", vocabulary.table("anchors")))
    if rule.direction == "after" and rule.anchor is not None:
        yield Problem(f"{key}.direction", "counts forward, but an anchor is named", "'before', or no anchor")
    yield from _unread(key, rule)


def _unread(key: str, rule: Sourced) -> Iterator[Problem]:
    if rule.trust != "V" and not rule.setting:
        yield Problem(f"{key}.setting", f"a rule with trust {rule.trust} was not read in the procedures", "setting = true")


def _ladder(key: str, name: str, ladder: Ladder) -> Iterator[Problem]:
    roles = {*vocabulary.table("roles"), "owner"}
    yield from _names(f"{key}.rungs", (rung.role for rung in ladder.rungs), "role", roles)
    hours = {"hours": 1, "days": 24, "working_days": 24}
    steps = [rung.after * hours[rung.unit] for rung in ladder.rungs]
    if steps != sorted(steps):
        yield Problem(f"{key}.rungs", "are not in order", "each as late as the one before it, or later")
    if list(ladder.reminders) != sorted(set(ladder.reminders), reverse=True):
        yield Problem(f"{key}.reminders", "are not in order", "the earliest first, none twice, e.g. [3, 1]")
    if name != "none" and not ladder.rungs:
        yield Problem(f"{key}.rungs", "are missing: nobody would be told", "at least the owner")
    if name == "none" and ladder.rungs:
        yield Problem(f"{key}.rungs", "climb, on the ladder of what is somebody else's duty", "no rungs")


def _instead(instead: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    roles = vocabulary.table("roles")
    yield from _names("instead", instead, "role", roles)
    for owner, swaps in instead.items():
        yield from _names(f"instead.{owner}", [*swaps, *swaps.values()], "role", roles)


def _invitees(key: str, name: str, invitees: Invitees) -> Iterator[Problem]:
    yield from _names(key, [name], "meeting", vocabulary.table("meetings"))
    for field in ("always", "asked_in_every_case", "where_relevant", "always_when", "only_when", "chair_decides"):
        yield from _names(f"{key}.{field}", getattr(invitees, field), "invitee", vocabulary.table("invitees"))
    for field in ("always_when", "only_when"):
        yield from _names(f"{key}.{field}", getattr(invitees, field).values(), "condition", vocabulary.table("conditions"))


def _arranging(key: str, name: str, arranging: Arranging, rules: Rules) -> Iterator[Problem]:
    yield from _names(key, [name], "meeting", vocabulary.table("meetings"))
    yield from _names(f"{key}.invitees", [arranging.invitees], "list of invitees", rules.invitees)
    yield from _names(f"{key}.limits", arranging.limits, "timescale", rules.clocks)
    yield from _unread(key, arranging)
    if list(arranging.chased_after) != sorted(set(arranging.chased_after)):
        yield Problem(f"{key}.chased_after", "are not in order", "the earliest first, none twice, e.g. [2, 4]")


def _reports(key: str, name: str, reports: Reports, rules: Rules) -> Iterator[Problem]:
    yield from _names(key, [name], "meeting", vocabulary.table("meetings"))
    yield from _names(f"{key}.asked_of", reports.asked_of, "invitee", vocabulary.table("invitees"))
    for field in ("limit", "to_parents"):
        limit = getattr(reports, field)
        yield from _names(f"{key}.{field}", [limit], "timescale", rules.clocks)
        rule = rules.clocks.get(limit)
        if rule is not None and (rule.direction, rule.unit) != ("before", "working_days"):
            yield Problem(f"{key}.{field}", f"'{limit}' is not counted back in working days", "a timescale that is")
    yield from _unread(key, reports)
    if list(reports.chased_after) != sorted(set(reports.chased_after)):
        yield Problem(f"{key}.chased_after", "are not in order", "the earliest first, none twice, e.g. [1, 2]")


def _report_form(key: str, form: ReportForm) -> Iterator[Problem]:
    yield from _names(f"{key}.parts", form.parts, "invitee", vocabulary.table("invitees"))
    yield from _names(f"{key}.sections", form.sections, "section", vocabulary.table("report_sections"))
    yield from _unread(key, form)


def _one_form_for_all(rules: Rules) -> Iterator[Problem]:
    """Whoever has no form of their own has one all the same, and nobody has two."""
    own = [part for form in rules.report_forms.values() for part in form.parts]
    for part in sorted({part for part in own if own.count(part) > 1}):
        yield Problem("report_forms", f"'{part}' has two forms", "one")
    if sum(not form.parts for form in rules.report_forms.values()) != 1:
        yield Problem("report_forms", "not one form is for all others", "one form without `parts`")


def _agenda(key: str, name: str, agenda: AgendaRule, rules: Rules) -> Iterator[Problem]:
    """Each child is heard before anything is decided about any."""
    yield from _names(key, [name], "meeting", vocabulary.table("meetings"))
    yield from _names(f"{key}.items", agenda.items, "item of an agenda", rules.agenda_items)
    yield from _unread(key, agenda)
    found = [rules.agenda_items[item] for item in agenda.items if item in rules.agenda_items]
    decided = next((at for at, each in enumerate(found) if each.decides), len(found))
    if any(each.shows == "voice" for each in found[decided:]):
        yield Problem(f"{key}.items", "a child's voice comes after what is decided", "each child's voice before the first decision")


def _sources(rules: Rules) -> Iterator[Problem]:
    for part in ("clocks", "invitees", "arranging", "reports", "report_forms", "agenda_items", "agendas", "thresholds"):
        for key, each in getattr(rules, part).items():
            yield from _names(f"{part}.{key}.source", each.source.split()[:1], "document", rules.documents)
    for part in (
        "quorum",
        "hold",
        "small_child",
        "declining",
        "same_words",
        "older_child",
        "codes",
        "line_management",
        "report_drafts",
        "threshold_document",
        "letterhead",
        "entitlement",
        "outline",
        "papers",
        "registration",
    ):
        each = getattr(rules, part)
        yield from _names(f"{part}.source", each.source.split()[:1], "document", rules.documents)
        if part != "registration":
            yield from _unread(part, each)
    for state in type(rules.retention).model_fields:
        each = getattr(rules.retention, state)
        yield from _names(f"retention.{state}.source", each.source.split()[:1], "document", rules.documents)
        yield from _unread(f"retention.{state}", each)


def _betrayed(rules: Rules) -> Iterator[Problem]:
    """Fails closed: an address that nothing betrays, not even itself, would be hidden from nobody."""
    if Fact.address not in rules.entitlement.betrayed_by.get(Hidden.address, ()):
        yield Problem("entitlement.betrayed_by.address", "does not hide the address itself", "a list with at least 'address' and 'venue'")


def _office(rules: Rules) -> Iterator[Problem]:
    if rules.office.opens >= rules.office.closes:
        yield Problem("office.closes", f"{rules.office.closes} is not after {rules.office.opens}", "a time after the office opens")

"""Agencies' reports to a conference: who is asked, by when, asked again when silent; given, returned, shared with the parents.

A report is taken however late or thin: both are shown. Nobody is asked who is not invited, and never the family.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from procedures import terms
from procedures.meetings.around import Around
from procedures.meetings.chasing import NEVER_CHASED
from procedures.meetings.draft import Draft
from procedures.meetings.report_letters import chaser, request, returned
from procedures.meetings.schools import SCHOOL, holiday_contact
from procedures.refusals import Refused
from procedures.rule_models import ReportForm, Reports
from procedures.rules import Rules
from procedures.times import end_of_day, local
from schemas import report_commands as commands
from schemas.base import Identifier, Instant
from schemas.commands.base import Command
from schemas.meetings import Invitee, MeetingKind, MeetingState
from schemas.reports import ReportAsked, ReportGiven, ReportReturned, ReportWords, Section

PARENTS = "parents"


class Step(StrEnum):
    """What the service does by itself about a report that was not given."""

    remind = "remind"
    chase = "chase"


class Due(NamedTuple):
    """What is to be done, when (Europe/London)."""

    step: Step
    at: datetime
    request: ReportAsked


def form_of(rules: Rules, part: str, kind: MeetingKind | None = None) -> tuple[Section, ...]:
    """The sections of the form that this part fills in for such a meeting, in their order."""
    rule = None if kind is None else rules.reports.get(kind)
    left_out = () if rule is None else rule.leaves_out
    return tuple(each for each in _form(rules, part).sections if each not in left_out)


def fewest_words(rules: Rules, part: str) -> int:
    """Below which a section of that part's form is called short."""
    return _form(rules, part).fewest_words


def thin(words: ReportWords, sections: tuple[Section, ...], fewest_words: int) -> tuple[Section, ...]:
    """The sections that are empty or very short. Words are counted and nothing else: no report is scored."""
    return tuple(each for each in sections if len(words.words(each).split()) < max(fewest_words, 1))


def thin_sections(rules: Rules, part: str, kind: MeetingKind | None, words: ReportWords) -> tuple[Section, ...]:
    """Those of the form that this part fills in."""
    return thin(words, form_of(rules, part, kind), _form(rules, part).fewest_words)


def ask(draft: Draft) -> None:
    """Whoever owes a report and was not asked for it, is; where the date moved, the new due date is told to those who have not given."""
    rule = _rule(draft.state, draft.around)
    if rule is None or not draft.state.open:
        return
    asked = [each for each in _wanted(draft, rule) if each != draft.state.report(each.invitee, each.child)]
    if not asked:
        return
    draft.enter("reports_asked", requests=[each.model_dump(mode="json", exclude_defaults=True) for each in asked])
    for (invitee, to), requests in _by_reader(asked).items():
        draft.letters.append(request(draft.state, invitee, requests, to, draft.now))


def settle_due(draft: Draft) -> None:
    """Reminders of what will be due, and the silent asked again."""
    due = [each for each in steps(draft.state, draft.around) if each.at <= draft.now]
    if not due:
        return
    steps_of = {step: [each.request for each in due if each.step is step] for step in Step}
    draft.enter("reports_chased", **{step.value: [[each.invitee, each.child] for each in found] for step, found in steps_of.items()})
    for found in steps_of.values():
        for (invitee, to), requests in _by_reader([_addressed(draft, each) for each in found]).items():
            draft.letters.append(chaser(draft.state, invitee, requests, to, draft.now))
    _tell_leads(draft, steps_of[Step.chase])


def steps(state: MeetingState, around: Around) -> Iterator[Due]:
    """Everything that time alone will still bring about this meeting's reports. What would come only after it has begun is left out."""
    rule = _rule(state, around)
    if rule is None or not state.open or state.starts is None:
        return
    for each in owed(state):
        yield from (due for due in _steps_of(each, rule, around) if due.at < state.starts)


def owed(state: MeetingState) -> list[ReportAsked]:
    """What those who are invited still owe."""
    here = {each.id: each.children for each in state.invitees if not each.undeliverable}
    return [each for each in state.reports if each.outstanding and each.child in here.get(each.invitee, ())]


def all_in(state: MeetingState, child: Identifier) -> bool:
    """True where everybody who was asked about this child has given something. What came back to its author was given all the same."""
    asked = [each for each, _ in state.reported if each.child == child]
    return bool(asked) and all(each.given is not None for each in asked)


def all_shown(state: MeetingState, child: Identifier) -> bool:
    """True where the parents have the reports on this child: every parent invited about it, or the parents as somebody recorded."""
    shown = {each.invitee for each in state.reports_shown if each.child == child}
    parents = {each.id for each in state.invitees if each.role == PARENTS and child in each.children}
    return None in shown or (bool(parents) and parents <= shown)


def _form(rules: Rules, part: str) -> ReportForm:
    forms = rules.report_forms.values()
    return next((each for each in forms if part in each.parts), next(each for each in forms if not each.parts))


def _rule(state: MeetingState, around: Around) -> Reports | None:
    return None if state.kind is None else around.rules.reports.get(state.kind)


def _wanted(draft: Draft, rule: Reports) -> Iterator[ReportAsked]:
    for invitee in draft.state.invitees:
        if invitee.role in rule.asked_of and invitee.role not in NEVER_CHASED:
            for child in invitee.children:
                yield _request(draft, rule, invitee, child)


def _request(draft: Draft, rule: Reports, invitee: Invitee, child: Identifier) -> ReportAsked:
    """As it is to stand: what was given stays as it was."""
    there, due = draft.state.report(invitee.id, child), _due(draft, rule, invitee)
    if there is None:
        made = ReportAsked(invitee=invitee.id, child=child, due=due, asked_at=draft.now, to=invitee.person)
        return _addressed(draft, made)
    moved = any(entry.kind == "moved" for entry in draft.entries)
    if there.given is not None or not moved or there.due == due:
        return there
    anew = {"due": due, "asked_at": draft.now, "reminded": False, "chased": 0, "to": invitee.person}
    return _addressed(draft, there.model_copy(update=anew))


def _due(draft: Draft, rule: Reports, invitee: Invitee) -> Instant:
    """The end of the day, so many working days before the meeting; a school's before the holidays in which that day lies.

    Where it has passed already: today; never after the meeting.
    """
    calendar, starts, today = draft.around.office.calendar, draft.state.starts or draft.now, local(draft.now).date()
    limit = draft.around.rules.clocks[rule.limit].limit(_STARTED_BY.get(draft.state.kind or MeetingKind.icpc, ""))
    day, _ = calendar.subtract(local(starts).date(), limit.amount)
    if invitee.role == SCHOOL and (before := terms.last_school_day(calendar, day)) >= today:
        day = before
    return min(end_of_day(max(day, today)), local(starts), key=datetime.timestamp)


_STARTED_BY = {MeetingKind.icpc: "icpc_arranged", MeetingKind.pre_birth: "icpc_arranged", MeetingKind.rcpc: "rcpc_arranged"}
"""What starts the journey's timescale, where a conference of that kind is arranged."""


def _addressed(draft: Draft, request: ReportAsked) -> ReportAsked:
    """To the person invited; in school holidays to the school's holiday contact, where it has named one."""
    invitee = _known(draft.state, request.invitee)
    contact = holiday_contact(draft.around, invitee, (request.child,), draft.now)
    return request.model_copy(update={"to": contact or invitee.person})


def _steps_of(each: ReportAsked, rule: Reports, around: Around) -> Iterator[Due]:
    """What came back is asked for again as if it had been due on the day of its return."""
    office = around.office
    due = local(each.due if each.returned is None else max(each.due, each.returned.at)).date()
    if each.given is None and not each.reminded and rule.reminded:
        day, _ = office.calendar.subtract(due, rule.reminded)
        at = office.opening(_open_up_to(around, day))
        if at > each.asked_at:
            yield Due(Step.remind, at, each)
    if each.chased < len(rule.chased_after):
        day, _ = office.calendar.add(due, rule.chased_after[each.chased])
        yield Due(Step.chase, office.next_open(office.opening(day)), each)


def _open_up_to(around: Around, day: date) -> date:
    while not around.office.is_open_on(day):
        day, _ = around.office.calendar.subtract(day, 1)
    return day


def _by_reader(requests: list[ReportAsked]) -> dict[tuple[Identifier, Identifier], list[ReportAsked]]:
    """One letter a person, of all the children about whom that person is asked."""
    found: dict[tuple[Identifier, Identifier], list[ReportAsked]] = defaultdict(list)
    for each in requests:
        found[each.invitee, each.to].append(each)
    return found


def _tell_leads(draft: Draft, chased: list[ReportAsked]) -> None:
    rule = _rule(draft.state, draft.around)
    if rule is None:
        return
    for (invitee, to), requests in _by_reader(chased).items():
        last = [each for each in requests if each.chased + 1 >= len(rule.chased_after)]
        lead = draft.around.leads.get(_known(draft.state, invitee).agency or "")
        told = [each for each in last if lead is not None and lead not in draft.around.shut_out.get(each.child, frozenset[Identifier]())]
        if told and lead is not None and lead != to:
            draft.letters.append(chaser(draft.state, invitee, told, lead, draft.now))


def _given(draft: Draft, command: commands.GiveReport) -> None:
    asked = _asked(draft, command)
    at = min(command.given_at or command.happened_at, draft.now)
    given = ReportGiven(at=at, by=command.actor, words=command.words, late=at > asked.due, thin=command.thin)
    draft.enter(
        "report_given",
        command.happened_at,
        invitee=asked.invitee,
        child=asked.child,
        given=given.model_dump(mode="json", exclude_none=True),
    )


def _returned(draft: Draft, command: commands.ReturnReport) -> None:
    asked = _asked(draft, command)
    if command.actor != draft.state.chair:
        raise Refused("for_the_chair_alone")
    if asked.given is None:
        raise Refused("no_report_given")
    if asked.returned is not None:
        raise Refused("report_returned_already")
    back = ReportReturned(at=draft.now, missing=command.missing)
    said = back.model_dump(mode="json", exclude_none=True)
    draft.enter("report_returned", command.happened_at, invitee=asked.invitee, child=asked.child, returned=said)
    to = _addressed(draft, asked)
    draft.letters.append(returned(draft.state, to, command.missing, draft.now))


def _shown(draft: Draft, command: commands.ShowReports) -> None:
    state = draft.state
    given = {each.child for each in state.reports if each.given is not None}
    children = command.children or tuple(each.child for each in state.about if each.child in given)
    if set(children) - {each.child for each in state.about}:
        raise Refused("not_about_that_child")
    if not children or set(children) - given:
        raise Refused("nothing_to_share")
    if command.invitee is not None:
        invitee = _known(state, command.invitee)
        if invitee.role not in NEVER_CHASED:
            raise Refused("not_of_the_family")
        children = tuple(each for each in children if each in invitee.children)
        barred = [each for each in children if invitee.person in draft.around.shut_out.get(each, frozenset[Identifier]())]
        if not children or barred:
            raise Refused("not_about_that_child")
    draft.enter("reports_shown", command.happened_at, children=list(children), invitee=command.invitee, reason=command.reason)


def _asked(draft: Draft, command: commands.OfReport) -> ReportAsked:
    invitee = _known(draft.state, command.invitee)
    asked = draft.state.report(invitee.id, command.child)
    if asked is None or command.child not in invitee.children:
        raise Refused("no_report_wanted")
    if invitee.person in draft.around.shut_out.get(command.child, frozenset[Identifier]()):
        raise Refused("no_report_wanted")
    return asked


def _known(state: MeetingState, invitee: Identifier) -> Invitee:
    found = state.invitee(invitee)
    if found is None:
        raise Refused("no_such_invitee")
    return found


DECIDED: dict[type[Command], Callable[[Draft, Any], None]] = {
    commands.GiveReport: _given,
    commands.ReturnReport: _returned,
    commands.ShowReports: _shown,
}
"""By command."""

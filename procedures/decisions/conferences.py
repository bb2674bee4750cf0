"""Conferences, core groups, plans and reviews (WSP section 3 part 2, section 4). What stands down waits; what protects does not."""

from procedures.decisions.draft import Draft
from procedures.decisions.reports import lack_rationale
from procedures.lifecycle import following
from procedures.quorum import counted
from procedures.refusals import Refused
from procedures.times import local
from schemas.base import Identifier, Instant
from schemas.clocks import ELSEWHERE, Clock
from schemas.commands import conferences
from schemas.commands.base import Harm
from schemas.commands.conferences import INITIAL
from schemas.papers import Paper
from schemas.state import Enquiry, JourneyState

ARRANGED = {"icpc": "icpc_arranged", "pre_birth": "icpc_arranged", "rcpc": "rcpc_arranged"}
"""The event with which the reports for a conference become due."""


def conference_arranged(draft: Draft, command: conferences.ConferenceArranged) -> None:
    """The date is booked, whatever is missing; what must be there before it is counted back from it."""
    _chair_is_independent(draft, command.chair, stands_down=False)
    if command.chair is not None:
        draft.fact(roles={**draft.state.roles, "chair": command.chair})
    _planned(draft, command.conference, command.planned_at, moved=False)


def conference_moved(draft: Draft, command: conferences.ConferenceMoved) -> None:
    """Another time: the formal due date stays, the safety plan is looked at again before an initial conference."""
    _planned(draft, command.conference, command.planned_at, moved=True)
    if command.conference in INITIAL:
        draft.raises("icpc_moved", draft.enquiry)


def _planned(draft: Draft, conference: str, planned_at: Instant, moved: bool) -> None:
    if planned_at <= draft.at:
        said = {"planned": planned_at, "at": draft.at}
        raise Refused("planned_in_the_past", **{key: local(at).isoformat(timespec="minutes") for key, at in said.items()})
    draft.fact(planned={**draft.state.planned, conference: planned_at})
    if conference == "rcpc":
        draft.raises("rcpc_arranged", anchor=planned_at, only_running=moved)
    elif conference in INITIAL:
        draft.raises("icpc_arranged", draft.enquiry, anchor=planned_at, only_running=moved)
    late = [each for each in draft.state.clocks.values() if each.clock in DUE_OF[conference] and planned_at > each.plan.due]
    if late:
        draft.tells("conference_planned_late", *TOLD_OF_LATE, due=late[0].plan.due)
        draft.notes("planned_after_due")


TOLD_OF_LATE = ("team_manager", "reviewing_service_head")
"""Who is told that a conference is booked for after its due date."""

DUE_OF = {
    "icpc": {"icpc"},
    "pre_birth": {"icpc", "pre_birth_icpc"},
    "rcpc": {"rcpc_first", "rcpc_next"},
    "transfer_in": {"transfer_in"},
}
"""By kind of conference: the timescales that it meets."""


def conference_postponed(draft: Draft, command: conferences.ConferencePostponed) -> None:
    """Exceptional: the chair is satisfied that the child is protected, says why, and a new date follows within a working day."""
    if not command.protected or command.reason is None:
        raise Refused("postponing_needs_protection")
    draft.no_longer_planned(*INITIAL)
    draft.raises("icpc_postponed", draft.enquiry)
    draft.tells("conference_postponed", "team_manager", "service_manager")


def agency_reports_received(draft: Draft, command: conferences.AgencyReportsReceived) -> None:
    """The agencies' reports are in."""
    draft.raises("agency_reports_received", of=_reported_to(draft, command.conference))


def reports_shared(draft: Draft, command: conferences.ReportsShared) -> None:
    """The parents have them in time to read."""
    draft.raises("reports_shared_with_parents", of=_reported_to(draft, command.conference))


def _reported_to(draft: Draft, conference: str | None) -> str | None:
    """Where nothing was said, the next conference is meant."""
    planned = draft.state.planned
    if conference is None and planned:
        conference = min(planned, key=lambda kind: planned[kind])
    return ARRANGED.get(conference or "")


def conference_held(draft: Draft, command: conferences.ConferenceHeld) -> None:
    """For each child separately. Registering takes effect whatever is missing; not registering waits for it, or for the chair's reason."""
    _chair_is_independent(draft, command.chair, stands_down=command.decision == "not_register")
    enquiry = _conferred_on(draft, command)
    if command.decision == "register":
        if enquiry is not None and command.conference in INITIAL:
            enquiry = draft.reopened(enquiry)
        _register(draft, command, enquiry)
    else:
        _not_register(draft, command, enquiry)
    if command.conference == "transfer_in":
        draft.raises("transfer_in_held")
    if enquiry is not None and command.conference in INITIAL:
        draft.learns(enquiry, conference_at=command.happened_at)
        draft.raises("icpc_held", enquiry, held_by=command.meeting)
    _concluded(draft, command, command.conference)
    _voiced(draft, command, enquiry, fresh=voice_is_fresh(draft.state, initial=command.conference in INITIAL))


def _conferred_on(draft: Draft, command: conferences.ConferenceHeld) -> Enquiry | None:
    if command.conference == "transfer_in":
        return draft.enquiry if draft.state.enquiries else None
    return draft.protected_in if command.decision == "register" else draft.enquiry


def _register(draft: Draft, command: conferences.ConferenceHeld, enquiry: Enquiry | None) -> None:
    state = draft.state
    if not command.categories:
        raise Refused("registering_needs_category")
    already = state.registration == "registered"
    draft.move("register")
    if enquiry is not None and command.conference in INITIAL:
        draft.move("conference_registers", enquiry)
        if enquiry.determination is None:
            draft.lacks("determination", "conference", enquiry)
        if command.rationale is None:
            lack_rationale(draft, "conference", enquiry)
    categories = tuple(sorted({*state.categories, *command.categories} if already else set(command.categories)))
    draft.fact(categories=categories)
    if already:
        return
    draft.fact(registered_at=command.happened_at, reviews_held=0, core_groups_held=0, plan_agreed=False, contingency_plan=False)
    draft.raises("registered")
    if not state.unborn:
        draft.raises("visits_begin")
        # Its anchor, the 18th birthday, comes from the record.
        draft.raises("registered_child_dated")
    if "social_worker" not in state.roles:
        draft.tells("no_social_worker", "head_of_service")


def _not_register(draft: Draft, command: conferences.ConferenceHeld, enquiry: Enquiry | None) -> None:
    going_on = command.goes_on_because is not None
    if command.rationale is None:
        raise Refused("not_registering_needs_rationale")
    if not going_on and not voice_is_fresh(draft.state, initial=command.conference in INITIAL):
        raise Refused("not_registering_needs_voice")
    if not going_on and any(each.thing == "safety_plan" for each in draft.state.missing):
        raise Refused("not_registering_needs_safety_plan")
    _offered_and_reported(draft, command)
    _must_be_quorate(draft, command)
    if command.conference == "transfer_in":
        # A name that this authority's own conference put on the register leaves it by a review alone.
        if draft.state.registration != "temporarily_registered":
            raise Refused(
                "not_from_this_stage",
                stage=draft.state.registration,
                step=command.name,
                then=following("registration", draft.state.registration),
            )
        draft.name_removed()
    if enquiry is not None and command.conference in INITIAL:
        draft.move("conference_does_not_register", enquiry)
        draft.learns(enquiry, stood_down=True)


def _offered_and_reported(draft: Draft, command: conferences.Held) -> None:
    """What stands down waits for the advocate's offer and the agencies' reports that are owed, or for a named person's reason."""
    owed = {each.clock for each in draft.state.clocks.values()}
    if command.goes_on_because is None:
        if "advocacy_offer" in owed:
            raise Refused("standing_down_needs_advocacy_offer")
        if "agency_report" in owed:
            raise Refused("standing_down_needs_reports")


def _must_be_quorate(draft: Draft, command: conferences.Held) -> None:
    count = counted(command.attendance, draft.rules)
    if not count.quorate and command.goes_on_because is None:
        raise Refused("not_quorate", there=count.there, needed=count.needed)


def _concluded(draft: Draft, command: conferences.Held, conference: conferences.Conference) -> None:
    """What follows from every conference, whatever it decided."""
    draft.fact(last_conference_at=command.happened_at, conference_record_open=True, voice_changed_said=_says_what_changed(draft, command))
    _papers_are_of(draft, command.meeting, conference)
    draft.no_longer_planned(*(INITIAL if conference in INITIAL else {conference}))
    if command.same_words:
        draft.notes("same_words_as_sibling")
        draft.tells("same_words", "team_manager")
    draft.raises("conference_held", of=ARRANGED.get(conference), held_by=command.meeting)
    _chaired(draft, command)
    count = counted(command.attendance, draft.rules)
    if not count.quorate:
        draft.notes("not_quorate" if command.goes_on_because is None else "not_quorate_with_reason")
        draft.tells("conference_not_quorate", "reviewing_service_head", there=count.there, needed=count.needed)


def _papers_are_of(draft: Draft, meeting: Identifier | None, conference: conferences.Conference) -> None:
    """Which meeting sends the papers that come after this conference; none where it was held elsewhere."""
    here = {paper.value for paper, kinds in draft.rules.papers.after.items() if conference in kinds}
    sends = {paper: other for paper, other in draft.state.papers_of.items() if paper not in here}
    sends |= {} if meeting is None else dict.fromkeys(sorted(here), meeting)
    if sends != draft.state.papers_of:
        draft.fact(papers_of=sends)


def _voiced(draft: Draft, command: conferences.Held, enquiry: Enquiry | None, *, fresh: bool) -> None:
    """Without a voice that is urgent; with one the decision says what it changed, or its chair owes that."""
    declined = any(each.startswith("voice:") for each in draft.state.voice_declined)
    if not fresh:
        _lacks_voice(draft, enquiry)
    elif not (_says_what_changed(draft, command) or draft.state.unborn or declined):
        owe_what_changed(draft, draft.at, enquiry)


def _says_what_changed(draft: Draft, command: conferences.Held) -> bool:
    """With the decision, or since: a conference may be told after what was said of it."""
    return command.voice_changed is not None or any(at > draft.at for at in draft.state.done.get("voice_changed_said", ()))


def owe_what_changed(draft: Draft, since: Instant, enquiry: Enquiry | None = None) -> None:
    """What a voice changed in the decision is missing, and its chair owes it until it is said; that of an earlier decision is owed already."""
    if any(each.thing == "voice_changed" for each in draft.state.missing):
        return
    draft.lacks("voice_changed", "conference", enquiry)
    draft.raises("voice_changed_missing", started_at=since)
    draft.notes("say_what_voice_changed")


def voice_change_recorded(draft: Draft, _: conferences.VoiceChangeRecorded) -> None:
    """What the decision lacked is there, or was said before anybody missed it; never before the decision itself."""
    last = draft.state.last_conference_at
    if last is not None and draft.at < last:
        raise Refused("voice_change_before_conference", conference=local(last).isoformat(timespec="minutes"))
    draft.fact(voice_changed_said=True)
    draft.given("voice_changed")
    draft.raises("voice_changed_said")


def _lacks_voice(draft: Draft, enquiry: Enquiry | None) -> None:
    draft.lacks("voice", "conference", enquiry)
    draft.tells("voice_missing", "social_worker", "team_manager")


def voice_is_fresh(state: JourneyState, initial: bool = False) -> bool:
    """Recorded since the last conference, or since enquiries began; an unborn child has none."""
    if state.unborn:
        return True
    begun = [state.last_conference_at] if state.last_conference_at is not None else []
    if initial or not begun:
        # What the child said before these enquiries was said of something else.
        begun += [each.s47_at or each.reported_at for each in state.enquiries]
    return state.voice_at is not None and (not begun or state.voice_at >= max(begun))


def _chair_is_independent(draft: Draft, chair: str | None, stands_down: bool) -> None:
    """Refused only where it stands a child down; what protects goes on, and says that the chair was not independent."""
    line = {held.get(role) for held in (draft.state.roles, draft.posts) for role in draft.rules.line_management.posts}
    if chair is None or chair not in line:
        return
    if stands_down:
        raise Refused("chair_from_line_management")
    draft.notes("chair_from_line_management")


def _chaired(draft: Draft, command: conferences.Held) -> None:
    """The same chair each time; a change is counted, and a reason asked for."""
    before = draft.state.chair
    if before is not None and before != command.chair:
        draft.fact(chair_changes=draft.state.chair_changes + 1)
        draft.raises("worker_changed")
        if command.reason is None:
            draft.notes("say_why_another_chair")
    draft.fact(chair=command.chair, roles={**draft.state.roles, "chair": command.chair})


def review_held(draft: Draft, command: conferences.ReviewHeld) -> None:
    """Stay on, change category, or name removed: the last only on evidence for each concern, with a contingency plan."""
    if draft.state.registration != "registered":
        raise Refused("not_on_register")
    _chair_is_independent(draft, command.chair, stands_down=command.decision == "deregister")
    draft.fact(
        last_review_at=command.happened_at,
        reviews_held=draft.state.reviews_held + 1,
    )
    if command.decision == "deregister":
        _deregister_at_review(draft, command)
    else:
        draft.move("stay")
        _categories_after(draft, command)
    draft.raises("rcpc_held", held_by=command.meeting)
    if command.decision == "deregister":
        draft.raises("deregistered")
    _concluded(draft, command, "rcpc")
    fresh = voice_is_fresh(draft.state)
    if command.decision != "deregister" or fresh:
        _voiced(draft, command, None, fresh=fresh)


def _categories_after(draft: Draft, command: conferences.ReviewHeld) -> None:
    if command.decision == "change_category":
        if not command.categories:
            raise Refused("registering_needs_category")
        draft.fact(categories=tuple(sorted(set(command.categories))))


def _deregister_at_review(draft: Draft, command: conferences.ReviewHeld) -> None:
    state, going_on = draft.state, command.goes_on_because is not None
    if command.rationale is None:
        raise Refused("deregistration_needs_rationale")
    without = concerns_without_evidence(state.categories, command)
    if without and not going_on:
        raise Refused("deregistration_needs_evidence", concerns=without)
    if command.contingency_plan is None:
        raise Refused("deregistration_needs_contingency")
    if not going_on and not voice_is_fresh(draft.state):
        raise Refused("deregistration_needs_voice")
    _offered_and_reported(draft, command)
    if state.reviews_held == 0 and command.reason is None:
        raise Refused("deregistration_at_first_review")
    _must_be_quorate(draft, command)
    draft.move("deregister")
    draft.fact(categories=(), contingency_plan=True)


def concerns_without_evidence(categories: tuple[Harm, ...], command: conferences.ReviewHeld) -> tuple[str, ...]:
    """The concerns for which no evidence of change is given (finding: progress not referenced, over-optimism)."""
    evidenced = {each.concern for each in command.evidence}
    return tuple(str(each) for each in categories if each not in evidenced)


def outline_plan_circulated(draft: Draft, command: conferences.OutlinePlanCirculated) -> None:
    """Outline plan and decision summary."""
    if _meets(draft, command, Paper.outline_plan):
        draft.raises("outline_plan_circulated", sent_by=_whose(draft, command, Paper.outline_plan))


def conference_record_circulated(draft: Draft, command: conferences.ConferenceRecordCirculated) -> None:
    """The full record."""
    if _meets(draft, command, Paper.conference_record):
        draft.raises("conference_record_circulated", sent_by=_whose(draft, command, Paper.conference_record))


def _meets(draft: Draft, command: conferences.PaperCirculated, paper: Paper) -> bool:
    """It meets what is owed of its own conference, and of no other."""
    meeting = _whose(draft, command, paper)
    owed = draft.state.open_clocks(paper.value, None)
    if owed and not any(_is_of(draft, each, paper, meeting) for each in owed):
        draft.notes("paper_of_earlier_conference")
        return False
    return True


def _is_of(draft: Draft, clock: Clock, paper: Paper, meeting: Identifier | None) -> bool:
    """What began before its conference was kept with it is of the latest."""
    if clock.conference is None:
        return draft.state.papers_of.get(paper) in {None, meeting}
    return clock.conference == (meeting or ELSEWHERE)


def _whose(draft: Draft, command: conferences.PaperCirculated, paper: Paper) -> Identifier | None:
    """The meeting that sent it, or by another way with the reason: what was only said to be sent meets nothing. None where the conference was
    held elsewhere: then it is enough to say so.
    """
    if command.sent_by is not None:
        return command.sent_by
    owed_elsewhere = any(each.conference == ELSEWHERE for each in draft.state.open_clocks(paper.value, None))
    meeting = command.meeting or (None if owed_elsewhere else draft.state.papers_of.get(paper))
    if meeting is not None and command.reason is None:
        raise Refused("paper_sent_by_meeting", meeting=meeting, paper=paper.value)
    return meeting


def conference_record_closed(draft: Draft, command: conferences.ConferenceRecordClosed) -> None:
    """Never with a child's voice missing from it. It waits for what that voice changed, or for a named person's reason: then that stays owed."""
    if not draft.state.conference_record_open:
        raise Refused("no_conference_record")
    missing = {each.thing for each in draft.state.missing}
    if "voice" in missing:
        raise Refused("conference_record_lacks_voice")
    if "voice_changed" in missing:
        if command.goes_on_because is None:
            raise Refused("conference_record_lacks_voice_changed")
        draft.notes("say_what_voice_changed")
    draft.fact(conference_record_open=False)
    draft.raises("conference_record_closed")


def review_outcome_circulated(draft: Draft, command: conferences.ReviewOutcomeCirculated) -> None:
    """Family and agencies know."""
    if _meets(draft, command, Paper.review_outcome):
        draft.raises("review_outcome_circulated", sent_by=_whose(draft, command, Paper.review_outcome))


def core_group_held(draft: Draft, command: conferences.CoreGroupHeld) -> None:
    """Progress on each line of the plan."""
    if not draft.state.registered:
        raise Refused("not_on_register")
    draft.fact(core_groups_held=draft.state.core_groups_held + 1)
    if command.plan:
        draft.fact(plan_agreed=True)
    if command.contingency_plan is not None:
        draft.fact(contingency_plan=True)
    draft.raises("core_group_held")


def plan_agreed(draft: Draft, command: conferences.PlanAgreed) -> None:
    """By what needs to change for the child."""
    draft.fact(plan_agreed=True)
    if command.contingency_plan is not None:
        draft.fact(contingency_plan=True)
    else:
        draft.notes("plan_without_contingency")
    draft.raises("plan_agreed")


def deregistered(draft: Draft, command: conferences.Deregistered) -> None:
    """Never by a date alone: at 18 after the handover was considered, leaving the UK after a senior manager confirmed the arrival."""
    if not draft.state.registered:
        raise Refused("not_on_register")
    if command.rationale is None:
        raise Refused("deregistration_needs_rationale")
    if command.ground == "turned_18" and not command.handed_to_adult_safeguarding:
        raise Refused("eighteen_needs_handover")
    if command.ground == "turned_18" and (draft.state.turns_18 is None or command.happened_at < draft.state.turns_18):
        raise Refused("not_yet_18")
    if command.ground == "left_uk" and command.confirmed_by in {None, command.actor}:
        raise Refused("leaving_needs_confirmation")
    draft.name_removed()


def deregistration_notice_sent(draft: Draft, _: conferences.DeregistrationNoticeSent) -> None:
    """Family and agencies know."""
    draft.raises("deregistration_notice_sent")

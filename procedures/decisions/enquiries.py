"""Strategy, section 47, what protects at once, and how the child is seen and heard (WSP section 3 parts 1 and 2, section 4)."""

from procedures.decisions.conferences import owe_what_changed
from procedures.decisions.draft import Draft
from procedures.decisions.reports import lack_rationale, same_day
from procedures.lifecycle import following
from procedures.refusals import Refused
from schemas.commands import enquiries
from schemas.commands.base import EDUCATION, HEALTH, AgencyKind, Harm
from schemas.commands.conferences import INITIAL
from schemas.entitlement import Hidden, Restriction
from schemas.state import Enquiry


def strategy_held(draft: Draft, command: enquiries.StrategyHeld) -> None:
    """Another meeting restarts the conference's 15 working days; the first date is kept so that drift shows."""
    enquiry = draft.protected_in
    there = {each.agency for each in command.attendance if each.there}
    absent = [each for each in (AgencyKind.police, AgencyKind.social_services) if each not in there]
    stands_down = command.outcome in {"no_further_action", "care_and_support"}
    if stands_down and command.rationale is None:
        raise Refused("strategy_needs_rationale")
    if stands_down and absent:
        raise Refused("strategy_needs_both", absent=absent)
    if stands_down:
        draft.must_be_safe(enquiry)
    enquiry = draft.reopened(enquiry)
    if enquiry.stage in {"reported", "assessment"}:
        draft.move("screen_strategy", enquiry)
        draft.raises("screened", enquiry)
        lack_rationale(draft, "screening", enquiry)
    draft.raises("strategy_held", enquiry)
    draft.learns(
        enquiry,
        strategies=enquiry.strategies + 1,
        first_strategy_at=enquiry.first_strategy_at or command.happened_at,
        last_strategy_at=max(command.happened_at, enquiry.last_strategy_at or command.happened_at),
    )
    _others_there(draft, enquiry, there, command)
    _both_there(draft, enquiry, there)
    _outcome(draft, enquiry, command)
    _medical(draft, enquiry, command)
    if command.rationale is None and command.outcome == "another_meeting":
        draft.notes("say_why_another_meeting")


def _both_there(draft: Draft, enquiry: Enquiry, there: set[AgencyKind]) -> None:
    """Police and social services, each authorised to decide: whoever was not there is heard the next working day."""
    for agency in (AgencyKind.police, AgencyKind.social_services):
        if agency in there:
            draft.given(str(agency), "strategy", enquiry)
        elif not draft.is_missing(str(agency), enquiry):
            draft.lacks(str(agency), "strategy", enquiry)
            draft.raises("strategy_without_both", enquiry)
            draft.tells("strategy_without_both", "team_manager", absent=str(agency))
    if not any(draft.is_missing(str(agency), enquiry) for agency in (AgencyKind.police, AgencyKind.social_services)):
        draft.raises("both_heard", enquiry)


def _others_there(draft: Draft, enquiry: Enquiry, there: set[AgencyKind], command: enquiries.StrategyHeld) -> None:
    # An unborn child has no school: the midwife speaks for health.
    if (there & EDUCATION or draft.state.unborn) and there & HEALTH:
        draft.raises("others_informed", enquiry)
        return
    draft.raises("strategy_without_others", enquiry)
    if command.reason_without_others is None:
        draft.lacks("reason_without_school_or_health", "strategy", enquiry)
        draft.tells("strategy_without_others", "team_manager")


def _outcome(draft: Draft, enquiry: Enquiry, command: enquiries.StrategyHeld) -> None:
    match command.outcome:
        case "no_further_action" | "care_and_support" if enquiry.s47_at is None:
            draft.move(f"strategy_{command.outcome}", enquiry)
            draft.learns(enquiry, stood_down=True)
            draft.raises("enquiry_stood_down", enquiry)
        case "no_further_action" | "care_and_support":
            # Once enquiries run, only their determination ends them.
            raise Refused("not_from_this_stage", stage=enquiry.stage, step=command.name, then=following("enquiry", enquiry.stage))
        case "another_meeting":
            if enquiry.stage not in {"conference", "registered"}:
                draft.move("strategy_another_meeting", enquiry)
            _towards_conference(draft, enquiry)
        case _:
            start_section47(draft, enquiry)
            _towards_conference(draft, enquiry)


def _towards_conference(draft: Draft, enquiry: Enquiry) -> None:
    if enquiry.stage == "registered":
        return  # Told after its conference was held: nothing is due any more.
    if enquiry.first_strategy_at is None:
        draft.raises("first_strategy_towards_conference", enquiry)
    draft.raises("strategy_towards_conference", enquiry)


def _medical(draft: Draft, enquiry: Enquiry, command: enquiries.StrategyHeld) -> None:
    if command.medical is None and Harm.physical in enquiry.alleged and enquiry.s47_at is None:
        draft.tells("medical_undecided", "team_manager")


def start_section47(draft: Draft, enquiry: Enquiry) -> None:
    """Enquiries begin once; a later strategy meeting does not begin them again."""
    if enquiry.s47_at is not None:
        return
    if enquiry.stage != "registered":  # Else told after its conference: known from then on, the stage stays.
        draft.move("start_section47", enquiry)
    draft.learns(enquiry, s47_at=draft.at)
    draft.raises("s47_started", enquiry, same_day=same_day(enquiry))
    if "social_worker" not in draft.state.roles:
        draft.tells("no_social_worker", "service_manager")


def enquiries_started(draft: Draft, _: enquiries.EnquiriesStarted) -> None:
    """Enquiries that do not wait for a discussion: it is wanted all the same."""
    enquiry = draft.reopened(draft.protected_in)
    if enquiry.stage == "reported":
        draft.raises("screened", enquiry)
        lack_rationale(draft, "screening", enquiry)
    if enquiry.strategies == 0 and not draft.state.open_clocks("strategy", enquiry.number):
        draft.raises("strategy_wanted", enquiry, same_day=same_day(enquiry))
    start_section47(draft, enquiry)


def others_informed(draft: Draft, _: enquiries.OthersInformed) -> None:
    """School and health know, and were asked."""
    draft.raises("others_informed", draft.enquiry)
    draft.given("reason_without_school_or_health", "strategy", draft.enquiry)


def medical_decided(draft: Draft, _: enquiries.MedicalDecided) -> None:
    """A child protection medical, or none."""
    draft.raises("medical_decided", draft.enquiry)


def emergency_protection(draft: Draft, command: enquiries.EmergencyProtection) -> None:
    """Its expiry is warned of ahead."""
    draft.raises("police_protection_started" if command.kind == "police_protection" else "emergency_order_made")
    draft.tells("emergency_protection", "team_manager", "service_manager", kind=command.kind)


def emergency_protection_ended(draft: Draft, _: enquiries.EmergencyProtectionEnded) -> None:
    """What protects the child now is said."""
    draft.raises("emergency_protection_ended")


def visit(draft: Draft, command: enquiries.Visit) -> None:
    """Three timescales are separate: a home visit where the child was not seen alone does not stop `seen_alone`."""
    _hangs_together(command)
    if not command.seen:
        if command.not_seen_because is None:
            draft.notes("say_why_not_seen")
        draft.raises("tried_not_seen")
        draft.tells("tried_not_seen", "team_manager", because=command.not_seen_because or "other", place=command.place)
        return
    draft.raises("child_seen")
    if command.alone != "no":
        draft.raises("child_seen_alone")
    if command.place == "home":
        draft.raises("child_seen_at_home")
    if command.bedroom_seen:
        draft.raises("bedroom_seen")


def _hangs_together(command: enquiries.Visit) -> None:
    if not command.seen and command.alone != "no":
        raise Refused("not_seen_but_alone")
    if not command.seen and command.bedroom_seen:
        raise Refused("not_seen_but_bedroom")
    if command.seen and command.not_seen_because is not None:
        raise Refused("seen_but_not_seen_because")


def missing(draft: Draft, _: enquiries.Missing) -> None:
    """Worker and police at once; every timescale keeps running."""
    # Told after the child was found again: missing no more.
    found_since = any(found > draft.at for found in draft.state.done.get("child_found", ()))
    draft.fact(
        child_missing=draft.state.child_missing or not found_since, missing_since=max(draft.at, draft.state.missing_since or draft.at)
    )
    draft.raises("child_missing")
    draft.tells("child_missing", "social_worker", "team_manager", "service_manager")


def found(draft: Draft, _: enquiries.Found) -> None:
    """The child is back; not where that is told of an earlier time, and the child went missing again since."""
    if not draft.state.child_missing:
        draft.notes("not_recorded_as_missing")
    draft.raises("child_found")
    again = draft.state.missing_since if draft.state.child_missing else None
    if again is not None and again > draft.at:
        draft.notes("missing_again_since")
        draft.raises("child_missing", started_at=again)
    else:
        draft.fact(child_missing=False)


def determined(draft: Draft, command: enquiries.Determined) -> None:
    """Standing down needs reason, a child that was seen, and a manager; at continuing risk the conference goes on whatever is missing."""
    at_risk = command.outcome == "substantiated_at_risk"
    enquiry = draft.reopened(draft.protected_in) if at_risk else draft.enquiry
    if not at_risk:
        _may_end(draft, command, enquiry)
    draft.learns(enquiry, determination=command.outcome)
    draft.given("determination", None, enquiry)
    draft.raises("determined", enquiry)
    match command.outcome:
        case "substantiated_at_risk":
            _conference_decided(draft, command, enquiry)
        case "substantiated_not_at_risk":
            draft.move("determine_not_at_risk", enquiry)
            _stood_down(draft, enquiry)
        case _:
            draft.move("determine_not_substantiated", enquiry)
            _stood_down(draft, enquiry)


def _may_end(draft: Draft, command: enquiries.Determined, enquiry: Enquiry) -> None:
    if command.rationale is None:
        raise Refused("determination_needs_rationale")
    if draft.state.open_clocks("child_first_seen", enquiry.number):
        raise Refused("determination_before_seen")
    if command.outcome == "not_substantiated" and command.ratified_by in {None, command.actor}:
        raise Refused("determination_needs_ratification")


def _stood_down(draft: Draft, enquiry: Enquiry) -> None:
    draft.learns(enquiry, stood_down=True)
    draft.raises("icpc_not_needed", enquiry)
    draft.raises("enquiry_stood_down", enquiry)
    if INITIAL & set(draft.state.planned):
        draft.no_longer_planned(*INITIAL)
        draft.raises("conference_not_needed", of="icpc_arranged")


def _conference_decided(draft: Draft, command: enquiries.Determined, enquiry: Enquiry) -> None:
    draft.move("determine_at_risk", enquiry)
    draft.learns(enquiry, conference_decided_at=command.happened_at)
    draft.raises("icpc_decided", enquiry)
    if not draft.state.open_clocks("icpc", enquiry.number):
        # Decided without a discussion: its 15 working days count from the decision.
        draft.raises("strategy_towards_conference", enquiry)
    if command.rationale is None:
        lack_rationale(draft, "determination", enquiry)
    if enquiry.safety_plan:
        draft.raises("safety_plan_agreed", enquiry)
    else:
        draft.lacks("safety_plan", "conference", enquiry)
        draft.tells("safety_plan_missing", "team_manager")


def safety_plan_agreed(draft: Draft, _: enquiries.SafetyPlanAgreed) -> None:
    """What keeps the child safe until the conference."""
    enquiry = draft.enquiry
    draft.learns(enquiry, safety_plan=True)
    draft.given("safety_plan", None, enquiry)
    draft.raises("safety_plan_agreed", enquiry)


def safety_plan_reviewed(draft: Draft, _: enquiries.SafetyPlanReviewed) -> None:
    """Looked at again."""
    draft.raises("safety_plan_reviewed", draft.enquiry)


def advocacy_offered(draft: Draft, _: enquiries.AdvocacyOffered) -> None:
    """An active offer, at each stage."""
    draft.raises("advocacy_offered")


def voice_recorded(draft: Draft, command: enquiries.VoiceRecorded) -> None:
    """Each child's own voice; what a joint meeting's record lacked is there now, and what it changes is said. Declined twice goes to the chair."""
    draft.fact(voice_at=max(command.happened_at, draft.state.voice_at or command.happened_at))
    came_after = draft.given("voice") and draft.state.last_conference_at
    draft.raises("voice_recorded")
    if command.how == "declined":
        _declined(draft, f"voice:{len(draft.state.voice_declined) + 1}")
    else:
        draft.fact(voice_declined=())
        if came_after and not draft.state.voice_changed_said:
            owe_what_changed(draft, max(draft.at, came_after))
    if command.same_words:
        draft.notes("same_words_as_sibling")
        draft.tells("same_words", "chair", "team_manager")


def participation_declined(draft: Draft, command: enquiries.ParticipationDeclined) -> None:
    """No to a meeting; however often to the same one, the meeting itself tells its chair."""
    if command.meeting not in draft.state.voice_declined:
        _declined(draft, command.meeting)


def _declined(draft: Draft, what: str) -> None:
    said_no = (*draft.state.voice_declined, what)
    draft.fact(voice_declined=said_no)
    if len(said_no) == draft.rules.declining.times:
        draft.notes("child_declined_twice")
        draft.tells("child_declined_twice", "chair")


def assessment_opened(draft: Draft, _: enquiries.AssessmentOpened) -> None:
    """Part 3 of the Act: 42 working days from the report."""
    enquiry = draft.enquiry
    draft.raises("assessment_part3_opened", enquiry, started_at=enquiry.reported_at)


def assessment_completed(draft: Draft, command: enquiries.AssessmentCompleted) -> None:
    """Part 3 or section 47."""
    draft.raises("assessment_part3_completed" if command.kind == "part3" else "assessment_s47_completed", draft.enquiry)


def allegation_against_professional(draft: Draft, command: enquiries.AllegationAgainstProfessional) -> None:
    """The other way: that person is shut out, the designated officer is told within 24 hours."""
    draft.fact(shut_out=tuple(sorted({*draft.state.shut_out, command.against})))
    draft.raises("allegation_against_professional")
    if draft.state.registered and command.against == draft.state.roles.get("social_worker"):
        draft.tells("no_social_worker", "head_of_service")
    draft.tells("allegation_against_professional", "team_manager", "senior_safeguarding_manager")


def restriction_made(draft: Draft, command: enquiries.RestrictionMade) -> None:
    """Rights are each adult's for each child. Made again it has another cause, and goes on."""
    kept = _but(draft, command)
    made = Restriction(person=command.person, hidden=command.hidden, because=command.because, since=command.happened_at)
    draft.fact(restrictions=(*kept, made))
    if draft.state.registered and command.hidden is Hidden.everything and command.person == draft.state.roles.get("social_worker"):
        draft.tells("no_social_worker", "head_of_service")


def restriction_lifted(draft: Draft, command: enquiries.RestrictionLifted) -> None:
    """Only what was hidden can be shown again, and only with a reason: somebody relied on it."""
    if command.reason is None:
        raise Refused("lifting_needs_reason")
    kept = _but(draft, command)
    if len(kept) == len(draft.state.restrictions):
        raise Refused("nothing_hidden", person=command.person)
    draft.fact(restrictions=kept)


def _but(draft: Draft, command: enquiries.RestrictionMade | enquiries.RestrictionLifted) -> tuple[Restriction, ...]:
    return tuple(each for each in draft.state.restrictions if (each.person, each.hidden) != (command.person, command.hidden))


def designated_officer_told(draft: Draft, _: enquiries.DesignatedOfficerTold) -> None:
    """The designated officer knows."""
    draft.raises("designated_officer_told")

"""A report, its first hour, its screening (WSP section 2, section 3 part 1)."""

from datetime import datetime, time

from procedures.decisions.draft import Draft
from procedures.lifecycle import STOOD_DOWN
from procedures.refusals import Refused
from procedures.times import LONDON
from schemas.commands import reports
from schemas.commands.base import Harm
from schemas.state import Enquiry

SAME_DAY_HARM = frozenset({Harm.physical, Harm.sexual})


def same_day(enquiry: Enquiry) -> bool:
    """Physical or sexual harm is alleged: some timescales end the same day."""
    return bool(SAME_DAY_HARM & set(enquiry.alleged))


def report(draft: Draft, command: reports.Report) -> None:
    """A report opens an enquiry; on a closed or new record also a journey. Beside a registration it leaves everything as it runs."""
    state = draft.state
    if command.expected_on is None and state.unborn and state.expected_on is None:
        raise Refused("unborn_needs_date")
    enquiry = draft.opens(
        Enquiry(
            number=len(state.enquiries) + 1,
            reported_at=command.happened_at,
            how=command.how,
            reporter=command.reporter,
            alleged=command.alleged,
            possible_crime=command.possible_crime,
        )
    )
    if state.journey == 0 or state.closed:
        draft.fact(journey=state.journey + 1, closed=False)
    draft.raises("report_received", enquiry)
    if command.reporter != "anonymous":
        draft.raises("report_from_known_reporter", enquiry)
    if command.reporter == "professional":
        draft.raises("telephone_report" if command.how == "telephone" else "written_report_received", enquiry)
    if command.possible_crime:
        draft.raises("possible_crime", enquiry)
    # Another child of the mother's has a record and a journey of its own.
    if command.expected_on is not None and state.journey > 0 and not state.unborn:
        draft.notes("expected_date_of_another_child")
    elif command.expected_on is not None:
        draft.fact(unborn=True, expected_on=command.expected_on)
        draft.raises("unborn_child_reported", anchor=datetime.combine(command.expected_on, time(), LONDON))
    if state.registered:
        draft.tells("new_report_on_registered_child", "social_worker", "team_manager")


def written_report(draft: Draft, _: reports.WrittenReport) -> None:
    """Sent stops the 24 hours; received starts the reporter's own duty to chase."""
    draft.given("report", None, draft.enquiry)
    draft.raises("written_report_sent", draft.enquiry)
    draft.raises("written_report_received", draft.enquiry)


def safety_checked(draft: Draft, command: reports.SafetyChecked) -> None:
    """Is this child safe tonight?"""
    enquiry = draft.enquiry
    draft.learns(enquiry, safe=command.safe)
    draft.raises("safety_checked", enquiry)
    if not command.safe:
        draft.tells("not_safe_tonight", "team_manager", "service_manager", "head_of_service")


def police_told(draft: Draft, _: reports.PoliceTold) -> None:
    """A possible crime against a child is discussed with the police at once."""
    draft.raises("police_told", draft.enquiry)


def handed_to_emergency_team(draft: Draft, _: reports.HandedToEmergencyTeam) -> None:
    """The emergency duty team knows."""
    draft.raises("handed_to_emergency_team", draft.enquiry)


def handed_from_emergency_team(draft: Draft, _: reports.HandedFromEmergencyTeam) -> None:
    """What the emergency duty team did comes back to the day team."""
    draft.raises("handed_from_emergency_team", draft.enquiry)


def report_acknowledged(draft: Draft, _: reports.ReportAcknowledged) -> None:
    """The reporter knows that the written report arrived."""
    draft.raises("report_acknowledged", draft.enquiry)


def screened(draft: Draft, command: reports.Screened) -> None:
    """Standing down needs a rationale, the element not met, and a child known to be safe; what protects takes effect at once."""
    enquiry = draft.enquiry
    if command.decision in {"no_further_action", "information_advice"}:
        _may_stand_down(draft, command, enquiry)
    if command.decision == "strategy" and enquiry.stage in STOOD_DOWN:
        enquiry = draft.reopened(enquiry)
    else:
        draft.move(f"screen_{command.decision}", enquiry)
    draft.raises("screened", enquiry)
    match command.decision:
        case "strategy":
            draft.raises("strategy_wanted", enquiry, same_day=same_day(enquiry))
        case "assessment":
            draft.raises("assessment_part3_opened", enquiry, started_at=enquiry.reported_at)
        case _:
            draft.learns(enquiry, stood_down=True)
            draft.raises("enquiry_stood_down", enquiry)
    if command.rationale is None:
        lack_rationale(draft, "screening", enquiry)


def _may_stand_down(draft: Draft, command: reports.Screened, enquiry: Enquiry) -> None:
    if command.rationale is None:
        raise Refused("screening_needs_rationale")
    if command.threshold_element is None:
        raise Refused("screening_needs_threshold")
    draft.must_be_safe(enquiry)


def lack_rationale(draft: Draft, about: str, enquiry: Enquiry) -> None:
    """The decision stands; its reason is now urgent, and the manager knows."""
    draft.lacks("rationale", about, enquiry)
    draft.raises("rationale_missing", enquiry)
    draft.tells("rationale_missing", "team_manager", decision=about)


def rationale_given(draft: Draft, command: reports.RationaleGiven) -> None:
    """The missing reason is there."""
    enquiry = draft.enquiry
    draft.given("rationale", command.about, enquiry)
    # The timescale ends with the last reason that was missing.
    if not draft.is_missing("rationale", enquiry):
        draft.raises("rationale_given", enquiry)


def reporter_told(draft: Draft, command: reports.ReporterTold) -> None:
    """The outcome and why; a member of the public is thanked, not told of the family's affairs."""
    enquiry = draft.enquiry
    if enquiry.reporter == "public" and command.reason_told:
        draft.notes("public_is_not_told_reasons")
    draft.raises("reporter_told", enquiry)


def reporter_disagreed(draft: Draft, _: reports.ReporterDisagreed) -> None:
    """A reporter who disagrees has a way, on a clock."""
    draft.raises("reporter_disagreed", draft.enquiry)
    draft.tells("reporter_disagreed", "senior_safeguarding_manager")


def disagreement_resolved(draft: Draft, command: reports.DisagreementResolved) -> None:
    """The decision stands, or the enquiry is taken up again."""
    enquiry = draft.enquiry
    draft.raises("disagreement_resolved", enquiry)
    if command.outcome == "decision_stands":
        return
    if command.outcome == "strategy" and enquiry.stage in STOOD_DOWN:
        enquiry = draft.reopened(enquiry)
    else:
        draft.move("screen_strategy" if command.outcome == "strategy" else "reopen_assessment", enquiry)
        draft.learns(enquiry, stood_down=False)
    if command.outcome == "strategy":
        draft.raises("strategy_wanted", enquiry, same_day=same_day(enquiry))
    else:
        draft.raises("assessment_part3_opened", enquiry, started_at=enquiry.reported_at)


def professional_disagreed(draft: Draft, _: reports.ProfessionalDisagreed) -> None:
    """Up both agencies, on a clock."""
    draft.raises("professional_disagreed")
    draft.tells("professional_disagreed", "senior_safeguarding_manager")


def professional_disagreement_resolved(draft: Draft, _: reports.ProfessionalDisagreementResolved) -> None:
    """How it ended."""
    draft.raises("professional_disagreement_resolved")

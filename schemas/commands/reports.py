"""A report, its first hour, its screening, and what the reporter is told."""

import datetime as dt
from typing import Literal

from pydantic import Field

from schemas.base import AgencyId, FreeText, Instant
from schemas.commands.base import Command, EnquiryCommand, Harm, ThresholdElement, command


@command("report", "Report received")
class Report(Command):
    """Somebody reports a concern. Opens the child's journey; on an open journey it opens another enquiry beside what runs."""

    how: Literal["telephone", "in_writing", "in_person"] = Field(description="How it came.")
    reporter: Literal["professional", "public", "anonymous", "family", "child"] = Field(
        default="professional", description="A member of the public may stay anonymous; the identity is withheld by default."
    )
    agency: AgencyId | None = Field(default=None, description="The reporter's agency, by its id in the directory.")
    alleged: tuple[Harm, ...] = Field(
        default=(), description="Alleged kinds of harm; physical or sexual harm shortens timescales to the same day."
    )
    possible_crime: bool = Field(default=False, description="A possible crime against a child: the police are told at once.")
    words: FreeText = Field(description="What was reported.")
    threshold_element: ThresholdElement | None = Field(
        default=None, description="Which element of the threshold the reporter believes is met."
    )
    expected_on: dt.date | None = Field(default=None, description="For an unborn child: the expected date of delivery.")


@command("written_report", "Written report sent and received")
class WrittenReport(EnquiryCommand):
    """The written report that follows a telephone report within 24 hours. `happened_at` is when it was sent."""

    received_at: Instant = Field(description="When it arrived.")


@command("report_acknowledged", "Report acknowledged to the reporter")
class ReportAcknowledged(EnquiryCommand):
    """The reporter knows that the written report has arrived."""


@command("safety_checked", "Immediate safety checked")
class SafetyChecked(EnquiryCommand):
    """Is this child safe tonight? By whom it was checked (the actor), when, and where the child is."""

    safe: bool = Field(description="False where the child is not safe tonight: the managers are told at once.")
    where: FreeText | None = Field(default=None, description="Where the child is and with whom.")


@command("police_told", "Police told of a possible crime")
class PoliceTold(EnquiryCommand):
    """The police were told of a possible crime against a child."""

    reference: FreeText | None = Field(default=None, description="The police's reference.")


@command("handed_to_emergency_team", "Handed over to the emergency duty team")
class HandedToEmergencyTeam(EnquiryCommand):
    """The emergency duty team knows of the child until the next working day."""

    until: Instant | None = None


@command("handed_from_emergency_team", "Handed back by the emergency duty team")
class HandedFromEmergencyTeam(EnquiryCommand):
    """The emergency duty team hands back what it did and saw."""

    words: FreeText | None = None


@command("screened", "Screening decision")
class Screened(EnquiryCommand):
    """The decision on a report, with rationale, element of the threshold, decision maker (the actor) and grade."""

    decision: Literal["no_further_action", "information_advice", "assessment", "strategy"] = Field(description="What is decided.")
    rationale: FreeText | None = Field(
        default=None, description="Why. Without it no standing down; a strategy discussion goes on, and it becomes urgent."
    )
    threshold_element: ThresholdElement | None = Field(default=None, description="The element that is met, or not met.")
    other_support: FreeText | None = Field(default=None, description="Other support offered to the family.")
    grade: str | None = Field(default=None, max_length=60, description="The decision maker's grade.")


@command("rationale_given", "Missing rationale given")
class RationaleGiven(EnquiryCommand):
    """The reason for a decision that took effect before it was written."""

    about: Literal["screening", "strategy", "determination", "conference"] = "screening"
    rationale: FreeText
    threshold_element: ThresholdElement | None = None


@command("reporter_told", "Reporter told the outcome and why")
class ReporterTold(EnquiryCommand):
    """The reporter is told the outcome and the reason. A member of the public is thanked and told that it was acted on."""

    reason_told: bool = Field(
        default=True, description="Which element was not met and what other support there is; never to a member of the public."
    )
    by: Literal["letter", "telephone", "in_person", "secure_message"] = "letter"


@command("reporter_disagreed", "Reporter disagrees with the outcome")
class ReporterDisagreed(EnquiryCommand):
    """The reporter disagrees with the decision: own manager and DSP first, then the senior safeguarding manager."""

    words: FreeText
    route: Literal["own_manager_and_dsp", "senior_safeguarding_manager"] = "own_manager_and_dsp"


@command("disagreement_resolved", "Disagreement of the reporter resolved")
class DisagreementResolved(EnquiryCommand):
    """The answer to a reporter's disagreement, with its reason."""

    outcome: Literal["decision_stands", "assessment", "strategy"]
    rationale: FreeText


@command("professional_disagreed", "Professional disagreement raised")
class ProfessionalDisagreed(Command):
    """Agencies disagree, at any stage: it goes up both agencies."""

    words: FreeText


@command("professional_disagreement_resolved", "Professional disagreement resolved")
class ProfessionalDisagreementResolved(Command):
    """How a disagreement between agencies ended."""

    words: FreeText

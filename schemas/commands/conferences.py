"""Conferences, core groups, plans and reviews, recorded as held; each child is decided for separately."""

from typing import Literal

from pydantic import Field

from schemas.base import FreeText, Identifier, Instant, PersonId, SameWords, SeniorManagerId, SentBy
from schemas.commands.base import Attendance, Command, Dissent, EnquiryCommand, Evidence, Harm, PlanLine, command

Conference = Literal["icpc", "pre_birth", "rcpc", "transfer_in"]
INITIAL: frozenset[Conference] = frozenset({"icpc", "pre_birth"})


@command("conference_arranged", "Conference arranged")
class ConferenceArranged(EnquiryCommand):
    """A date is booked. What is missing never holds it up."""

    conference: Conference
    planned_at: Instant
    chair: PersonId | None = Field(default=None, description="Independent of the case's line management.")


@command("conference_moved", "Conference moved")
class ConferenceMoved(EnquiryCommand):
    """Another date or time; the formal due date stays. The safety plan is reviewed when an initial conference moves."""

    conference: Conference
    planned_at: Instant


@command("conference_postponed", "Initial conference postponed by the chair")
class ConferencePostponed(EnquiryCommand):
    """In exceptional circumstances, if the chair is satisfied that the child is protected: with a reason, and a new date within a working day."""

    protected: bool = Field(description="The chair is satisfied that the child is protected meanwhile.")


@command("agency_reports_received", "Agency reports received")
class AgencyReportsReceived(Command):
    """The agencies' reports for the coming conference are in."""

    conference: Conference | None = Field(default=None, description="Which, where more than one is planned.")


@command("reports_shared", "Reports shared with the parents")
class ReportsShared(Command):
    """The parents have the reports, with time to read them before the conference."""

    conference: Conference | None = Field(default=None, description="Which, where more than one is planned.")


class Held(EnquiryCommand):
    """What is recorded of every conference: chair, attendance, reasons, dissent."""

    chair: PersonId
    attendance: tuple[Attendance, ...]
    rationale: FreeText | None = None
    dissent: tuple[Dissent, ...] = ()
    voice_changed: FreeText | None = Field(default=None, description="What the child's voice changed in the decision, or why nothing.")
    meeting: Identifier | None = Field(default=None, description="The id of the meeting shared by several children.")
    goes_on_because: FreeText | None = Field(
        default=None, description="The chair's reason to go on without what is missing (quorum, a voice, evidence)."
    )
    same_words: SameWords = None


@command("conference_held", "Conference held")
class ConferenceHeld(Held):
    """An initial, pre-birth or transfer-in conference decides for this child: register, with categories, or not."""

    conference: Literal["icpc", "pre_birth", "transfer_in"] = "icpc"
    decision: Literal["register", "not_register"]
    categories: tuple[Harm, ...] = ()


@command("review_held", "Review conference held")
class ReviewHeld(Held):
    """A review conference decides for this child: stay on, change category, or name removed from the register."""

    decision: Literal["stay", "change_category", "deregister"]
    categories: tuple[Harm, ...] = Field(default=(), description="The categories from now on, where they change.")
    evidence: tuple[Evidence, ...] = Field(default=(), description="To deregister: evidence of change for each concern.")
    contingency_plan: FreeText | None = Field(default=None, description="To deregister: trigger, who acts, by when.")
    risk_if_support_ends: FreeText | None = None


class PaperCirculated(Command):
    """A paper of a conference went out. Where the conference was a meeting of this service, that meeting sends it and says so."""

    sent_by: SentBy = None
    meeting: Identifier | None = Field(
        default=None,
        description="The meeting whose paper went another way. Without it: that of a conference held elsewhere, or of the latest.",
    )


@command("outline_plan_circulated", "Outline plan and decision summary circulated")
class OutlinePlanCirculated(PaperCirculated):
    """Within 5 working days of the initial conference. Of one that was held as a meeting here: `siwrnai meeting circulated` sends it;
    this is for one held elsewhere, or, with the reason, for what went another way.
    """


@command("conference_record_circulated", "Conference record circulated")
class ConferenceRecordCirculated(PaperCirculated):
    """The full record of the conference. Of one that was held as a meeting here: `siwrnai meeting circulated` sends it; this is for one
    held elsewhere, or, with the reason, for what went another way.
    """


@command("voice_change_recorded", "What the child's voice changed recorded")
class VoiceChangeRecorded(Command):
    """What the child's voice changed in the last conference's decision, or why nothing, where the decision did not say: its chair owes that,
    by a timescale of its own, and the conference's record waits for it.
    """

    words: FreeText


@command("conference_record_closed", "Conference record closed")
class ConferenceRecordClosed(Command):
    """The record of a conference is closed: not while this child's voice is missing from it, or what that voice changed is not said."""

    goes_on_because: FreeText | None = Field(
        default=None, description="The reason to close it though what the child's voice changed is not said: that stays owed."
    )


@command("review_outcome_circulated", "Outcome of the review circulated")
class ReviewOutcomeCirculated(PaperCirculated):
    """Family and agencies know what the review decided. Of one that was held as a meeting here: `siwrnai meeting circulated` sends it;
    this is for one held elsewhere, or, with the reason, for what went another way.
    """


@command("core_group_held", "Core group held")
class CoreGroupHeld(Command):
    """The core group met: progress on each line of the plan."""

    attendance: tuple[Attendance, ...]
    plan: tuple[PlanLine, ...] = ()
    contingency_plan: FreeText | None = None


@command("plan_agreed", "Care and support protection plan agreed")
class PlanAgreed(Command):
    """The plan, by what needs to change for the child."""

    plan: tuple[PlanLine, ...] = Field(min_length=1)
    contingency_plan: FreeText | None = None


@command("deregistered", "Name removed from the register without a review")
class Deregistered(Command):
    """At 18, or on leaving the UK for good, confirmed by a senior manager. Never by a date alone."""

    ground: Literal["turned_18", "left_uk"]
    rationale: FreeText | None = None
    confirmed_by: SeniorManagerId | None = Field(default=None, description="Leaving the UK: the senior manager who confirmed the arrival.")
    handed_to_adult_safeguarding: bool = False


@command("deregistration_notice_sent", "Agencies told of the deregistration")
class DeregistrationNoticeSent(Command):
    """Family and agencies know that the name was removed from the register."""

"""Strategy discussion, section 47 enquiries, what protects at once, and how the child is seen and heard."""

from typing import Literal

from pydantic import Field

from schemas.base import FreeText, Identifier, ManagerId, PersonId, PersonOrFamilyId, SameWords
from schemas.commands.base import Attendance, Command, EnquiryCommand, command
from schemas.entitlement import Because, Hidden


@command("strategy_held", "Strategy discussion or meeting held")
class StrategyHeld(EnquiryCommand):
    """Police and social services at the least; school or early years and health asked for every time. A record on each child's file."""

    form: Literal["discussion", "meeting"] = "discussion"
    attendance: tuple[Attendance, ...] = Field(description="Who took part, by agency.")
    reason_without_others: FreeText | None = Field(default=None, description="Why school or health were not there.")
    outcome: Literal["no_further_action", "care_and_support", "section47_single", "section47_joint", "another_meeting"]
    medical: Literal["needed", "not_needed"] | None = Field(default=None, description="Is a child protection medical needed? Decided here.")
    rationale: FreeText | None = Field(default=None, description="Why this outcome.")


@command("others_informed", "School and health informed and asked")
class OthersInformed(EnquiryCommand):
    """Those who were not at an urgent strategy discussion know of it, and were asked what they know."""


@command("medical_decided", "Child protection medical decided")
class MedicalDecided(EnquiryCommand):
    """A medical was left open at the strategy discussion and is decided now."""

    medical: Literal["needed", "not_needed"]


@command("enquiries_started", "Section 47 enquiries started")
class EnquiriesStarted(EnquiryCommand):
    """Enquiries begin without waiting for a discussion, because the child needs it."""

    mode: Literal["single_agency", "joint"]


@command("emergency_protection", "Emergency protection")
class EmergencyProtection(Command):
    """Police protection (72 hours at most) or an emergency protection order: its expiry is warned of ahead."""

    kind: Literal["police_protection", "emergency_protection_order"]


@command("emergency_protection_ended", "Emergency protection ended")
class EmergencyProtectionEnded(Command):
    """Police protection or the order ended, and what protects the child now."""

    protected_by: FreeText


@command("visit", "Visit made or tried")
class Visit(Command):
    """The social worker saw the child, or tried to. Seen, seen alone, at home and the bedroom are told apart."""

    seen: bool
    alone: Literal["no", "alone", "observed_without_carers"] = Field(
        default="no", description="A small child is observed without its carers: that counts as alone at its age."
    )
    place: Literal["home", "school", "family", "other"]
    bedroom_seen: bool = False
    not_seen_because: Literal["no_access", "child_out", "refused", "other"] | None = None
    words: FreeText | None = None


@command("missing", "Child missing")
class Missing(Command):
    """The child is missing: social worker and police at once; every timescale keeps running."""

    words: FreeText | None = None


@command("found", "Missing child found")
class Found(Command):
    """The child is back, and was seen or not."""

    words: FreeText | None = None


@command("determined", "Section 47 determination")
class Determined(EnquiryCommand):
    """What the enquiries concluded. Not substantiated is ratified by a manager; at continuing risk leads to an initial conference."""

    outcome: Literal["not_substantiated", "substantiated_not_at_risk", "substantiated_at_risk"]
    rationale: FreeText | None = None
    ratified_by: ManagerId | None = Field(default=None, description="The manager who ratifies that concerns are not substantiated.")


@command("safety_plan_agreed", "Safety plan agreed")
class SafetyPlanAgreed(EnquiryCommand):
    """What keeps the child safe until the conference."""

    words: FreeText


@command("safety_plan_reviewed", "Safety plan reviewed")
class SafetyPlanReviewed(EnquiryCommand):
    """The safety plan was looked at again, as when the conference moves."""

    words: FreeText | None = None


@command("advocacy_offered", "Advocate offered to the child")
class AdvocacyOffered(Command):
    """An active offer of an independent professional advocate, made again at each stage."""

    answer: Literal["accepted", "declined", "not_yet", "not_of_age"] = "not_yet"


@command("voice_recorded", "Child's voice recorded")
class VoiceRecorded(Command):
    """What the child worries about, what matters and what it wishes, in its own words, or what was observed of a small child."""

    how: Literal["in_person", "letter", "drawing", "app", "advocate", "observed", "declined"]
    language: Literal["cy", "en", "other"] = "en"
    worries: FreeText | None = None
    matters: FreeText | None = None
    wishes: FreeText | None = None
    may_read: tuple[Literal["chair", "conference", "school", "parents"], ...] = Field(
        default=("chair",), description="Who may read it besides the social worker. Parents not by default."
    )
    same_words: SameWords = None


@command("participation_declined", "Child declined to take part in a meeting")
class ParticipationDeclined(Command):
    """A meeting tells the journey of each child that said no to it: two meetings, or one and a voice that was declined, go to the chair."""

    service = True
    meeting: Identifier


@command("assessment_opened", "Assessment opened")
class AssessmentOpened(EnquiryCommand):
    """A care and support assessment (Part 3) is decided on; its 42 working days count from the report."""


@command("assessment_completed", "Assessment completed")
class AssessmentCompleted(EnquiryCommand):
    """The assessment is complete."""

    kind: Literal["part3", "section47"]


@command("allegation_against_professional", "Allegation against a professional")
class AllegationAgainstProfessional(Command):
    """An allegation against somebody who works with children goes the other way: the designated officer within 24 hours."""

    against: PersonId = Field(description="The person concerned, by their id in the directory: shut out of everything about this child.")
    words: FreeText


@command("restriction_made", "Something hidden from somebody")
class RestrictionMade(Command):
    """From now on something of this child is hidden from one person, with all that would betray it: letters, pages, copies and lists."""

    person: PersonOrFamilyId = Field(description="From whom, by that person's id: of the family, or of the directory.")
    hidden: Hidden = Field(description="`everything`: told nothing of this child. `address`: where the child lives, its school, venues …")
    because: Because = Field(description="Why: an alleged source of harm, bail, an injunction, an embargo by the police …")
    words: FreeText | None = None


@command("restriction_lifted", "No longer hidden from somebody")
class RestrictionLifted(Command):
    """What was hidden from somebody is hidden no more. It wants a reason."""

    person: Identifier = Field(description="From whom it was hidden.")
    hidden: Hidden


@command("designated_officer_told", "Designated officer told")
class DesignatedOfficerTold(Command):
    """The authority's designated officer knows of the allegation."""

"""What every command carries, and the register of all of them.

A command is what a person does. Its pydantic model is the one source of its checks, of its verb on the command line, of its documentation and
of its tests. `title` is its name for people; the class's docstring says what it means.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from pydantic import Field

from schemas.base import FreeText, Identifier, Instant, Model, PersonId, PersonOrFamilyId


class Command(Model):
    """Who did it, when it happened, and why where the procedures ask for a reason."""

    name: ClassVar[str]
    title: ClassVar[str]
    service: ClassVar[bool] = False
    """True for what the service itself says (a letter refused); people have no verb for it."""

    actor: PersonId = Field(description="Who did it: the id of a person in the directory.")
    happened_at: Instant = Field(description="When it happened, with offset, e.g. 2026-11-23T10:05+00:00. It may be told late.")
    reason: FreeText | None = Field(default=None, description="Why, in the person's own words, where a reason is asked for.")


class EnquiryCommand(Command):
    """A command about one enquiry; without a number the latest one is meant."""

    enquiry: int | None = Field(default=None, ge=1, description="The number of the enquiry; without it the latest is meant.")


class Envelope(Model):
    """What crosses to the engine: a checked command in which words of people are references to the record."""

    command_id: Identifier
    name: str
    received_at: Instant
    """Stamped by the door: the database's clock, in a rehearsal the virtual one."""
    body: dict[str, Any]


COMMANDS: dict[str, type[Command]] = {}

CommandClass = TypeVar("CommandClass", bound=type[Command])


def command(name: str, title: str) -> Callable[[CommandClass], CommandClass]:
    """Register a command under its name (used in timelines, scripts and on the command line)."""

    def enter(model: CommandClass) -> CommandClass:
        model.name, model.title = name, title
        COMMANDS[name] = model
        return model

    return enter


class Harm(StrEnum):
    """Alleged kinds of harm, and the categories of the Child Protection Register."""

    physical = "physical"
    emotional = "emotional"
    """Emotional/psychological."""
    sexual = "sexual"
    financial = "financial"
    neglect = "neglect"


class ThresholdElement(StrEnum):
    """The element of the threshold that is met, or not met (Children Act 1989 s47; SSWB (Wales) Act 2014 s130(4))."""

    abuse_or_neglect = "abuse_or_neglect"
    needs_care_and_support = "needs_care_and_support"
    significant_harm_suffered = "significant_harm_suffered"
    significant_harm_likely = "significant_harm_likely"


class AgencyKind(StrEnum):
    """The agencies that take part (WSP section 3; see the invitees in the procedures file)."""

    social_services = "social_services"
    police = "police"
    school = "school"
    early_years = "early_years"
    health_visitor = "health_visitor"
    school_nurse = "school_nurse"
    midwife = "midwife"
    gp = "gp"
    paediatrician = "paediatrician"
    probation = "probation"
    housing = "housing"
    adult_services = "adult_services"
    camhs = "camhs"
    youth_justice = "youth_justice"
    substance_misuse = "substance_misuse"
    domestic_abuse = "domestic_abuse"
    advocate = "advocate"
    parent = "parent"
    child = "child"
    foster_carer = "foster_carer"
    solicitor = "solicitor"
    cafcass = "cafcass"
    other = "other"


EDUCATION = frozenset({AgencyKind.school, AgencyKind.early_years})
HEALTH = frozenset(
    {AgencyKind.health_visitor, AgencyKind.school_nurse, AgencyKind.midwife, AgencyKind.gp, AgencyKind.paediatrician, AgencyKind.camhs}
)


class Attendance(Model):
    """Who was there, for which agency."""

    agency: AgencyKind
    person: PersonOrFamilyId | None = None
    by: str = Field(
        default="present",
        pattern="^(present|telephone|video|written|apologies)$",
        description="How: present, telephone, video, written, apologies.",
    )

    @property
    def there(self) -> bool:
        """True where the agency took part in the discussion itself."""
        return self.by in {"present", "telephone", "video"}


class Dissent(Model):
    """A disagreement with a decision about this child: the agency and its reason."""

    agency: AgencyKind
    reason: FreeText


class PlanLine(Model):
    """What needs to change for the child, not what an adult must attend."""

    change_needed: FreeText
    sign_of_change: FreeText
    who_helps: FreeText
    by_when: Instant | None = None
    progress: FreeText | None = None


class Evidence(Model):
    """Evidence that one concern has changed in the child's lived experience."""

    concern: Harm
    change: FreeText
    seen_by: FreeText
    over: FreeText = Field(description="Over how long it has held.")

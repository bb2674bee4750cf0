"""The day of a meeting: who took part, what was decided for each child, or that it is held again on another day."""

from typing import Any

from pydantic import Field

from schemas.base import FreeText, Identifier, Model, PersonId, SameWords
from schemas.commands.base import Command
from schemas.engine import Refusal
from schemas.meeting_commands import Timed, meeting_command
from schemas.meetings import TakingPart, TookPart


@meeting_command("participation_chosen", "How a child takes part was chosen")
class ChooseParticipation(Command):
    """The child's own choice, before the meeting; a later one replaces it. Declined twice goes to the chair."""

    child: Identifier
    how: TakingPart = Field(
        description="As the child chose: there for all or a part of it, through somebody, in writing, by video, or not."
    )


@meeting_command("attends_separately", "Somebody attends separately")
class AttendSeparately(Command):
    """Never in the room with whom that person is kept apart from: the agenda has a part of its own for this one. With why."""

    invitee: Identifier = Field(description="Who attends separately, by the id at the meeting.")
    apart_from: tuple[Identifier, ...] = Field(
        default=(), description="With whom this person is never in the room; without it everybody of the family and who stands by it."
    )
    ended: bool = Field(default=False, description="Not any more.")


class Participated(Model):
    """How one child took part on the day, and what changed because of it."""

    child: Identifier
    how: TakingPart
    changed: FreeText | None = Field(
        default=None, description="What changed because of what the child said: a conference's decision on this child is asked for it."
    )


class NotDecided(Model):
    """A child about whom nothing was decided on the day, and why: the others' decisions do not wait for it."""

    child: Identifier
    reason: FreeText = Field(description="Why: the child has died or moved, or its journey cannot take a decision now.")


@meeting_command("held", "Meeting held")
class Hold(Command):
    """Who took part, once for the meeting; then each child's journey is told, once, what was decided for that child.

    With `--file FILE`, YAML: the options below, and `children`, by the child's id, with the decision, categories, rationale, plan and dissent
    of that child (the options of `conference-held`, `review-held`, `core-group-held` or `strategy-held`). All journeys are asked first: where
    one of them would refuse, the child is named and nothing is recorded. A journey that cannot take it all the same keeps the meeting open, and
    `show` names the child and why: repeat the line under the same id when it can, or correct what was decided for that child and give it alone
    under a new id, with the attendance as it is recorded. Nobody who was told is told again.
    """

    attendance: tuple[TookPart, ...] = Field(min_length=1, description="How each of those who were invited took part.")
    participation: tuple[Participated, ...] = Field(
        default=(),
        description="How each child took part, and what changed because of what the child said; the chair of a conference owes what is left out.",
    )
    not_decided: tuple[NotDecided, ...] = Field(
        default=(), description="Children about whom nothing was decided, each with why; the others' decisions do not wait for them."
    )
    goes_on_because: FreeText | None = Field(
        default=None, description="The chair's reason to go on with fewer agencies than are needed, or without what is missing."
    )
    same_words: SameWords = None


@meeting_command("rebooked", "Meeting held again on another day")
class Rebook(Timed):
    """On the day there were too few: another date. The formal due date stays and is reported late, with the reason."""

    safety_plan_confirmed_by: PersonId = Field(description="Who confirmed that the interim safety plan holds until then, for each child.")
    attendance: tuple[TookPart, ...] = Field(default=(), description="How each of those who were invited took part on the day.")


@meeting_command("follow_up_done", "Agency that was absent followed up")
class FinishFollowUp(Command):
    """An agency that was absent without a contribution has been spoken to: it leaves the list of those to follow up."""

    invitee: Identifier
    outcome: FreeText = Field(description="What came of it, e.g. a written contribution, or who will come to the next meeting.")


@meeting_command("outcomes_told", "Journeys told what was decided")
class OutcomesTold(Command):
    """Which children's journeys took what was decided for them, and which could not."""

    service = True
    told: dict[Identifier, Identifier] = {}
    """By child: the id of the command with which its journey was told."""
    refused: dict[Identifier, Refusal] = {}
    """By child: why its journey could not take it."""


@meeting_command("closed", "Held meeting closed with a journey untold")
class CloseUntold(Command):
    """A meeting that was held stays open while a journey cannot take what was decided; `show` names the child and why. Closed by the chair, or
    the reviewing service and whoever is above it, with a reason, nothing more is told of it: what was decided for that child is then recorded on its journey itself.
    """


class Outcomes(Model):
    """What was decided for each child: the fields of the command to that child's journey, without those that the meeting knows itself."""

    children: dict[Identifier, dict[str, Any]]

"""The day of a meeting: who took part, what was decided for each child, or that it is held again on another day."""

from typing import Any

from pydantic import Field

from schemas.base import FreeText, Identifier, Model, PersonId
from schemas.commands.base import Command
from schemas.meeting_commands import Timed, meeting_command
from schemas.meetings import TakingPart, TookPart


@meeting_command("participation_chosen", "How a child takes part was chosen")
class ChooseParticipation(Command):
    """The child's own choice, before the meeting; a later one replaces it. Declined twice goes to the chair."""

    child: Identifier
    how: TakingPart = Field(
        description="As the child chose: there for all or a part of it, through somebody, in writing, by video, or not."
    )


class Participated(Model):
    """How one child took part on the day, and what changed because of it."""

    child: Identifier
    how: TakingPart
    changed: FreeText | None = Field(default=None, description="What changed because of what the child said.")


@meeting_command("held", "Meeting held")
class Hold(Command):
    """Who took part, once for the meeting; then each child's journey is told, once, what was decided for that child.

    With `--file FILE`, YAML: the options below, and `children`, by the child's id, with the decision, categories, rationale, plan and dissent
    of that child (the options of `conference-held`, `review-held`, `core-group-held` or `strategy-held`). All journeys are asked first: where
    one of them would refuse, the child is named and nothing is recorded.
    """

    attendance: tuple[TookPart, ...] = Field(min_length=1, description="How each of those who were invited took part.")
    participation: tuple[Participated, ...] = Field(
        default=(), description="How each child took part, and what changed because of what the child said."
    )
    goes_on_because: FreeText | None = Field(
        default=None, description="The chair's reason to go on with fewer agencies than are needed, or without what is missing."
    )


@meeting_command("rebooked", "Meeting held again on another day")
class Rebook(Timed):
    """On the day there were too few: another date. The formal due date stays and is reported late, with the reason."""

    safety_plan_confirmed_by: PersonId = Field(description="Who confirmed that the interim safety plan holds until then, for each child.")
    attendance: tuple[TookPart, ...] = Field(default=(), description="How each of those who were invited took part on the day.")


class Outcomes(Model):
    """What was decided for each child: the fields of the command to that child's journey, without those that the meeting knows itself."""

    children: dict[Identifier, dict[str, Any]]

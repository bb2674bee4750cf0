"""Taking over a record that was kept elsewhere."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Instant, PersonId
from schemas.commands.base import Command, Harm, command

ClockId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$")]
"""A timescale's id in the procedures file."""


@command("taken_over", "Record taken over")
class TakenOver(Command):
    """A child's record that was kept on paper or in another system goes on here. What it tells counts from its dates; what it does not
    tell, a last visit for instance, is due on the day of taking over.
    """

    reported_at: Instant | None = Field(default=None, description="When the enquiry that runs, or that led to registration, was reported.")
    alleged: tuple[Harm, ...] = ()
    strategy_wanted_at: Instant | None = Field(default=None, description="When it was decided to hold a strategy discussion.")
    first_strategy_at: Instant | None = Field(default=None, description="The first strategy discussion, where there were several.")
    strategy_at: Instant | None = Field(default=None, description="The last strategy discussion.")
    s47_at: Instant | None = Field(default=None, description="When section 47 enquiries began.")
    conference_decided_at: Instant | None = Field(default=None, description="When an initial conference was decided on.")
    registered_at: Instant | None = Field(default=None, description="When the child was put on the register.")
    categories: tuple[Harm, ...] = ()
    expected_on: dt.date | None = Field(default=None, description="Of an unborn child.")
    review_at: Instant | None = Field(default=None, description="The last review conference.")
    reviews_held: int = Field(default=0, ge=0, description="How many review conferences there were.")
    core_group_at: Instant | None = Field(default=None, description="The last core group.")
    seen_at: Instant | None = Field(default=None, description="When the child was last seen.")
    seen_alone_at: Instant | None = Field(default=None, description="When the child was last seen alone.")
    seen_at_home_at: Instant | None = Field(default=None, description="When the child was last seen at home.")
    bedroom_seen_at: Instant | None = Field(default=None, description="When the child's bedroom was last seen.")
    voice_at: Instant | None = Field(default=None, description="When the child's own voice was last recorded.")
    chair: PersonId | None = Field(default=None, description="Who chaired the last conference.")
    met: tuple[ClockId, ...] = Field(default=(), description="Timescales that the old record shows as done, by their ids.")


INSTANTS = [name for name in TakenOver.model_fields if name.endswith("_at") and name != "happened_at"]

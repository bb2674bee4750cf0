"""Moving between authorities, being looked after, birth, endings, and who works with the child."""

from typing import Literal

from pydantic import Field

from schemas.base import AuthorityId, FreeText, Identifier, Instant, PersonId, SeniorManagerId
from schemas.commands.base import Command, Harm, command


@command("move_out", "Told that the child moves away")
class MoveOut(Command):
    """A registered child moves to another authority: it stays on this register until the conference in the new area."""

    to_authority: AuthorityId = Field(description="The other authority, by its agency's id in the directory (kind social_services).")
    temporary: bool = False
    visits_by: Literal["this_authority", "receiving_authority"] = "this_authority"


@command("move_information_sent", "Written information sent to the receiving authority")
class MoveInformationSent(Command):
    """Within 3 days of being told."""


@command("move_permanence_agreed", "Agreed that the move is permanent")
class MovePermanenceAgreed(Command):
    """From here the receiving authority's transfer-in conference is due."""


@command("transfer_in_asked", "Transfer-in conference asked for")
class TransferInAsked(Command):
    """A temporary move has lasted: the receiving authority is asked for a transfer-in conference."""


@command("temporary_move_ended", "Temporary move ended")
class TemporaryMoveEnded(Command):
    """The child is back."""


@command("transferred", "Transfer-in conference held in the new area")
class Transferred(Command):
    """The conference in the new area was held: only now does the name leave this register."""

    decision: Literal["registered_there", "not_registered_there"]
    rationale: FreeText | None = None


@command("moved_in", "Told of a child moving in")
class MovedIn(Command):
    """A child on another authority's register, or on an English plan: temporary registration from being told until the conference here."""

    from_authority: AuthorityId = Field(description="The other authority, by its agency's id in the directory (kind social_services).")
    categories: tuple[Harm, ...] = Field(min_length=1)
    permanent: bool = False


@command("looked_after", "Child becomes looked after")
class LookedAfter(Command):
    """The child becomes looked after: reviews after 20 working days, then 3, then 6 months."""


@command("looked_after_review_held", "Looked-after review held")
class LookedAfterReviewHeld(Command):
    """The review of a looked-after child; review conferences are aligned with it."""


@command("looked_after_ended", "Child no longer looked after")
class LookedAfterEnded(Command):
    """The child is no longer looked after; the protection plan goes on."""


@command("born", "Child born")
class Born(Command):
    """An unborn child is born: the same journey goes on under the child's name, and the visits begin."""

    given_name: FreeText | None = Field(default=None, description="Kept in the record alone.")


@command("adult_safeguarding_handover", "Handed over to adult safeguarding")
class AdultSafeguardingHandover(Command):
    """Ahead of the 18th birthday."""


@command("ended", "Journey ended by death, stillbirth or miscarriage")
class Ended(Command):
    """Every timescale and letter stops at once, the record is locked, the head of service and the safeguarding board are told."""

    ending: Literal["death", "stillbirth_or_miscarriage"]


@command("ended_in_error", "Ending recorded in error taken back")
class EndedInError(Command):
    """A death, stillbirth or miscarriage was recorded in error, for the wrong child for instance: a senior manager confirms it, the child stands
    where it stood, and every timescale that the ending stopped runs again, due as it was. The head of service is told.
    """

    rationale: FreeText = Field(description="What was wrong, and how it is known.")
    confirmed_by: SeniorManagerId = Field(description="The senior manager who confirms that the ending was recorded in error.")


@command("record_closed", "Record closed")
class RecordClosed(Command):
    """The child's record is closed: only when nothing that protects is open or missing."""

    rationale: FreeText | None = None


@command("allocated", "Worker, manager or chair allocated")
class Allocated(Command):
    """Somebody takes on a part in this child's journey; a change is told to family and agencies."""

    role: Literal["social_worker", "team_manager", "service_manager", "chair", "plan_coordinator", "advocate"]
    person: PersonId | None = Field(default=None, description="None takes the present one away.")


@command("worker_change_told", "Family and agencies told of the change")
class WorkerChangeTold(Command):
    """Family and agencies know of the new social worker or chair."""


@command("acknowledged", "Overdue timescale acknowledged")
class Acknowledged(Command):
    """Seen, with what is being done: holds the escalation for at most 2 working days (urgent: 2 hours). Only doing the thing ends it."""

    instance: str = Field(
        description="The overdue timescale, as the answers and siwrnai journey show name it.", examples=["core_group_next/2"]
    )
    action: FreeText


@command("corrected", "Correction of an entry")
class Corrected(Command):
    """An entry is never edited: this one points to it and says what is right."""

    entry: int = Field(ge=1, description="The number of the entry on the timeline.")
    words: FreeText


@command("hold", "Hold put on the journey")
class OnHold(Command):
    """A flag beside the stage: visit, conference and urgent timescales run on, and the hold expires."""

    until: Instant


@command("hold_ended", "Hold ended")
class HoldEnded(Command):
    """The hold is over before its time."""


@command("letter_refused", "A letter could not be delivered")
class LetterRefused(Command):
    """The post reports that a letter cannot be delivered: it is shown, and the next rung is told."""

    service = True
    recipient: Identifier
    letter: str = Field(description="The letter's opaque id.")
    instance: str | None = None
    detail: str = Field(default="", max_length=200)

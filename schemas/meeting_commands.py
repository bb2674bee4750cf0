"""What people do with a meeting before it is held. Each is checked here, on the command line and page, and again by the meeting."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from schemas.base import AgencyId, DoorMarker, FreeText, FreeTextMarker, Identifier, Instant, Model, PersonId, PersonOrFamilyId
from schemas.calendars import LONGEST_MEETING, CalendarInstant, Line
from schemas.commands.base import Command
from schemas.meetings import MeetingKind, Reply, Via

Place = Annotated[Line, FreeTextMarker()]
"""Where, as calendars print it: one line of at most 300 characters."""

MEETING_COMMANDS: dict[str, type[Command]] = {}

CommandClass = TypeVar("CommandClass", bound=type[Command])


def meeting_command(name: str, title: str) -> Callable[[CommandClass], CommandClass]:
    """Register a command to a meeting under its name (used in the meeting's log and on the command line)."""

    def enter(model: CommandClass) -> CommandClass:
        model.name, model.title = name, title
        MEETING_COMMANDS[name] = model
        return model

    return enter


class Added(Model):
    """Somebody invited beyond what the procedures ask for."""

    role: Identifier = Field(description="The part in which: a key of the invitees in the procedures file.")
    person: PersonOrFamilyId
    children: tuple[Identifier, ...] = Field(default=(), description="Those of the children that this person may hear of; without it all.")
    agency: AgencyId | None = Field(
        default=None,
        description="For which agency this person comes; without it that of the directory. In a part of the family without one: as family.",
    )


class Omitted(Model):
    """Somebody whom the procedures would invite, and why not."""

    role: Identifier = Field(description="The part: a key of the invitees in the procedures file.")
    reason: FreeText


class Timed(Command):
    """When and where."""

    starts: CalendarInstant = Field(description="When it begins, with offset, e.g. 2026-12-15T10:00+00:00.")
    ends: CalendarInstant | None = Field(default=None, description="When it ends; without it after the usual length.")
    place: Place | None = Field(default=None, description="Where, or how to join by video: one line.")

    @model_validator(mode="after")
    def _in_order(self) -> "Timed":
        if self.ends is not None and not timedelta() < self.ends - self.starts <= LONGEST_MEETING:
            raise ValueError("a meeting ends after it begins, and within a day of it")
        return self


@meeting_command("arranged", "Meeting arranged")
class Arrange(Timed):
    """A date is booked and invitations go out. What is missing never holds it up; it is said at once to whoever arranges."""

    kind: MeetingKind
    children: tuple[Identifier, ...] = Field(min_length=1, max_length=20, description="Whom it is about: siblings are one meeting.")
    chair: PersonId = Field(description="Of a conference nobody of the case's line management.")
    minute_taker: PersonId | None = Field(default=None, description="Somebody with no other part in the meeting.")
    add: tuple[Added, ...] = ()
    leave_out: tuple[Omitted, ...] = ()


@meeting_command("moved", "Meeting moved")
class Move(Timed):
    """Another date, time or place. Calendars are updated; the formal due date stays. Where the place alone changes nobody is asked again:
    answers, what was booked and what was released stand, and the journeys have nothing to hear.
    """


@meeting_command("called_off", "Meeting called off")
class CallOff(Command):
    """It will not take place. Calendars are cleared; the timescale that it was to meet runs on."""


@meeting_command("invited", "Somebody more invited")
class Invite(Command):
    """Somebody joins whom the procedures did not name."""

    who: Added


@meeting_command("sent_again", "Invitation sent again")
class SendAgain(Command):
    """To the address that the directory has now, as where the mail server refused the one before: no calendar holds the meeting twice."""

    invitee: Identifier


@meeting_command("left_out", "Somebody not invited any more")
class LeaveOut(Command):
    """The person's calendar is cleared; where the procedures want that part there, the reason is recorded."""

    invitee: Identifier


@meeting_command("contribution_decided", "The chair decided how an agency contributes")
class DecideContribution(Command):
    """Attend, or a written contribution, with why: where the procedures leave it to the chair."""

    invitee: Identifier
    contribution: Literal["attend", "written"]


@meeting_command("answered", "Invitation answered")
class AnswerInvitation(Command):
    """Somebody who was invited answered, by calendar, on the signed page, or by telling somebody."""

    invitee: Identifier
    reply: Reply
    sequence: int | None = Field(default=None, ge=0, description="Which date was answered; without it the one that stands.")
    via: Via = "told"
    proposed: Instant | None = Field(default=None, description="Another time, where that is proposed.")
    given_at: Instant | None = Field(default=None, description="When it was given, where that is not when it was received.")
    confirms: Annotated[Identifier | None, DoorMarker()] = None
    """The mail that waited for a person, where this confirms it."""


@meeting_command("released", "Released to one of the family")
class Release(Command):
    """Only now is anything sent to this person. By the child's social worker or manager, after speaking with them."""

    invitee: Identifier
    spoken_at: Instant = Field(description="When this person was told in person or by telephone, with offset.")


@meeting_command("handed_over", "A letter on paper handed over")
class HandOver(Command):
    """The letter was printed, and handed over or posted."""

    invitee: Identifier


@meeting_command("needs_booked", "What somebody needs is booked")
class BookNeeds(Command):
    """Interpreter, British Sign Language or whatever this person needs is booked for the date that stands."""

    invitee: Identifier


@meeting_command("undeliverable", "A letter about a meeting was refused")
class Undeliverable(Command):
    """The mail server refused it for good: the arranger is told at once."""

    service = True
    invitee: Identifier
    to: Identifier | None = Field(default=None, description="Whose mailbox refused it; without it the invitee's own.")


@meeting_command("answer_waits", "An answer waits for a person to confirm it")
class AnswerWaits(Command):
    """A mail answered for somebody, and it is not certain enough to count: the arranger is told at once."""

    service = True
    invitee: Identifier
    waits: bool = Field(default=True, description="No longer, where it was set aside.")
    answer: Identifier | None = Field(default=None, description="The mail that waits: each by itself.")


@meeting_command("outline_locked", "The page with the reason for conference was locked")
class OutlineLocked(Command):
    """Too many wrong codes were tried through one person's link: the arranger is told at once."""

    service = True
    invitee: Identifier

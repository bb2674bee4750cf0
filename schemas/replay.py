"""How a child's journey stood at an instant, and what stands beside a timeline: letters, meetings, reads, versions, posts."""

from schemas.base import Identifier, Instant, Model
from schemas.clocks import Language, WrittenIn
from schemas.letters import DeliveryState
from schemas.meetings import MeetingEntry
from schemas.state import Enquiry, MissingThing, Move
from schemas.timeline import Versions


class Delivery(Model):
    """What became of one try to deliver a letter."""

    state: DeliveryState
    at: Instant
    no_address: bool = False
    """Refused before any mail server saw it: the directory had no usable address."""


class ReadOf(Model):
    """Somebody was shown something of this child."""

    actor: str
    purpose: str
    at: Instant


class HandedOver(Model):
    """A letter on paper was handed over, or posted."""

    by: Identifier
    at: Instant
    """When, as that person said."""
    recorded_at: Instant
    entry: int
    """Of the meeting's log."""


class OnPaper(Model):
    """A letter that a person prints and hands over, or posts."""

    invitee: Identifier
    printed: ReadOf | None = None
    """Who printed it last; none where nobody did."""
    handed_over: HandedOver | None = None
    replaced_at: Instant | None = None
    """When another took its place, which nobody had handed over."""
    lapsed_at: Instant | None = None
    """When the meeting was over or off, or this person left out, before anybody had handed it over."""


class SentLetter(Model):
    """A letter that was ordered about this child, and what became of it."""

    cause: str
    """Of the entry that asked for it, with the recipient's id."""
    letter: str | None
    """The letter in which it went; none where it waits for a digest."""
    kind: str
    recipient: Identifier
    about: str
    at: Instant
    """When it was ordered."""
    language: WrittenIn | None = None
    """In which it was written, or is to be by the directory; none where nobody recorded it."""
    deliveries: tuple[Delivery, ...] = ()
    on_paper: OnPaper | None = None
    """Of a letter that no mail server takes."""


class MeetingLog(Model):
    """A meeting about this child, entry by entry."""

    meeting: Identifier
    authority: Identifier
    about: tuple[Identifier, ...] = ()
    """The children whom it is about."""
    entries: tuple[MeetingEntry, ...]


class PutInForce(Model):
    """A version of the rules (by hash), the calendar or the settings (by number) was put in force."""

    kind: str
    version: str
    at: Instant


class PostHeld(Model):
    """Who held a post of the child's team, or of the authority."""

    role: str
    of_team: bool
    person: Identifier
    valid_from: Instant
    valid_to: Instant | None
    recorded_at: Instant


class Away(Model):
    """Who was away, and who stood in."""

    person: Identifier
    away_from: Instant
    away_to: Instant
    deputy: Identifier | None
    recorded_at: Instant


class RefusedThen(Model):
    """A command that was refused."""

    entry: int
    command_id: str
    name: str
    code: str
    sentences: dict[Language, str]
    actor: str
    at: Instant


class Beside(Model):
    """What stands beside one child's timeline."""

    letters: tuple[SentLetter, ...] = ()
    meetings: tuple[MeetingLog, ...] = ()
    withheld_meetings: int = 0
    """How many there are of which the reader may not be told, since they are about a brother or sister too."""
    reads: tuple[ReadOf, ...] = ()
    in_force: tuple[PutInForce, ...] = ()
    posts: tuple[PostHeld, ...] = ()
    absences: tuple[Away, ...] = ()
    refusals: tuple[RefusedThen, ...] = ()


class Running(Model):
    """A timescale that ran at that instant, with the sentence that explains its due date."""

    instance: str
    clock: str
    enquiry: int | None
    started_at: Instant
    due: Instant
    late_seconds: int
    """By how much it was overdue then; 0 where it was not."""
    escalated: int
    """How many steps of the escalation had been told."""
    told: tuple[Identifier, ...]
    sentences: dict[Language, str]


class VoiceHeard(Model):
    """The child was heard, or said no."""

    entry: int
    at: Instant
    by: str
    how: str


class PlanThen(Model):
    """The plan that stood."""

    entry: int
    at: Instant
    lines: tuple[dict[str, str], ...]
    """Words by reference."""
    contingency: str | None = None


class InviteeThen(Model):
    """Somebody invited, and the answer that counted then."""

    role: str
    person: Identifier
    answer: str | None
    took: str | None = None
    """How this person took part in a meeting that was held; none where that is not known."""


class MeetingThen(Model):
    """A meeting about the child, as far as it had come."""

    meeting: Identifier
    kind: str
    stage: str
    starts: Instant | None
    chair: Identifier | None
    invitees: tuple[InviteeThen, ...]


class LetterThen(Model):
    """A letter, and what had become of it."""

    cause: str
    letter: str | None
    """None where it waits for a digest."""
    kind: str
    recipient: Identifier
    about: str
    at: Instant
    state: str
    no_address: bool = False
    language: WrittenIn | None = None
    """In which it was written, or is to be by the directory; none where nobody recorded it."""
    since: Instant
    on_paper: OnPaper | None = None


class Holder(Model):
    """Who held a role; who stood in while that person was away."""

    role: str
    person: Identifier
    deputy: Identifier | None = None


class Disagreeing(Model):
    """Where what was known then differs from what stood then."""

    facet: tuple[str, ...]
    known: str | None
    stood: str | None


class Standing(Model):
    """How a child's journey was known at an instant, or how it stood."""

    child: Identifier
    way: str
    at: Instant
    entries: int
    """How many entries that rests on."""
    registration: str
    registered_at: Instant | None
    categories: tuple[str, ...]
    enquiries: tuple[Enquiry, ...]
    timescales: tuple[Running, ...]
    roles: tuple[Holder, ...]
    """On this child's journey."""
    posts: tuple[Holder, ...]
    """Of the team and the authority."""
    plan: PlanThen | None
    voices: tuple[VoiceHeard, ...]
    missing: tuple[MissingThing, ...]
    planned: dict[str, Instant]
    move: Move | None
    hold_until: Instant | None
    child_missing: bool
    closed: bool
    ended: str | None
    meetings: tuple[MeetingThen, ...]
    withheld_meetings: int
    letters: tuple[LetterThen, ...]
    earlier_letters: int
    """How many there were before those."""
    versions: Versions
    """With which the last of these entries was made."""
    in_force: dict[str, PutInForce]
    """Rules, calendar and settings in force at that instant, by kind."""
    reads: tuple[ReadOf, ...]
    earlier_reads: int
    recorded_since: tuple[int, ...]
    """Entries of what had happened by then and was recorded later."""
    corrected: dict[int, tuple[int, ...]]
    """By entry: what corrects it, recorded by then (as it stood: at any time)."""
    differing: tuple[Disagreeing, ...]

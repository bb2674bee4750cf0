"""What one settlement writes: entries one by one, each seeing the state that the one before it left, and the letters they ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from procedures.changes import Made
from procedures.decisions import Notice
from procedures.fold import apply, digest
from procedures.recipients import Directory, Recipient
from procedures.rules import Rules
from procedures.working_days import Calendar
from schemas.base import Identifier
from schemas.clocks import Clock
from schemas.letters import LetterKind, LetterOrder
from schemas.papers import CouldSend
from schemas.state import JourneyState
from schemas.timeline import SERVICE, Entry, Versions


@dataclass(frozen=True)
class Surroundings:
    """What a journey does not hold itself."""

    rules: Rules
    calendar: Calendar
    directory: Directory
    versions: Versions
    turns_18: datetime | None = None
    """The child's 18th birthday, where it is asked for and known."""
    could_send: tuple[CouldSend, ...] = ()
    """Where something is hidden no more from somebody: the papers that could now be sent to that person."""
    earlier: Mapping[Versions, Made] = field(default_factory=lambda: {})
    """What timescales that run were planned with, where that was not what is in force now."""
    rules_then: Mapping[str, Rules] = field(default_factory=lambda: {})
    """By hash of the rules under which they were planned: those rules with the settings in force now."""


@dataclass
class Writing:
    """Writes entries and orders letters; what they say is decided elsewhere."""

    state: JourneyState
    now: datetime
    surroundings: Surroundings
    actor: str = SERVICE
    cause: str = ""
    command_id: Identifier | None = None
    entries: list[Entry] = field(default_factory=lambda: [])
    letters: list[LetterOrder] = field(default_factory=lambda: [])

    def enter(self, kind: str, happened_at: datetime, content: dict[str, Any], cause: str | None = None, rule: str | None = None) -> Entry:
        """Add an entry and fold it. Its instants are UTC, as the record gives them back: else the state's digest would not be that of the
        timeline read again, where in summer people say theirs with an hour's offset.
        """
        happened_at, now = happened_at.astimezone(UTC), self.now.astimezone(UTC)
        draft = Entry(
            seq=self.state.seq + 1,
            kind=kind,
            happened_at=happened_at,
            effective_from=happened_at,
            decided_at=now,
            actor=self.actor,
            cause=cause or self.cause,
            command_id=self.command_id,
            rule=rule,
            versions=self.surroundings.versions,
            before=self.state.stages,
            after=self.state.stages,
            content=content,
            digest="",
        )
        self.state = apply(self.state, draft)
        entry = draft.model_copy(update={"after": self.state.stages, "digest": digest(self.state)})
        self.entries.append(entry)
        return entry

    def _write(self, entry: Entry, kind: LetterKind, recipient: Recipient | None, clock: Clock, rung: int | None = None) -> None:
        if recipient is None or clock.ladder == "none":
            return
        content = {
            "plan": clock.plan.model_dump(mode="json"),
            "ladder": clock.ladder,
            "owner": clock.owner,
            "role": recipient.role,
            "deputy_for": recipient.role if recipient.deputy_for is not None else None,
            "rung": rung,
        }
        self._order(
            recipient,
            cause=entry.cause,
            kind=kind,
            about=clock.clock,
            instance=clock.instance,
            due=clock.plan.due,
            urgent=self._urgent(clock),
            content=content,
        )

    def _urgent(self, clock: Clock) -> bool:
        return self.surroundings.rules.ladders[clock.ladder].day_and_night

    def _correct(self, instance: str, clock: str, due_at: datetime, told: tuple[Identifier, ...], **known: Any) -> None:
        """Whoever was written to is told what is known now, after the entry that says so."""
        content = {"recorded_at": self.now.isoformat(), **known}
        for person in told:
            recipient = Recipient(person=person, role="told")
            cause = f"{self.entries[-1].cause}:correction"
            kind = LetterKind.correction
            self._order(recipient, cause=cause, kind=kind, about=clock, instance=instance, due=due_at, content=content)

    def tell(self, notice: Notice, at: datetime) -> None:
        """Somebody is told at once, whatever the hour; one letter a person."""
        told: set[Identifier] = set()
        for role in notice.roles:
            recipient = self.surroundings.directory.holder(role, self.state)
            if recipient is None or recipient.person in told:
                continue
            told.add(recipient.person)
            content = {**notice.content, "role": recipient.role, "happened_at": at.isoformat()}
            cause = f"{self.entries[-1].cause}:{notice.about}"
            self._order(recipient, cause=cause, kind=LetterKind.notice, about=notice.about, urgent=True, content=content)

    def tell_arranger(self, person: Identifier, notice: Notice, at: datetime) -> None:
        """Whoever arranged a conference is told, where they hold none of the roles that are."""
        told = {
            recipient.person for role in notice.roles if (recipient := self.surroundings.directory.holder(role, self.state)) is not None
        }
        if person not in told and person not in self.state.told_nothing:
            cause, content = f"{self.entries[-1].cause}:{notice.about}", {**notice.content, "happened_at": at.isoformat()}
            recipient = Recipient(person=person, role="arranger")
            self._order(recipient, cause=cause, kind=LetterKind.notice, about=notice.about, urgent=True, content=content)

    def _order(self, recipient: Recipient, cause: str, content: dict[str, Any], **fields: Any) -> None:
        """Ask the post for a letter; `fields` are those of `LetterOrder`."""
        known = {key: value for key, value in content.items() if value is not None}
        cause = f"{cause}>{recipient.person}"
        self.letters.append(LetterOrder(cause=cause, recipient=recipient.person, at=self.now, content=known, **fields))

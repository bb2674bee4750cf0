"""The timeline: the ordered, append-only record of what happened on a child's journey."""

from typing import Any, Literal

from pydantic import Field

from schemas.base import Identifier, Instant, Model

SERVICE = "siwrnai"
"""The actor of what no person did: a reminder, a due time passed, an escalation."""

SCHEMA_VERSION = 1


class Versions(Model):
    """Which rules (hash of the file), calendar and settings were in force."""

    rules: str
    calendar: int
    settings: int

    def __hash__(self) -> int:
        return hash((self.rules, self.calendar, self.settings))


class Stages(Model):
    """Where the child stands: the registration, and each enquiry by number."""

    registration: str
    enquiries: tuple[tuple[int, str], ...] = ()


class Entry(Model):
    """One entry. The journey alone makes entries; the record stamps `recorded_at`, chains, seals and signs them."""

    seq: int = Field(ge=1)
    """1, 2, 3 … for each child, over all its journeys."""
    kind: str
    """The name of the command, or `clock`, or `watch`."""
    happened_at: Instant
    """When it happened, said by the actor; for a timescale the instant that the rule names."""
    effective_from: Instant
    decided_at: Instant
    """The journey's own clock. In a rehearsal it is virtual and stands as `recorded_at`."""
    actor: str
    cause: str
    """Unique for the child: `<command id>#<n>` or `clock:<instance>:<state>:<n>`."""
    command_id: str | None = None
    rule: str | None = None
    versions: Versions
    schema_version: int = SCHEMA_VERSION
    before: Stages
    after: Stages
    content: dict[str, Any]
    """Ids, dates and enumerations; words of people as `text:<id>#<sha256>`."""
    digest: str
    """SHA-256 of the journey's state after this entry (hexadecimal)."""


class RecordedEntry(Entry):
    """An entry as it stands in the record."""

    child: Identifier
    recorded_at: Instant
    previous: str
    hash: str
    signature: str


class Answer(Model):
    """What a command got: taken, with what is missing and now urgent; or a repeat of that same answer."""

    command_id: str
    child: Identifier
    outcome: Literal["taken"] = "taken"
    entries: tuple[int, ...]
    """Sequence numbers on the timeline."""
    missing: tuple[str, ...] = ()
    """What protects took effect without it; each is now somebody's, with a due time."""
    notes: tuple[str, ...] = ()
    stages: Stages

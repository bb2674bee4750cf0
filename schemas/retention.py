"""When a record's time is over: legal holds, and the destruction of what is personal, each entry signed and chained."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Identifier, Instant, Model, PersonMarker

CustodianId = Annotated[
    Identifier,
    PersonMarker("register_custodian", "reviewing_service_head", "senior_safeguarding_manager", "head_of_service", "director"),
]
"""Somebody who holds a post by which a record is held, or its destruction signed."""

LINE = frozenset({"social_worker", "team_manager", "service_manager", "plan_coordinator"})
"""The posts of a case's own line: whoever holds one in the child's team signs nothing."""


class Kind(StrEnum):
    """What an entry says."""

    hold = "hold"
    """The record must not be destroyed: a court, an inquiry, a claim."""
    hold_lifted = "hold_lifted"
    proposed = "proposed"
    """The first of two says that its time is over."""
    withdrawn = "withdrawn"
    """The proposal is taken back, with a reason: a second signature answers it no more."""
    confirmed = "confirmed"
    """The second says so too: from here on its words are gone from the record, and it goes on to the end."""
    destroyed = "destroyed"
    """The keys are gone as well: nothing can be read any more."""
    destroyed_again = "destroyed_again"
    """A backup from before had brought it back."""


class Entry(Model):
    """One entry of the log of an authority. Ids, dates and names of rules; a reason is sealed beside it under the child's key."""

    seq: int = Field(ge=1)
    authority: Identifier
    child: Identifier
    kind: Kind
    actor: Identifier
    recorded_at: Instant
    head: int
    """The child's last entry: what is added later needs a new proposal."""
    head_hash: str
    """Its hash (hexadecimal): the chain that stands when nothing else can be read."""
    state: str | None = None
    """By which state the record is kept: `registered`, `looked_after` …"""
    kept_until: dt.date | None = None
    rules: str | None = None
    """The rules in force (hash)."""
    settings: int | None = None
    """The version of the authority's settings."""
    proposed_by: Identifier | None = None
    """Of a destruction: the first of the two."""
    confirmed_by: Identifier | None = None
    words: str | None = None
    """`<id>#<SHA-256 of the sealed bytes>` of the reason."""
    previous: str
    """The hash of the entry before (hexadecimal)."""


class Stored(Model):
    """An entry as it stands, with what it is checked by."""

    entry: Entry
    hash: str
    signature: str

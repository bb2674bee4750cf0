"""Checkpoints: once a day the heads of all chains, signed, and kept outside the database as well. Opaque ids, numbers and hashes."""

from datetime import timedelta

from pydantic import ConfigDict, Field

from schemas.base import Identifier, Instant, Model

WITH_LOGS = 2
"""The statement's version from which on meetings' chains stand in it beside the children's."""

STATEMENT_VERSION = 2

PATIENCE = timedelta(hours=22)
"""How long one run tries to anchor; the next day's then takes over what is left."""


class Mark(Model):
    """Where one chain ended: the last entry's number and hash (hexadecimal)."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    chain: str = Field(validation_alias="child", serialization_alias="child")
    """Its name: the child's id, or `meeting/` and the meeting's. `child` where it is written down."""
    seq: int
    hash: str


class Statement(Model):
    """What a checkpoint says, in its canonical form, which is hashed after the checkpoint before it and signed."""

    version: int = STATEMENT_VERSION
    authority: Identifier
    number: int
    """1, 2, 3 … for an authority."""
    at: Instant
    """By the record's clock; in a rehearsal the virtual one."""
    previous: str
    """The hash of the checkpoint before (hexadecimal)."""
    chains: int
    """How many there are."""
    entries: int
    """In all of them."""
    heads: str
    """Root of the Merkle tree over every chain's mark, by name."""
    moved: str
    """Root of the tree over the marks that are new since the checkpoint before: by the chain of checkpoints each vouches for all earlier marks too."""


class Anchored(Model):
    """A checkpoint as it is kept outside: one line of JSON. Whoever holds it needs nothing else to say what was changed, and of which child or meeting."""

    statement: str
    """The statement's canonical form, as it was hashed: SHA-256 of the hash before (32 bytes) and this (UTF-8)."""
    hash: str
    signature: str
    """Ed25519, of the hash's 32 bytes (hexadecimal)."""
    key: str
    """The public key (Ed25519, hexadecimal): to compare with the one that was handed over in another way."""
    moved: tuple[Mark, ...]

    @property
    def said(self) -> Statement:
        """The statement.

        Raises:
            ValueError: it is none.
        """
        return Statement.model_validate_json(self.statement)


class CheckpointRequest(Model):
    """Make a checkpoint of all chains as they stand now."""

    authority: Identifier
    as_of: Instant | None = None
    """In a rehearsal the virtual instant; in life the record's clock counts."""
    patience: timedelta = PATIENCE
    """How long anchoring is tried."""


class CheckpointMade(Model):
    """A checkpoint that was made."""

    number: int
    at: Instant
    hash: str
    chains: int
    entries: int
    contradicted: tuple[str, ...] = ()
    """The chains, by name, that are no longer what an earlier checkpoint said, at most a hundred: somebody must look."""


class CheckpointDone(Model):
    """What a run came to."""

    made: CheckpointMade
    anchored: bool
    """Whether it is kept at each place that is named; false where a place did not take it: it is tried again with the next checkpoint."""

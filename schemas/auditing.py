"""What is found where records are checked: opaque ids, numbers and codes, for programs and for people."""

from schemas.base import Identifier, Instant, Model


class Finding(Model):
    """One thing that is not as it should be."""

    what: str
    """A code: `docs/audit.md` lists them with their sentences."""
    child: str | None = None
    """An opaque id, or whatever somebody put in its place."""
    entry: int | None = None
    """Of the child's timeline, or of the meeting's log."""
    checkpoint: int | None = None
    meeting: str | None = None
    detail: str = ""
    """Which part of it: a column, a cause, a file's line."""


class Vouched(Model):
    """Up to when a tail that was cut off would be found."""

    by: str
    """`anchor`: a copy that was given; `stored`: the database's own word, which somebody with full rights can take back; `nothing`."""
    number: int | None = None
    at: Instant | None = None


class Verified(Model):
    """What a verification came to."""

    children: int
    meetings: int
    entries: int
    """Of timelines and of meetings' logs."""
    logged: int = 0
    """Of these in meetings' logs."""
    taken_over: int = 0
    """Of meetings' logs: those that an earlier version wrote without a signature, and that were signed later as they stood."""
    checkpoints: int
    anchored_copies: int
    compared: tuple[str, ...]
    """What was compared beside the record itself: `engine`, `history`, `letters`, `meetings`."""
    keys_destroyed: tuple[Identifier, ...] = ()
    """Children whose words can no longer be read, nor their commitments checked; chain, signatures and checkpoints were."""
    vouched: Vouched
    findings: tuple[Finding, ...] = ()

"""What came back by mail about meetings: a row for each mail before anything is made of it, so that a crash loses and doubles nothing."""

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

import asyncpg

from record.keys import KeyRing
from record.pool import Connection
from record.sealing import decrypt, encrypt
from schemas.base import Identifier, Instant
from schemas.calendars import CalendarReply


class Kind(StrEnum):
    """What a mail is."""

    answer = "answer"
    """An invited person's calendar answered."""
    bounce = "bounce"
    """A mail server could not deliver a letter to that person."""
    other = "other"
    """Nothing that the service reads."""


class State(StrEnum):
    """Where a mail stands."""

    to_do = "to_do"
    done = "done"
    held = "held"
    """A person has to confirm it."""
    set_aside = "set_aside"
    """Nothing changes by it."""


class Post(NamedTuple):
    """A mail as it is written down."""

    mail: str
    """A hash of its bytes."""
    kind: Kind
    received_at: Instant
    meeting: Identifier | None = None
    invitee: Identifier | None = None
    answer: CalendarReply | None = None
    came_to: str | None = None
    """Why it is set aside at once."""


class Row(NamedTuple):
    """A mail that is written down."""

    entry: int
    mail: str
    kind: Kind
    received_at: Instant
    meeting: Identifier
    invitee: Identifier
    state: State
    doubts: tuple[str, ...]
    sealed: bytes | None

    def answer(self, keys: KeyRing) -> CalendarReply:
        """What was answered.

        Raises:
            KeyMissing: the meeting's key was destroyed with its record.
            LookupError: this is no answer.
        """
        if self.sealed is None:
            raise LookupError(f"entry {self.entry} of the inbox is no answer")
        return CalendarReply.model_validate_json(decrypt(keys.child_key(self.meeting), self.sealed, _place(self.meeting, self.mail)))


COLUMNS = "entry, mail, kind, received_at, meeting, invitee, state, doubts, sealed"

AT_ONCE = 1_000
"""Rows that are looked at together."""


def hash_of(raw: bytes) -> str:
    """What tells one mail from another, whatever it says its id is."""
    return hashlib.sha256(raw).hexdigest()[:40]


async def write_down(conn: Connection, post: Post, keys: KeyRing) -> bool:
    """Write the mail down. False where it is there already: nothing changes.

    Raises:
        KeyMissing: the meeting's key was destroyed with its record.
    """
    sealed = None
    if post.answer is not None and post.meeting is not None:
        sealed = encrypt(keys.child_key(post.meeting), post.answer.model_dump_json().encode(), _place(post.meeting, post.mail))
    state = State.to_do if post.came_to is None else State.set_aside
    written = await conn.fetchval(
        "INSERT INTO inbox (mail, authority, meeting, invitee, kind, received_at, sealed, state, came_to) "
        "VALUES ($1, current_setting('siwrnai.authority'), $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING entry",
        *(post.mail, post.meeting, post.invitee, post.kind, post.received_at, sealed, state, post.came_to),
    )
    return written is not None


async def to_do(conn: Connection, but: Collection[Identifier] = ()) -> list[Row]:
    """The oldest mails of which nothing has been made yet, but those of these meetings."""
    found = await conn.fetch(
        f"SELECT {COLUMNS} FROM inbox WHERE state = 'to_do' AND meeting <> ALL ($1) ORDER BY entry LIMIT $2",  # noqa: S608
        *(list(but), AT_ONCE),
    )
    return [_row(each) for each in found]


async def held(conn: Connection, meeting: Identifier | None = None) -> list[Row]:
    """The answers that a person has to confirm, of one meeting or of all, the oldest first."""
    found = await conn.fetch(
        f"SELECT {COLUMNS} FROM inbox WHERE state = 'held' AND coalesce(meeting = $1, true) ORDER BY entry",  # noqa: S608
        meeting,
    )
    return [_row(each) for each in found]


async def held_row(conn: Connection, entry: int) -> Row | None:
    """That answer, where it waits to be confirmed."""
    found = await conn.fetchrow(f"SELECT {COLUMNS} FROM inbox WHERE state = 'held' AND entry = $1", entry)  # noqa: S608
    return None if found is None else _row(found)


async def came_to(conn: Connection, entry: int, state: State, what: str, doubts: Sequence[str] = ()) -> None:
    """What became of a mail that was to do. Of two readers at it, the one whose answer was taken says so, whoever writes first."""
    await conn.execute(
        "UPDATE inbox SET state = $2, came_to = $3, doubts = $4, settled_at = clock_timestamp() "
        "WHERE entry = $1 AND (state = 'to_do' OR (came_to = 'doubled' AND $3 = 'taken'))",
        *(entry, state, what, list(doubts)),
    )


async def settle(conn: Connection, entry: int, state: State, by: Identifier) -> None:
    """What a person made of an answer that was held."""
    await conn.execute(
        "UPDATE inbox SET state = $2, settled_by = $3, settled_at = clock_timestamp() WHERE entry = $1 AND state = 'held'",
        *(entry, state, by),
    )


async def sent_to(conn: Connection, person: Identifier, at: dt.datetime) -> str | None:
    """The mailbox that the directory had for that person then; none where it had none."""
    return await conn.fetchval(
        "SELECT email FROM people WHERE person = $1 AND valid_from <= $2 ORDER BY valid_from DESC, entry DESC LIMIT 1", person, at
    )


def _row(found: asyncpg.Record) -> Row:
    entry, mail, kind, received_at, meeting, invitee, state, doubts, sealed = found
    return Row(entry, mail, Kind(kind), received_at, meeting, invitee, State(state), tuple(doubts), sealed)


def _place(meeting: Identifier, mail: str) -> str:
    return f"{meeting}|answer|{mail}"

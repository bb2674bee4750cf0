"""A command is a row first: by its id a repeat is known, and gets the first answer."""

import datetime as dt
from typing import Literal, NamedTuple

from record.pool import Connection
from record.projections import Whose
from schemas.base import Identifier, Instant, Model
from schemas.timeline import Answer


class SameIdOtherContent(ValueError):
    """The id was used before, for a command with other content: a new command needs a new id."""


class Begun(NamedTuple):
    """What is known of a command at the door."""

    state: Literal["new", "answered", "pending"]
    """`pending`: it was sent before and its answer is not there yet, so it is sent again."""
    received_at: dt.datetime
    """When it was received first."""
    answer: Answer | None = None


class CommandRow(Model):
    """A command as the door writes it down before it does anything else."""

    child: Identifier
    command_id: Identifier
    name: str
    body_hash: str
    """Of the whole command, texts included."""
    received_at: Instant


class RefusedCommand(Model):
    """A refusal, as the log keeps it."""

    child: Identifier
    command_id: Identifier
    name: str
    code: str
    sentence_cy: str
    sentence_en: str
    actor: str
    at: Instant


BEGIN = """
INSERT INTO commands (child, command_id, authority, team, name, body_hash, received_at)
SELECT child, $2, authority, team, $3, $4, $5 FROM children WHERE child = $1
ON CONFLICT (child, command_id) DO NOTHING
RETURNING received_at
"""

ANSWER = """
INSERT INTO commands (child, command_id, authority, team, name, received_at, answer, answered_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp(), $6, clock_timestamp())
ON CONFLICT (child, command_id) DO UPDATE SET answer = excluded.answer, answered_at = excluded.answered_at
WHERE commands.answer IS NULL
"""

REFUSE = """
INSERT INTO refusals (child, authority, command_id, name, code, sentence_cy, sentence_en, actor, at)
VALUES ($1, current_setting('siwrnai.authority'), $2, $3, $4, $5, $6, $7, $8)
"""


async def begin(conn: Connection, row: CommandRow) -> Begun:
    """Write the command's row, unless it is there.

    Raises:
        SameIdOtherContent: the row that is there is of another command.
        LookupError: no such child is registered in this authority.
    """
    new = (row.child, row.command_id, row.name, row.body_hash, row.received_at)
    if await conn.fetchval(BEGIN, *new) is not None:
        return Begun("new", row.received_at)
    there = await conn.fetchrow(
        "SELECT name, body_hash, received_at, answer FROM commands WHERE child = $1 AND command_id = $2", row.child, row.command_id
    )
    if there is None:
        raise LookupError(f"child {row.child} is not registered in this authority")
    if there["body_hash"] not in {None, row.body_hash}:
        raise SameIdOtherContent(f"command id {row.command_id} was used for another {there['name']}: a new command needs a new id")
    if there["answer"] is None:
        return Begun("pending", there["received_at"])
    return Begun("answered", there["received_at"], Answer.model_validate(there["answer"]))


async def answered(conn: Connection, child: str, command_id: str) -> Answer | None:
    """The command's first answer; none where it was not taken, or not yet."""
    stored = await conn.fetchval("SELECT answer FROM commands WHERE child = $1 AND command_id = $2", child, command_id)
    return None if stored is None else Answer.model_validate(stored)


async def answer(conn: Connection, whose: Whose, name: str, answer: Answer) -> None:
    """Keep the command's first answer. A command that no person sent has no row yet, and gets one."""
    await conn.execute(ANSWER, whose.child, answer.command_id, whose.authority, whose.team, name, answer.model_dump(mode="json"))


async def refuse(conn: Connection, refused: RefusedCommand) -> None:
    """Log a refusal. It stands beside the timeline, never on it."""
    await conn.execute(
        REFUSE,
        *(refused.child, refused.command_id, refused.name, refused.code),
        *(refused.sentence_cy, refused.sentence_en, refused.actor, refused.at),
    )


async def refusals(conn: Connection, child: str) -> list[RefusedCommand]:
    """The refusals logged for that child, in order."""
    rows = await conn.fetch(
        "SELECT child, command_id, name, code, sentence_cy, sentence_en, actor, at FROM refusals WHERE child = $1 ORDER BY entry", child
    )
    return [RefusedCommand.model_validate(dict(row)) for row in rows]

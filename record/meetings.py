"""Meetings: their log, their words, and the commands that were given to them."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from record import letters, sealing
from record.commands import SameIdOtherContent
from record.keys import KeyRing
from record.pool import Connection
from record.projections import Whose
from record.sealing import decrypt, encrypt
from record.texts import Reference
from record.timeline import Head, check_head
from schemas.base import Identifier, Instant
from schemas.chains import Chain
from schemas.meetings import MeetingAnswer, MeetingEntry, MeetingFlush, MeetingState

HEAD = """
WITH head AS MATERIALIZED (SELECT seq, hash, recorded_at FROM meetings WHERE meeting = $1 FOR UPDATE)
SELECT head.seq, head.hash, head.recorded_at, clock_timestamp() AS now, (SELECT virtual FROM deployment) AS virtual FROM head
"""
"""The clock is read once the row is locked, not while somebody else has it."""


LAST = "SELECT previous, canonical, hash, signature FROM meeting_log WHERE meeting = $1 AND seq = $2"


class HeadDiffers(Exception):
    """The log ends elsewhere than the meeting in the engine knows."""


class MeetingCommand(NamedTuple):
    """A command as the door writes it down before it does anything else."""

    meeting: Identifier
    command_id: Identifier
    name: str
    body_hash: str
    received_at: Instant


class Given(NamedTuple):
    """A command's row."""

    received_at: Instant
    answer: MeetingAnswer | None


async def begin(conn: Connection, meeting: Identifier, team: Identifier, children: Sequence[Identifier], keys: KeyRing) -> None:
    """Make the meeting known, with a key of its own for its words. Repeating it changes nothing."""
    keys.make_child_key(meeting)
    await conn.execute(
        "INSERT INTO meetings (meeting, authority, team, children) VALUES ($1, current_setting('siwrnai.authority'), $2, $3) "
        "ON CONFLICT DO NOTHING",
        *(meeting, team, list(children)),
    )


async def give(conn: Connection, row: MeetingCommand) -> Given:
    """Write the command's row, unless it is there.

    Raises:
        SameIdOtherContent: the row that is there is of another command.
    """
    await conn.execute(
        "INSERT INTO meeting_commands (meeting, command_id, authority, name, body_hash, received_at) "
        "VALUES ($1, $2, current_setting('siwrnai.authority'), $3, $4, $5) ON CONFLICT DO NOTHING",
        *row,
    )
    there = await conn.fetchrow(
        "SELECT body_hash, received_at, answer FROM meeting_commands WHERE meeting = $1 AND command_id = $2",
        *(row.meeting, row.command_id),
    )
    if there is None or there["body_hash"] != row.body_hash:
        raise SameIdOtherContent(f"the id {row.command_id} was used before, for another command")
    return Given(there["received_at"], None if there["answer"] is None else MeetingAnswer.model_validate(there["answer"]))


async def answered(conn: Connection, meeting: Identifier, command_id: Identifier) -> MeetingAnswer | None:
    """The command's first answer; none where it was not taken, or not yet."""
    stored = await conn.fetchval("SELECT answer FROM meeting_commands WHERE meeting = $1 AND command_id = $2", meeting, command_id)
    return None if stored is None else MeetingAnswer.model_validate(stored)


async def answers(conn: Connection, meeting: Identifier, command_ids: Sequence[Identifier]) -> dict[Identifier, MeetingAnswer]:
    """The first answers of those commands that have one, by command."""
    rows = await conn.fetch(
        "SELECT command_id, answer FROM meeting_commands WHERE meeting = $1 AND command_id = ANY ($2) AND answer IS NOT NULL",
        *(meeting, list(command_ids)),
    )
    return {row["command_id"]: MeetingAnswer.model_validate(row["answer"]) for row in rows}


async def keep_answers(conn: Connection, meeting: Identifier, answers: Mapping[Identifier, MeetingAnswer]) -> None:
    """What these commands got, each kept once."""
    await conn.executemany(
        "UPDATE meeting_commands SET answer = $3 WHERE meeting = $1 AND command_id = $2 AND answer IS NULL",
        [(meeting, command_id, answer.model_dump(mode="json")) for command_id, answer in answers.items()],
    )


async def put_words(conn: Connection, meeting: Identifier, words: str, keys: KeyRing) -> Reference:
    """Keep words of a meeting."""
    id = secrets.token_hex(16)
    sealed = encrypt(keys.child_key(meeting), words.encode(), f"{meeting}|text|{id}")
    digest = hashlib.sha256(sealed).hexdigest()
    await conn.execute(
        "INSERT INTO meeting_texts (id, meeting, authority, sealed, sha256) VALUES ($1, $2, current_setting('siwrnai.authority'), $3, $4)",
        *(id, meeting, sealed, digest),
    )
    return Reference(id, digest)


async def words(conn: Connection, meeting: Identifier, reference: str, keys: KeyRing) -> str:
    """The words that `text:<id>#<sha256>` refers to.

    Raises:
        LookupError: there are none.
    """
    id = reference.removeprefix("text:").partition("#")[0]
    sealed = await conn.fetchval("SELECT sealed FROM meeting_texts WHERE meeting = $1 AND id = $2", meeting, id)
    if sealed is None:
        raise LookupError(f"no text {id}")
    return decrypt(keys.child_key(meeting), sealed, f"{meeting}|text|{id}").decode()


async def append(conn: Connection, flush: MeetingFlush, keys: KeyRing) -> MeetingAnswer | None:
    """Write a flush, once: entries, letters, the answer, the row. Gives the first answer where the command was recorded before.

    Raises:
        HeadDiffers: the log ends elsewhere.
        HeadAhead: somebody set the head's time.
    """
    state = flush.state
    head = await _lock(conn, state.meeting)
    if head.seq == flush.expected_head + len(flush.entries) and await _is_written(conn, flush):
        return None  # This very flush, whose acknowledgement was lost: the meeting goes on from it as if it had not been.
    if flush.command_id is not None and (first := await answered(conn, state.meeting, flush.command_id)) is not None:
        return first
    if head.seq != flush.expected_head:
        raise HeadDiffers(f"meeting {state.meeting}: the log ends at {head.seq}, the meeting knows {flush.expected_head}")
    if flush.entries:
        await _append_entries(conn, flush, head, keys)
    await _order(conn, flush)
    if flush.answer is not None:
        await conn.execute(
            "UPDATE meeting_commands SET answer = $3 WHERE meeting = $1 AND command_id = $2 AND answer IS NULL",
            *(state.meeting, flush.command_id, flush.answer.model_dump(mode="json")),
        )
    row = row_of(state) | {"state": state.model_dump(mode="json")}
    places = ", ".join(f"{name} = ${number}" for number, name in enumerate(row, 2))
    await conn.execute(f"UPDATE meetings SET {places} WHERE meeting = $1", state.meeting, *row.values())  # noqa: S608
    return None


def row_of(state: MeetingState) -> dict[str, Any]:
    """By column, what the meeting's row says beside the state itself: by this it is listed, shown and found."""
    return {
        "stage": state.stage,
        "kind": state.kind,
        "starts": state.starts,
        "due": state.due,
        "chair": state.chair,
        "arranger": state.arranger,
        "invitees": sorted([*(each.id for each in state.invitees), *state.gone]),
        "papers_until": state.papers_until,
    }


async def read(conn: Connection, meeting: Identifier) -> list[MeetingEntry]:
    """The meeting's log in order."""
    rows = await conn.fetch(
        "SELECT seq, kind, happened_at, decided_at, actor, cause, command_id, content FROM meeting_log WHERE meeting = $1 ORDER BY seq",
        meeting,
    )
    return [MeetingEntry.model_validate(dict(row)) for row in rows]


async def chain(conn: Connection, meeting: Identifier) -> list[sealing.ChainedEntry]:
    """The meeting's log in order, as it was signed."""
    rows = await conn.fetch("SELECT canonical, hash, signature FROM meeting_log WHERE meeting = $1 ORDER BY seq", meeting)
    return [sealing.ChainedEntry(*row) for row in rows]


async def state(conn: Connection, meeting: Identifier) -> MeetingState | None:
    """Where it stands; none where there is no such meeting, or nothing was recorded of it."""
    stored: dict[str, Any] | None = await conn.fetchval("SELECT state FROM meetings WHERE meeting = $1 AND seq > 0", meeting)
    return None if stored is None else MeetingState.model_validate(stored)


async def of_child(conn: Connection, child: Identifier) -> list[MeetingState]:
    """The meetings about a child, the next one first."""
    rows = await conn.fetch("SELECT state FROM meetings WHERE $1 = ANY (children) AND seq > 0 ORDER BY starts", child)
    return [MeetingState.model_validate(row["state"]) for row in rows]


async def to_be_held(conn: Connection) -> list[MeetingState]:
    """The meetings that are still to be held, the next one first."""
    rows = await conn.fetch("SELECT state FROM meetings WHERE stage = 'arranged' ORDER BY starts, meeting")
    return [MeetingState.model_validate(row["state"]) for row in rows]


async def of_invitee(conn: Connection, invitee: Identifier) -> MeetingState | None:
    """The meeting to which somebody is, or was, invited under that id; none where nobody is."""
    stored: dict[str, Any] | None = await conn.fetchval("SELECT state FROM meetings WHERE $1 = ANY (invitees)", invitee)
    return None if stored is None else MeetingState.model_validate(stored)


async def to_follow_up(conn: Connection) -> list[MeetingState]:
    """The meetings that were held with an agency absent without a contribution, the latest first."""
    rows = await conn.fetch(
        "SELECT state FROM meetings WHERE stage = 'held' AND jsonb_array_length(state->'followed_up') > 0 ORDER BY starts DESC"
    )
    return [MeetingState.model_validate(row["state"]) for row in rows]


async def arranged(conn: Connection) -> list[Identifier]:
    """The meetings that are still to be held."""
    return [row["meeting"] for row in await conn.fetch("SELECT meeting FROM meetings WHERE stage = 'arranged' ORDER BY meeting")]


async def all_states(conn: Connection) -> list[MeetingState]:
    """Every meeting, the oldest first."""
    return [
        MeetingState.model_validate(row["state"]) for row in await conn.fetch("SELECT state FROM meetings WHERE seq > 0 ORDER BY starts")
    ]


async def _lock(conn: Connection, meeting: Identifier) -> Head:
    row = await conn.fetchrow(HEAD, meeting)
    if row is None:
        raise HeadDiffers(f"meeting {meeting} is not on record")
    beginning = sealing.genesis(Chain(meeting=meeting).name)
    return Head(row["seq"], row["hash"] or beginning, row["recorded_at"], row["now"], row["virtual"])


async def _append_entries(conn: Connection, flush: MeetingFlush, head: Head, keys: KeyRing) -> None:
    await check_head(conn, LAST, flush.state.meeting, head, keys.public_key)
    at, previous = head.stamp(flush.entries), head.hash
    chained = list[sealing.ChainedEntry]()
    for entry in flush.entries:
        # Its content as JSON has it: so it stands in the log, too.
        said = entry.model_dump(exclude={"content"}) | entry.model_dump(mode="json", include={"content"})
        chained.append(sealing.chain({**said, "meeting": flush.state.meeting, "recorded_at": at}, previous, keys.signing_key))
        previous = chained[-1].hash
    columns = [[getattr(each, name) for each in chained] for name in sealing.ChainedEntry._fields]
    await conn.fetchval("SELECT append_to_meeting($1, $2, $3, $4)", flush.state.meeting, *columns)


async def _is_written(conn: Connection, flush: MeetingFlush) -> bool:
    causes = [entry.cause for entry in flush.entries]
    there = await conn.fetchval("SELECT count(*) FROM meeting_log WHERE meeting = $1 AND cause = ANY ($2)", flush.state.meeting, causes)
    return bool(causes) and there == len(causes)


async def _order(conn: Connection, flush: MeetingFlush) -> None:
    about = {each.child: each for each in flush.state.about}
    for child, orders in flush.letters.items():
        each = about[child]
        whose = Whose(child=child, family=each.family, authority=flush.state.authority, team=each.team)
        await letters.order(conn, whose, orders)

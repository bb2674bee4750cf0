"""Draws for audit, what auditors found in the cases drawn, and what is done about it. Words about a child are sealed under its key."""

import datetime as dt
import hmac
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import asyncpg

from record import retention
from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from record.sealing import decrypt, encrypt
from schemas.audits import Action, Answered, Case, Criteria, Draw, Drawn
from schemas.base import Identifier, Instant

DESTROYED = "SW005"
"""How the database says that a record is destroyed."""

PUT_DRAW = """
INSERT INTO audit_draws (draw, authority, actor, criteria, frame_size, frame_digest)
VALUES ($1, current_setting('siwrnai.authority'), $2, $3, $4, $5) RETURNING drawn_at
"""

PUT_CASE = "INSERT INTO audit_cases (draw, child, authority, place, signs) VALUES ($1, $2, current_setting('siwrnai.authority'), $3, $4)"

PUT_ANSWER = """
INSERT INTO audit_answers (id, draw, child, authority, question, grade, sealed, actor)
VALUES ($1, $2, $3, current_setting('siwrnai.authority'), $4, $5, $6, $7)
"""

PUT_ACTION = """
INSERT INTO audit_actions (action, draw, child, authority, question, owner, due, sealed, actor)
VALUES ($1, $2, $3, current_setting('siwrnai.authority'), $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""

PUT_DONE = """
INSERT INTO audit_actions_done (action, authority, done_on, sealed, actor)
VALUES ($1, current_setting('siwrnai.authority'), $2, $3, $4) ON CONFLICT DO NOTHING RETURNING action
"""

DRAWS = """
SELECT d.draw, d.actor, d.drawn_at, d.criteria, d.frame_size, d.frame_digest, ARRAY(
    SELECT jsonb_build_object('child', c.child, 'signs', c.signs) FROM audit_cases c WHERE c.draw = d.draw ORDER BY c.place
) AS cases
FROM audit_draws d WHERE $1::text IS NULL OR d.draw = $1 ORDER BY d.drawn_at DESC, d.draw
"""

ANSWERS = """
SELECT DISTINCT ON (draw, child, question) id, draw, child, question, grade, sealed, actor, recorded_at AS at FROM audit_answers
WHERE ($1::text IS NULL OR draw = $1) AND ($2::text IS NULL OR child = $2) ORDER BY draw, child, question, entry DESC
"""

ACTIONS = """
SELECT a.action, a.draw, a.child, a.question, a.owner, a.due, a.sealed, d.done_on, d.actor AS done_by, j.ended IS NOT NULL AS journey_ended
FROM audit_actions a LEFT JOIN audit_actions_done d ON d.action = a.action LEFT JOIN journeys j ON j.child = a.child
WHERE ($1::text IS NULL OR a.draw = $1) AND ($2::text IS NULL OR a.child = $2) AND ($3::text IS NULL OR a.action = $3)
ORDER BY d.done_on NULLS FIRST, a.due, a.action
"""


class Frame(NamedTuple):
    """From what was drawn: how many cases, and the digest of their children."""

    size: int
    digest: str


class Found(NamedTuple):
    """An answer to one question of one case, as the auditor gives it."""

    draw: Identifier
    child: Identifier
    question: str
    grade: str
    finding: str | None


class ToDo(NamedTuple):
    """What is to be put right because of an answer."""

    words: str
    owner: Identifier
    due: dt.date


class Ended(NamedTuple):
    """When an action was done, and what was."""

    on: dt.date
    words: str


async def cases(conn: Connection, as_of: Instant, late_since: Instant) -> list[Case]:
    """Every case with an entry by that instant that was not destroyed by then, as it was known then; of timescales those count that became
    overdue since `late_since`.
    """
    rows = await conn.fetch("SELECT child, kinds, late, moved FROM audit_frame($1, $2)", as_of, late_since)
    gone = await retention.destroyed(conn, as_of)
    return [Case.model_validate(dict(row)) for row in rows if row["child"] not in gone]


async def put_draw(conn: Connection, actor: Identifier, criteria: Criteria, frame: Frame, drawn: Sequence[Drawn]) -> Draw:
    """Record a draw."""
    id = f"d-{secrets.token_hex(6)}"
    at = await conn.fetchval(PUT_DRAW, id, actor, criteria.model_dump(mode="json"), *frame)
    await conn.executemany(PUT_CASE, [(id, each.child, place, list(each.signs)) for place, each in enumerate(drawn, 1)])
    return Draw(
        draw=id,
        actor=actor,
        drawn_at=at,
        criteria=criteria,
        frame_size=frame.size,
        frame_digest=frame.digest,
        cases=tuple(drawn),
    )


async def draws(conn: Connection, draw: Identifier | None = None) -> list[Draw]:
    """All draws, the last first; or that one alone."""
    return [Draw.model_validate({**dict(row), "cases": tuple(row["cases"])}) for row in await conn.fetch(DRAWS, draw)]


async def answer(conn: Connection, found: Found, actor: Identifier, keys: KeyRing) -> None:
    """Keep an answer; it takes the place of an earlier one, which is kept too.

    Raises:
        KeyMissing: the child's record is destroyed.
    """
    id = secrets.token_hex(16)
    key = keys.child_key(found.child)
    sealed = None if found.finding is None else encrypt(key, found.finding.encode(), _place(found.child, id))
    with _still_there(found.child):
        await conn.execute(PUT_ANSWER, id, found.draw, found.child, found.question, found.grade, sealed, actor)


async def act(conn: Connection, found: Found, to_do: ToDo, actor: Identifier, keys: KeyRing) -> Identifier:
    """Keep what is to be done, and give its id; said again it is the same.

    Raises:
        KeyMissing: the child's record is destroyed.
    """
    key = keys.child_key(found.child)
    said = "|".join((found.draw, found.child, found.question, to_do.words, to_do.owner, to_do.due.isoformat()))
    # Made with the child's key: of words so short a plain hash would tell what they are.
    id = "x-" + hmac.new(key, f"action|{said}".encode(), "sha256").hexdigest()[:16]
    sealed = encrypt(key, to_do.words.encode(), _place(found.child, id))
    with _still_there(found.child):
        await conn.execute(PUT_ACTION, id, found.draw, found.child, found.question, to_do.owner, to_do.due, sealed, actor)
    return id


async def done(conn: Connection, action: Action, ended: Ended, actor: Identifier, keys: KeyRing) -> bool:
    """Keep that it was done, and what was; False where that was said before.

    Raises:
        KeyMissing: the child's record is destroyed.
    """
    sealed = encrypt(keys.child_key(action.child), ended.words.encode(), _place(action.child, f"{action.action}|done"))
    with _still_there(action.child):
        return await conn.fetchval(PUT_DONE, action.action, ended.on, sealed, actor) is not None


async def answers(conn: Connection, keys: KeyRing, draw: Identifier | None = None, child: Identifier | None = None) -> list[Answered]:
    """The last answer to each question: of one draw, of one child, or all."""
    rows = await conn.fetch(ANSWERS, draw, child)
    return [
        Answered(**_without(row, "id", "sealed"), finding=_opened(keys, row["child"], row["id"], row["sealed"]))  # pyright: ignore[reportArgumentType]
        for row in rows
    ]


async def actions(
    conn: Connection, keys: KeyRing, draw: Identifier | None = None, child: Identifier | None = None, action: Identifier | None = None
) -> list[Action]:
    """What is to be done: of one draw, of one child, one alone, or all; what is still to be done first, by due date."""
    rows = await conn.fetch(ACTIONS, draw, child, action)
    return [Action(**_without(row, "sealed"), words=_opened(keys, row["child"], row["action"], row["sealed"])) for row in rows]  # pyright: ignore[reportArgumentType]


@contextmanager
def _still_there(child: Identifier) -> Generator[None]:
    """Once its destruction is signed nothing more is written of a child, although the key may stand a moment longer."""
    try:
        yield
    except asyncpg.PostgresError as error:
        if error.sqlstate == DESTROYED:
            raise KeyMissing(f"the record of {child} is destroyed") from None
        raise


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name not in names}


def _opened(keys: KeyRing, child: Identifier, id: str, sealed: bytes | None) -> str | None:
    if sealed is None:
        return None
    try:
        return decrypt(keys.child_key(child), sealed, _place(child, id)).decode()
    except KeyMissing:
        return None


def _place(child: Identifier, id: str) -> str:
    return f"{child}|audit|{id}"

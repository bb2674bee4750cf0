"""A meeting's log becomes a chain of signed entries, as a child's timeline is, and its end stands in the checkpoints.

What earlier versions wrote is signed here as it stands, and says so (`taken_over`). So no entry is without a signature afterwards, and nobody
who takes signatures away can pass that off as an entry of before. The same rows come to the same chain, whenever it is done: a backup that
is brought up to date once more is what the checkpoints say.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from alembic import context, op
from sqlalchemy import Connection, text

from record import sealing
from record.keys import KeyRing
from schemas.chains import Chain

revision = "0033"
down_revision = "0031"

BEFORE = (
    "ALTER TABLE meetings ADD COLUMN hash bytea, ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT 'epoch'",
    # All columns but the last three repeat what the canonical bytes say: `append_to_meeting` takes them from there.
    """
    ALTER TABLE meeting_log
        ADD COLUMN previous bytea, ADD COLUMN hash bytea, ADD COLUMN signature bytea, ADD COLUMN canonical bytea,
        ALTER COLUMN recorded_at DROP DEFAULT
    """,
    "GRANT UPDATE ON meeting_log TO siwrnai_owner",
)

LOG = """
SELECT meeting, seq, kind, happened_at, decided_at, recorded_at, actor, cause, command_id, content::text AS content
FROM meeting_log WHERE meeting = :meeting ORDER BY seq
"""

SIGN = """
UPDATE meeting_log SET recorded_at = :recorded_at, previous = :previous, canonical = :canonical, hash = :hash, signature = :signature
WHERE meeting = :meeting AND seq = :seq
"""

END = "UPDATE meetings SET hash = :hash, recorded_at = :recorded_at WHERE meeting = :meeting"

STATEMENTS = (
    "REVOKE UPDATE ON meeting_log FROM siwrnai_owner",
    """
    ALTER TABLE meeting_log
        ALTER COLUMN previous SET NOT NULL, ALTER COLUMN hash SET NOT NULL,
        ALTER COLUMN signature SET NOT NULL, ALTER COLUMN canonical SET NOT NULL
    """,
    # What is there is not held against it: a row that somebody changed keeps no service from starting.
    "ALTER TABLE meetings ADD CONSTRAINT has_an_end CHECK (seq = 0 OR hash IS NOT NULL) NOT VALID",
    # Without it a worker of an earlier version appends nothing, and tries again until the new ones get its tasks.
    "DROP FUNCTION append_to_meeting(text, bigint, jsonb)",
    """
    CREATE FUNCTION append_to_meeting(p_meeting text, p_canonical bytea[], p_hash bytea[], p_signature bytea[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        head meetings%ROWTYPE;
        header jsonb;
        stamp timestamptz;
        live boolean := NOT virtual FROM deployment;
    BEGIN
        SELECT * INTO head FROM meetings WHERE meeting = p_meeting FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'meeting % is not on record here', p_meeting USING ERRCODE = 'SW001';
        END IF;
        head.hash := coalesce(head.hash, sha256(convert_to('meeting/' || p_meeting, 'UTF8')));
        FOR i IN 1 .. cardinality(p_canonical) LOOP
            header := convert_from(p_canonical[i], 'UTF8')::jsonb;
            stamp := header ->> 'recorded_at';
            IF header ->> 'meeting' IS DISTINCT FROM p_meeting THEN
                RAISE EXCEPTION 'an entry of another meeting' USING ERRCODE = 'SW001';
            END IF;
            IF (header ->> 'seq')::bigint IS DISTINCT FROM head.seq + 1 THEN
                RAISE EXCEPTION 'meeting %: entry % does not follow %', p_meeting, header ->> 'seq', head.seq USING ERRCODE = 'SW002';
            END IF;
            IF header ->> 'previous' IS DISTINCT FROM encode(head.hash, 'hex')
                OR p_hash[i] IS DISTINCT FROM sha256(head.hash || p_canonical[i]) THEN
                RAISE EXCEPTION 'meeting %: entry % does not chain', p_meeting, head.seq + 1 USING ERRCODE = 'SW003';
            END IF;
            IF stamp IS NULL OR live AND (stamp < head.recorded_at OR
                abs(extract(epoch FROM stamp - clock_timestamp())) > 10 AND stamp <> head.recorded_at) THEN
                RAISE EXCEPTION 'meeting %: recorded_at of entry % is not now', p_meeting, head.seq + 1 USING ERRCODE = 'SW004';
            END IF;
            INSERT INTO meeting_log (
                meeting, seq, authority, kind, happened_at, decided_at, recorded_at, actor, cause, command_id, content,
                previous, hash, signature, canonical
            ) VALUES (
                p_meeting, head.seq + 1, head.authority, header ->> 'kind', (header ->> 'happened_at')::timestamptz,
                (header ->> 'decided_at')::timestamptz, stamp, header ->> 'actor', header ->> 'cause', header ->> 'command_id',
                header -> 'content', head.hash, p_hash[i], p_signature[i], p_canonical[i]
            );
            head.seq := head.seq + 1;
            head.hash := p_hash[i];
            head.recorded_at := stamp;
        END LOOP;
        UPDATE meetings SET seq = head.seq, hash = head.hash, recorded_at = head.recorded_at WHERE meeting = p_meeting;
        RETURN head.seq;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION append_to_meeting FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION append_to_meeting TO siwrnai_journey",
    # A mark is of a chain, a child's or a meeting's.
    "ALTER TABLE checkpoint_marks RENAME COLUMN child TO chain",
    "DROP FUNCTION append_checkpoint",
    """
    CREATE FUNCTION append_checkpoint(
        p_canonical bytea, p_hash bytea, p_signature bytea, p_contradicted text[], p_chain text[], p_seq bigint[], p_head bytea[]
    ) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        mine text := current_setting('siwrnai.authority');
        said jsonb := convert_from(p_canonical, 'UTF8')::jsonb;
        last checkpoints%ROWTYPE;
        live boolean := NOT virtual FROM deployment;
    BEGIN
        SELECT * INTO last FROM checkpoints WHERE authority = mine ORDER BY number DESC LIMIT 1;
        last.number := coalesce(last.number, 0);
        last.hash := coalesce(last.hash, sha256(convert_to('checkpoints|' || mine, 'UTF8')));
        IF said ->> 'authority' IS DISTINCT FROM mine OR (said ->> 'number')::bigint IS DISTINCT FROM last.number + 1 THEN
            RAISE EXCEPTION 'checkpoint % does not follow %', said ->> 'number', last.number USING ERRCODE = 'SW002';
        END IF;
        IF said ->> 'previous' IS DISTINCT FROM encode(last.hash, 'hex') OR p_hash IS DISTINCT FROM sha256(last.hash || p_canonical) THEN
            RAISE EXCEPTION 'checkpoint % does not chain', last.number + 1 USING ERRCODE = 'SW003';
        END IF;
        IF live AND abs(extract(epoch FROM (said ->> 'at')::timestamptz - clock_timestamp())) > 600 THEN
            RAISE EXCEPTION 'checkpoint % is not of now', last.number + 1 USING ERRCODE = 'SW004';
        END IF;
        INSERT INTO checkpoints (number, authority, at, previous, hash, signature, canonical, contradicted) VALUES (
            last.number + 1, mine, (said ->> 'at')::timestamptz, last.hash, p_hash, p_signature, p_canonical, p_contradicted
        );
        INSERT INTO checkpoint_marks (chain, number, authority, seq, hash)
            SELECT m.chain, last.number + 1, mine, m.seq, m.hash FROM unnest(p_chain, p_seq, p_head) AS m (chain, seq, hash);
        RETURN last.number + 1;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION append_checkpoint FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION append_checkpoint TO siwrnai_journey",
)


def upgrade() -> None:
    keys: KeyRing = context.config.attributes["keys"]
    # A row is there for its own authority alone.
    op.execute("SELECT set_config('siwrnai.authority', coalesce((SELECT authority FROM deployment), ''), true)")
    for statement in BEFORE:
        op.execute(statement)
    _take_over(op.get_bind(), keys)
    op.execute("SELECT set_config('siwrnai.authority', '', true)")
    for statement in STATEMENTS:
        op.execute(statement)


def _take_over(connection: Connection, keys: KeyRing) -> None:
    for (meeting,) in connection.execute(text("SELECT DISTINCT meeting FROM meeting_log ORDER BY meeting")).all():
        entries = _signed(meeting, connection.execute(text(LOG), {"meeting": meeting}).mappings(), keys)
        connection.execute(text(SIGN), entries)
        connection.execute(text(END), entries[-1])


def _signed(meeting: str, rows: Iterable[Mapping[Any, Any]], keys: KeyRing) -> list[Mapping[str, Any]]:
    """One that says that it was recorded before the one before it, since a clock had been put back, is put at that one's instant."""
    entries, previous, at = list[Mapping[str, Any]](), sealing.genesis(Chain(meeting=meeting).name), None
    for row in rows:
        at = row["recorded_at"] if at is None else max(at, row["recorded_at"])
        said = {**row, "recorded_at": at, "content": orjson.loads(row["content"]), "taken_over": True}
        entry = sealing.chain(said, previous, keys.signing_key)
        entries.append({"meeting": meeting, "seq": row["seq"], "recorded_at": at, "previous": previous, **entry._asdict()})
        previous = entry.hash
    return entries

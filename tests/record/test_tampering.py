"""Somebody with full rights on the database changes, removes, reorders, back-dates or adds: it is found, and named."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.service import RPCError, RPCStatusCode

from activities.checkpoints import Checkpoints
from console.audit_anchors import copies
from console.audit_verify import Verifying
from record import children, digests, sealing
from record.canonical import canonical
from record.keys import KeyRing
from record.pool import transaction
from record.timeline import HeadAhead, append
from schemas.auditing import Finding
from schemas.checkpoints import CheckpointRequest
from tests.record.examples import AUTHORITY, flush
from tests.record.tampered import MADE_UP, Place, tampered


@pytest.fixture
async def place(server: str, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Place]:
    """Three children, all of it in one anchored checkpoint."""
    async with tampered(server, keys, tmp_path) as made:
        await made.registered()
        await made.checkpoint()
        yield made


async def test_what_was_written_is_whole_and_says_up_to_when(place: Place) -> None:
    verified = await place.verified()
    assert {each.what for each in verified.findings} <= MADE_UP
    assert (verified.children, verified.entries, verified.checkpoints, verified.anchored_copies) == (3, 12, 1, 1)
    assert (verified.vouched.by, verified.vouched.number) == ("anchor", 1)
    assert (await place.verified(anchors=False)).vouched.by == "stored"
    assert (
        await place.superuser.fetchval(
            "SELECT count(*) FROM record.reads WHERE actor = 'p-arolygydd' AND shown @> $1", list(place.children)
        )
        == 2
    )


@pytest.mark.parametrize(
    ("change", "what", "entry"),
    [
        ("UPDATE timeline SET kind = 'x' WHERE child = $1 AND seq = 2", "column_differs", 2),
        ("UPDATE timeline SET recorded_at = recorded_at - interval '1 day' WHERE child = $1 AND seq = 2", "column_differs", 2),
        ("UPDATE timeline SET sealed = sealed || '\\x00' WHERE child = $1 AND seq = 2", "content_sealed", 2),
        ("DELETE FROM timeline WHERE child = $1 AND seq = 2", "entry_missing", 2),
        ("DELETE FROM timeline WHERE child = $1 AND seq > 1", "entries_missing", 2),
        ("UPDATE timeline SET seq = CASE seq WHEN 2 THEN 3 ELSE 2 END + 100 WHERE child = $1 AND seq IN (2, 3)", "entries_missing", 2),
        ("UPDATE heads SET seq = 1000000000 WHERE child = $1", "entries_missing", 5),
        ("UPDATE heads SET recorded_at = '2100-01-01' WHERE child = $1", "head_dated", 4),
        ("UPDATE timeline SET recorded_at = '2100-01-01' WHERE child = $1 AND seq = 4", "recorded_ahead", 4),
        ("DELETE FROM heads WHERE child = $1", "no_head", 4),
    ],
)
async def test_a_changed_row_is_named(place: Place, change: str, what: str, entry: int) -> None:
    await place.does(change)
    assert (what, place.children[0], entry, None) in await place.found()


async def rechained(place: Place, signing: Ed25519PrivateKey | None) -> None:
    """The second entry says another actor, and every hash after it follows; signed anew where somebody has a key."""
    child = place.children[0]
    rows = await place.superuser.fetch("SELECT seq, canonical, hash FROM timeline WHERE child = $1 ORDER BY seq", child)
    previous = rows[0]["hash"]
    for row in rows[1:]:
        said = orjson.loads(row["canonical"])
        said |= {"previous": previous.hex()} | ({"actor": "p-forger"} if row["seq"] == 2 else {})
        header = canonical(said)
        digest = sealing.chain_hash(previous, header)
        values = (child, row["seq"], header, digest, previous)
        await place.does("UPDATE timeline SET canonical = $3, hash = $4, previous = $5 WHERE child = $1 AND seq = $2", values=values)
        if signing is not None:
            await place.does(
                "UPDATE timeline SET signature = $3 WHERE child = $1 AND seq = $2", values=(child, row["seq"], signing.sign(digest))
            )
        previous = digest
    await place.does("UPDATE heads SET hash = $2 WHERE child = $1", values=(child, previous))


@pytest.mark.parametrize("forged", [None, "another key"])
async def test_one_who_recomputes_the_whole_chain_has_not_the_signing_key(place: Place, forged: str | None) -> None:
    await rechained(place, None if forged is None else Ed25519PrivateKey.generate())
    child = place.children[0]
    found = await place.found()
    assert {("not_signed", child, seq, None) for seq in (2, 3, 4)} <= found
    assert ("not_as_checkpoint", child, 4, 1) in found


async def test_even_with_the_signing_key_the_checkpoint_tells(place: Place) -> None:
    await rechained(place, place.keys.signing_key)
    assert await place.found() == {("not_as_checkpoint", place.children[0], 4, 1)}


async def test_a_tail_that_is_cut_off_with_the_head_set_back_is_named(place: Place) -> None:
    await place.does(
        "DELETE FROM timeline WHERE child = $1 AND seq > 2",
        "UPDATE heads h SET seq = 2, hash = t.hash, recorded_at = t.recorded_at FROM timeline t WHERE h.child = $1 AND t.child = $1 AND t.seq = 2",
    )
    assert await place.found() == {("gone_since_checkpoint", place.children[0], 4, 1)}
    # Another checkpoint hides nothing, and says so by itself.
    work = Checkpoints(place.journey, place.keys)
    made = await work.make(CheckpointRequest(authority=AUTHORITY))
    assert made.contradicted == (place.children[0],)
    assert ("gone_since_checkpoint", place.children[0], 4, 1) in await place.found()


async def test_what_was_added_and_cut_off_since_the_last_checkpoint_is_the_window(place: Place) -> None:
    """Nothing of the record itself can tell: this is what `vouched` says."""
    child = place.children[0]
    whose = await _whose(place, child)
    await append(place.journey, flush(whose, 4, 2), place.keys)
    await place.does(
        "DELETE FROM timeline WHERE child = $1 AND seq > 4",
        "UPDATE heads h SET seq = 4, hash = t.hash, recorded_at = t.recorded_at FROM timeline t WHERE h.child = $1 AND t.child = $1 AND t.seq = 4",
    )
    assert await place.found() == set()
    assert (await place.verified()).vouched.number == 1


async def _whose(place: Place, child: str):

    async with transaction(place.door, AUTHORITY) as connection:
        return await children.get(connection, child)


MORNING = dt.datetime(2026, 12, 2, 8, 0, tzinfo=dt.UTC)


async def of_an_audit(place: Place) -> None:
    """What the morning's digest says to Huw of an action from an audit that was due the day before."""
    await place.does(
        "INSERT INTO audit_actions (action, draw, child, authority, question, owner, due, sealed, actor)"
        " VALUES ('x-1', 'd-1', $1, $2, 'own_words', 'p-huw', '2026-12-01', '', 'p-nia')",
        values=(place.children[0], AUTHORITY),
    )

    async def told(_: digests.Owed) -> frozenset[str]:
        return frozenset()

    async def followed(owed: digests.ActionOwed) -> frozenset[str]:
        return frozenset({owed.owner})

    async with transaction(place.journey, AUTHORITY) as connection:
        (digest,) = await digests.items(connection, MORNING, told, followed)
        assert await digests.insert(connection, digest, MORNING)


async def test_what_a_digest_says_of_an_audits_action_is_called_for(place: Place) -> None:
    await of_an_audit(place)
    assert await place.found() == set()


@pytest.mark.parametrize(
    "forged",
    [
        "kind = 'notice'",
        "about = 'no_social_worker'",
        "urgent = true",
        "due = due + interval '1 day'",
        'content = \'{"action": "x-1", "because": "x"}\'',
        'content = \'{"action": "x-2"}\'',
        "cause = 'audit:2026-12-02:x-2>p-huw'",
        "cause = 'audit:2026-12-03:x-1>p-huw'",
        "cause = 'audit:x-1>p-huw'",
        "recipient = 'p-forger'",
        "at = at - interval '2 days', cause = 'audit:2026-11-30:x-1>p-huw'",
    ],
)
async def test_a_letter_that_no_audit_asked_for_is_named(place: Place, forged: str) -> None:
    await of_an_audit(place)
    await place.does(f"UPDATE letter_orders SET {forged} WHERE child = $1")  # noqa: S608
    assert await place.found() == {("letter_uncalled", place.children[0], None, None)}


async def test_a_letter_about_another_childs_action_is_named(place: Place) -> None:
    await of_an_audit(place)
    await place.does("UPDATE letter_orders SET child = $2 WHERE child = $1", values=place.children[:2])
    assert await place.found() == {("letter_uncalled", place.children[1], None, None)}


TABLES = ("timeline", "heads", "child_details", "letter_orders", "journeys", "clocks", "commands", "texts", "children")


async def test_what_is_wrong_with_one_child_stops_no_other(place: Place) -> None:
    sealed, kind, head = place.children
    await place.does("UPDATE timeline SET sealed = sealed || '\\x00' WHERE child = $1 AND seq = 2", values=[sealed])
    await place.does("UPDATE timeline SET canonical = 'no header' WHERE child = $1 AND seq = 1", values=[kind])
    await place.does("DELETE FROM heads WHERE child = $1", values=[head])
    verified = await place.verified()
    assert verified.children == 3
    assert {each.child for each in verified.findings if each.what not in MADE_UP} == set(place.children)


async def test_a_whole_child_that_is_taken_away_is_named(place: Place) -> None:
    child = place.children[0]
    await place.does(*(f"DELETE FROM {table} WHERE child = $1" for table in TABLES))  # noqa: S608
    assert {("gone_since_checkpoint", child, 4, 1), ("child_gone", child, None, None)} <= await place.found(anchors=False)
    # With its marks as well: the stored checkpoint no longer holds what was signed, and the copy kept outside names the child.
    await place.does("DELETE FROM checkpoint_marks WHERE chain = $1")
    assert await place.found(anchors=False) == {("checkpoint_marks", None, None, 1), ("checkpoint_heads", None, None, 1)}
    assert ("chain_gone", child, 4, 1) in await place.found()


async def test_the_last_checkpoint_taken_away_is_named_by_the_copy_kept_outside(place: Place) -> None:
    child = place.children[1]
    await append(place.journey, flush(await _whose(place, child), 4, 2), place.keys)
    await place.checkpoint()
    await place.does(
        "DELETE FROM timeline WHERE child = $1 AND seq > 4",
        "UPDATE heads h SET seq = 4, hash = t.hash, recorded_at = t.recorded_at FROM timeline t WHERE h.child = $1 AND t.child = $1 AND t.seq = 4",
        values=[child],
    )
    await place.does(
        *("DELETE FROM checkpoints WHERE number = 2", "DELETE FROM checkpoint_marks WHERE number = 2"),
        "DELETE FROM checkpoint_anchors WHERE number = 2",
        values=[],
    )
    assert await place.found(anchors=False) == set()
    assert await place.found() == {("checkpoint_missing", None, None, 2), ("gone_since_checkpoint", child, 6, 2)}


async def test_a_checkpoint_that_was_changed_is_named(place: Place) -> None:
    await place.checkpoint()
    await place.does(
        "UPDATE checkpoints SET canonical = replace(convert_from(canonical, 'UTF8'), '\"chains\":3', '\"chains\":2')::bytea WHERE number = 1",
        values=[],
    )
    assert ("checkpoint_not_chained", None, None, 1) in await place.found()
    await place.does("DELETE FROM checkpoints WHERE number = 1", values=[])
    assert ("checkpoints_missing", None, None, 1) in await place.found()


async def test_an_entry_that_is_added_back_dated_by_one_who_has_all_keys_is_named(place: Place) -> None:
    """It claims to have been recorded an hour before a checkpoint that does not know it."""
    child = place.children[0]
    head = await place.superuser.fetchrow("SELECT seq, hash, recorded_at FROM heads WHERE child = $1", child)
    assert head is not None
    long_ago = head["recorded_at"] - dt.timedelta(hours=1)
    entry = flush(await _whose(place, child), 4, 1).entries
    (sealed,) = sealing.seal(
        entry, sealing.Place(child, long_ago, head["hash"]), sealing.Secrets(place.keys.child_key(child), place.keys.signing_key)
    )
    values = (
        child,
        sealed.canonical,
        sealed.sealed,
        sealed.hash,
        sealed.signature,
        long_ago,
        head["hash"],
        entry[0].cause,
        entry[0].happened_at,
    )
    await place.does(
        "INSERT INTO timeline SELECT child, 5, authority, team, kind, $9, effective_from, $6, command_id, $8, $7, $4, $5, $2, $3"
        " FROM timeline WHERE child = $1 AND seq = 4",
        values=values,
    )
    await place.does("UPDATE heads SET seq = 5, hash = $2 WHERE child = $1", values=(child, sealed.hash))
    found = await place.found()
    assert {("backdated", child, 5, 1), ("recorded_before", child, 5, None)} <= found


async def test_nothing_is_signed_as_of_an_instant_to_which_somebody_set_the_head(place: Place) -> None:
    child = place.children[0]
    head = await place.superuser.fetchval("SELECT recorded_at FROM record.heads WHERE child = $1", child)
    await place.does("UPDATE heads SET recorded_at = '2100-01-01' WHERE child = $1")
    with pytest.raises(HeadAhead, match=f"{child}: the chain's end is said to have been recorded at 2100"):
        await append(place.journey, flush(await _whose(place, child), 4), place.keys)
    await place.does("UPDATE heads SET recorded_at = $2 WHERE child = $1", values=(child, head))
    await append(place.journey, flush(await _whose(place, child), 4), place.keys)
    assert await place.found() == set()


async def test_a_child_that_was_put_in_is_named(place: Place) -> None:
    await place.does(
        "INSERT INTO timeline SELECT 'c-nobody', seq, authority, team, kind, happened_at, effective_from, recorded_at, command_id, cause,"
        " previous, hash, signature, canonical, sealed FROM timeline WHERE child = $1"
    )
    found = await place.found()
    assert ("child_gone", "c-nobody", None, None) in found
    assert ("not_chained", "c-nobody", 1, None) in found


async def test_a_torn_line_that_was_written_again_is_passed_over_and_a_changed_one_is_not(place: Place) -> None:
    (file,) = place.folder.glob("*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole[:40] + b"\n" + whole)
    assert await place.found() == set()
    file.write_bytes(whole.replace(b'"seq":4', b'"seq":5', 1))
    assert ("anchor_not_ours", None, None, 1) in await place.found()
    file.write_bytes(b"{}\n" + whole)
    assert [each for each in copies(file) if isinstance(each, Finding)] == [Finding(what="anchor_unreadable", detail=f"{file.name}:1")]


async def test_where_one_look_fails_no_other_goes_on_behind_its_back(place: Place) -> None:
    def away() -> None:
        raise RPCError("the engine is away", RPCStatusCode.UNAVAILABLE, b"")

    before = asyncio.all_tasks()
    with pytest.raises(RPCError):
        await Verifying(place.door, AUTHORITY, place.keys, reader="p-arolygydd", purpose="audit verify", step=away).of_all()
    assert asyncio.all_tasks() == before

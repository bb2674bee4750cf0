"""`siwrnai audit` as an auditor meets it, on the real engine and the real record."""

import json

import pytest

from console.endings import Code
from tests.console.conftest import Desk
from tests.console.test_command import report, rows

pytestmark = pytest.mark.timeout(240)


async def test_all_is_whole_until_somebody_changes_it(desk: Desk, huw: str, child: str) -> None:
    await report(desk, child, huw)
    made = await desk.runs("audit", "checkpoint")
    assert made.code == Code.done, made.err
    assert made.out.startswith("Checkpoint 1 of ")
    whole = await desk.runs("audit", "verify", "--json", "--actor", huw)
    found = json.loads(whole.out)
    assert (whole.code, found["findings"]) == (Code.done, [])
    assert (found["checkpoints"], found["vouched"]["by"]) == (1, "stored")
    logged = await rows(desk, "SELECT purpose FROM record.reads WHERE actor = $1 AND $2 = ANY (shown)", huw, child)
    assert [row["purpose"] for row in logged] == ["audit verify"]
    assert "Last checkpoint: number 1" in (await desk.runs("status")).out

    await rows(desk, "UPDATE record.letter_orders SET recipient = 'p-other' WHERE child = $1", child)
    await rows(desk, "DELETE FROM record.timeline WHERE child = $1 AND seq = 5", child)
    await rows(
        desk,
        "UPDATE record.heads h SET seq = 4, hash = t.hash FROM record.timeline t WHERE h.child = $1 AND t.child = $1 AND t.seq = 4",
        child,
    )
    changed = await desk.runs("audit", "verify", child)
    assert changed.code == Code.found_wrong
    assert f"Child {child}, entry 5, checkpoint 1: the chain had it then, and has it no longer." in changed.out
    assert f"Child {child}: the engine knows entries that the record does not have (engine/record: 5/4)." in changed.out
    welsh = await desk.runs("--language", "cy", "audit", "verify", child, "--record-only")
    assert f"Plentyn {child}, cofnod 5, pwynt gwirio 1: roedd gan y gadwyn hwn bryd hynny" in welsh.out
    again = await desk.runs("audit", "checkpoint")
    assert (again.code, f"no longer what an earlier checkpoint said: {child}" in again.out) == (Code.found_wrong, True)

"""Entries, flushes and orders to test with."""

import datetime as dt
import secrets
from typing import Any

from record import children
from record.keys import KeyRing
from record.pool import Pool, transaction
from record.projections import Whose
from schemas.flush import ClockRow, Flush, JourneySummary
from schemas.letters import LetterKind, LetterOrder
from schemas.timeline import Answer, Entry, Stages, Versions

AUTHORITY = "sir-enghraifft"
AT = dt.datetime(2026, 11, 20, 16, 40, tzinfo=dt.UTC)
DUE = dt.datetime(2026, 11, 23, 23, 59, 59, tzinfo=dt.UTC)
STAGES = Stages(registration="not_registered", enquiries=((1, "reported"),))
NAME = "Ela Prys-Enghraifft"
WORDS = "A bruise was seen by a friend"


def new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(6)}"


async def new_child(door: Pool, keys: KeyRing, family: str | None = None) -> Whose:
    """A child that the door has registered."""
    whose = Whose(child=new_id("c"), family=family or new_id("f"), authority=AUTHORITY, team="t-north")
    async with transaction(door, AUTHORITY) as conn:
        await children.register(conn, whose, children.ChildDetails(name=NAME, born_on=dt.date(2014, 5, 6)), keys, "p-huw")
    return whose


def entry(seq: int, cause: str | None = None, at: dt.datetime = AT, **content: Any) -> Entry:
    return Entry(
        seq=seq,
        kind="report",
        happened_at=at,
        effective_from=at,
        decided_at=at,
        actor="p-huw",
        cause=cause or f"cmd-{seq}#1",
        rule="report",
        versions=Versions(rules="ab12", calendar=1, settings=1),
        before=STAGES,
        after=STAGES,
        content=content or {"facts": {"alleged": ["physical"]}, "words": "text:1#2"},
        digest="00" * 32,
    )


def answer_of(whose: Whose, command_id: str, *seqs: int) -> Answer:
    return Answer(command_id=command_id, child=whose.child, entries=seqs, stages=STAGES)


def flush(whose: Whose, head: int, count: int = 1, command_id: str | None = None, **more: Any) -> Flush:
    """A flush of so many entries after that head, with an answer where it is a command's."""
    entries = tuple(entry(seq) for seq in range(head + 1, head + 1 + count))
    answer = None if command_id is None else answer_of(whose, command_id, *(each.seq for each in entries))
    return Flush.model_validate(
        {
            **whose.model_dump(),
            "expected_head": head,
            "entries": entries,
            "command_id": command_id,
            "answer": answer,
            "summary": JourneySummary(registration="not_registered", enquiries=((1, "reported"),)),
            **more,
        },
    )


def clock(instance: str = "screening/1", due: dt.datetime = DUE, running: bool = True, **more: Any) -> ClockRow:
    return ClockRow.model_validate(
        {
            "instance": instance,
            "clock": instance.partition("/")[0],
            "state": "started" if running else "met",
            "running": running,
            "started_at": AT,
            "due": due,
            "owner_role": "duty_manager",
            "owner": "p-huw",
            "content": {"owner": "duty_manager", "plan": {"rungs": [{"role": "team_manager"}]}},
            **more,
        }
    )


def alert(whose: Whose, at: dt.datetime = AT, recipient: str = "p-huw", **more: Any) -> LetterOrder:
    about = more.pop("about", "screening")
    return LetterOrder.model_validate(
        {
            "cause": f"clock:{about}/1:overdue:{at.isoformat()}>{recipient}",
            "kind": LetterKind.alert,
            "recipient": recipient,
            "at": at,
            "about": about,
            "instance": f"{about}/1",
            "due": DUE,
            **more,
        }
    )

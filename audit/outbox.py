"""Does the outbox hold what the timeline ordered, and nothing that it did not?

What an entry of a timescale says of whom it told is compared both ways. Notices and corrections are ordered by an entry without its saying to
whom: of them the outbox must name an entry; that none is missing, the engine's history tells while it is kept (`audit.history`).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from procedures.times import end_of_day, local
from schemas.auditing import Finding
from schemas.audits import AUDIT, AUDIT_ACTION
from schemas.clocks import ClockState
from schemas.letters import LetterKind
from schemas.outbox import KeptOrder
from schemas.timeline import RecordedEntry

WRITTEN = {ClockState.reminded: "reminder", ClockState.escalated: "alert"}
"""What a timescale's entry has sent, by what it says."""

MEETING, DIGEST = "meeting:", "digest:"
"""How causes begin of what a meeting asks for by its own log, and of what a digest says once more."""


def misplaced(
    child: str, entries: Sequence[RecordedEntry], orders: Sequence[KeptOrder], actions: Mapping[str, dt.date]
) -> Iterator[Finding]:
    """Letters that are missing, that nothing ordered, or that go to somebody else; `actions` are the child's from audits, by id, each with the
    day on which it is due. Without the child's words (its key is destroyed) the entries do not say whom they told: then only what nothing
    ordered is found.
    """
    causes = {entry.cause: entry.seq for entry in entries}
    by_cause = {order.cause: order for order in orders}
    for seq, cause, kind, recipient in _told(entries):
        order = by_cause.get(f"{cause}>{recipient}")
        if order is None:
            yield Finding(what="letter_missing", child=child, entry=seq, detail=f"{cause}>{recipient}")
        elif order.kind != kind:
            yield Finding(what="letter_differs", child=child, entry=seq, detail=order.cause)
    instances = {entry.content["instance"] for entry in entries if "instance" in entry.content}
    for order in orders:
        if not order.letter_is_there:
            yield Finding(what="letter_gone", child=child, detail=order.cause)
        if not order.cause.startswith(MEETING) and not _has_cause(order, causes, instances, actions):
            yield Finding(what="letter_uncalled", child=child, detail=order.cause)


def of_meetings(child: str, orders: Iterable[KeptOrder], invitees: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Letters of meetings that are not about this child, or to somebody whom that meeting never invited; `invitees` are its own, by meeting."""
    for order in orders:
        if order.cause.startswith(MEETING):
            meeting, _, rest = order.cause.removeprefix(MEETING).partition(":")
            invitee = order.content.get("invitee")
            if meeting not in invitees or (invitee is not None and (invitee not in invitees[meeting] or not rest)):
                yield Finding(what="letter_uncalled", child=child, meeting=meeting, detail=order.cause)


def _told(entries: Iterable[RecordedEntry]) -> Iterator[tuple[int, str, str, str]]:
    """Entry, cause, kind of letter and recipient of each letter that a timescale's entry says was written."""
    silent, alerted = set[str](), set[tuple[str, str, object]]()
    for entry in entries:
        state, instance = entry.content.get("state"), entry.content.get("instance", "")
        if entry.content.get("timescale", {}).get("ladder") == "none":
            silent.add(instance)
        recipient = entry.content.get("to")
        if state not in WRITTEN or recipient is None or instance in silent:
            continue
        alert = (instance, recipient, entry.happened_at)
        # Whoever holds two roles of which both are told at one instant reads it once.
        if state != ClockState.escalated or alert not in alerted:
            yield entry.seq, entry.cause, WRITTEN[ClockState(state)], recipient
        if state == ClockState.escalated:
            alerted.add(alert)


def _has_cause(order: KeptOrder, causes: Mapping[str, int], instances: set[str], actions: Mapping[str, dt.date]) -> bool:
    cause, _, recipient = order.cause.rpartition(">")
    if recipient != order.recipient:
        return False
    if cause.startswith(AUDIT):
        return _of_action(order, cause.removeprefix(AUDIT), actions)
    if cause.startswith(DIGEST):
        return cause.removeprefix(DIGEST).partition(":")[2] in instances or not instances
    return cause in causes or cause.rpartition(":")[0] in causes


def _of_action(order: KeptOrder, cause: str, actions: Mapping[str, dt.date]) -> bool:
    """An auditor asked for it, and no entry: the morning's digest says of an action of this child that it is overdue, and nothing else."""
    day, _, action = cause.partition(":")
    due = actions.get(action)
    if due is None or day != local(order.at).date().isoformat() or day <= due.isoformat():
        return False
    said = (order.kind, order.about, order.urgent, order.instance, order.due, order.content)
    return said == (LetterKind.digest, AUDIT_ACTION, False, None, end_of_day(due), {"action": action})

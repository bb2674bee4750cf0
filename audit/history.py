"""Does the engine's own history, while it is kept, name the same entries and letters as the record? It is a second witness, in another store."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.auditing import Finding
from schemas.chains import Chain
from schemas.flush import Flush
from schemas.letters import LetterOrder
from schemas.meetings import MeetingEntry, MeetingFlush
from schemas.outbox import KeptOrder
from schemas.timeline import Entry, RecordedEntry


class Witnessed(NamedTuple):
    """What one run of the recording activity was given."""

    flush: Flush
    written: bool
    """Whether the engine knows that it was written; one that is under way may be."""


def contradictions(
    child: str, history: Iterable[Witnessed], entries: Mapping[int, RecordedEntry], orders: Mapping[str, KeptOrder], *, readable: bool
) -> Iterator[Finding]:
    """Entries and letters of the history that the record does not have, or has differently. `readable` where the child's key is there."""
    for each in history:
        if not each.written:
            continue
        for entry in each.flush.entries:
            stored = entries.get(entry.seq)
            if stored is None:
                yield Finding(what="history_entry_missing", child=child, entry=entry.seq)
            elif not _same(entry, stored, readable=readable):
                yield Finding(what="history_differs", child=child, entry=entry.seq)
        if readable:  # With a destroyed record its letters went too.
            yield from _letters(child, each.flush.letters, orders)


def unwitnessed(chain: Chain, history: Iterable[Flush | MeetingFlush], entries: Iterable[int]) -> Iterator[Finding]:
    """Entries of the record, as late as the history reaches back, that it does not have: no journey, nor meeting, recorded them."""
    known = {entry.seq for flush in history for entry in flush.entries}
    first = min(known, default=None)
    if first is not None:
        for seq in entries:
            if seq >= first and seq not in known:
                yield Finding(what="not_in_history", **chain._asdict(), entry=seq)


def meeting_contradictions(
    meeting: str, history: Iterable[MeetingFlush], log: Mapping[int, MeetingEntry], orders: Mapping[tuple[str, str], KeptOrder]
) -> Iterator[Finding]:
    """The same of a meeting's log and its letters, which are under the protection of one of its children each."""
    for flush in history:
        for entry in flush.entries:
            if entry.seq not in log:
                yield Finding(what="meeting_entry_missing", meeting=meeting, entry=entry.seq)
            elif log[entry.seq] != entry:
                yield Finding(what="meeting_differs", meeting=meeting, entry=entry.seq)
        for child, letters in flush.letters.items():
            for finding in _letters(child, letters, {cause: order for (whose, cause), order in orders.items() if whose == child}):
                yield finding.model_copy(update={"meeting": meeting})


def _letters(child: str, letters: Iterable[LetterOrder], orders: Mapping[str, KeptOrder]) -> Iterator[Finding]:
    for letter in letters:
        kept = orders.get(letter.cause)
        if kept is None:
            yield Finding(what="letter_missing", child=child, detail=letter.cause)
        elif LetterOrder.model_validate(kept.model_dump(include=set(LetterOrder.model_fields))) != letter:
            yield Finding(what="letter_differs", child=child, detail=letter.cause)


def _same(entry: Entry, stored: RecordedEntry, *, readable: bool) -> bool:
    fields = set(Entry.model_fields) - (set() if readable else {"content"})
    return entry.model_dump(include=fields) == stored.model_dump(include=fields)

"""What came of a run, so that two runs can be compared: ids of people and commands, made anew by chance for each run, are spelt by the script."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from embedded.mail_catcher import letters as caught
from rehearsal.result import Result
from schemas.timeline import SERVICE

OPAQUE = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")

INVITEE = re.compile(r"(?<![\w-])i-[0-9a-f]{20}(?![\w-])")
"""An invitee's id is made from the meeting's and the person's. Whose it is stands beside the cause: the recipient."""

MESSAGE_ID = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE | re.IGNORECASE)


TAKES = dt.timedelta(minutes=10)
"""What the service does itself it stamps when it does it: later, where it had been killed. What people do happened when they say."""


class Fact(NamedTuple):
    """What is compared of an entry."""

    kind: str
    instance: str | None
    state: str | None
    due: str | None
    actor: str | None
    happened_at: dt.datetime

    def is_as(self, other: "Fact") -> bool:
        """Whether it is the same as in the undisturbed run."""
        late = self.happened_at - other.happened_at
        return self[:-1] == other[:-1] and (not late or (self.actor == SERVICE and abs(late) < TAKES))


class Facts(NamedTuple):
    """A run, without what differs from run to run."""

    timelines: Mapping[str, list[Fact]]
    """By child and in order."""
    letters: Counter[tuple[str, ...]]
    """Child, cause, recipient, kind and what became of it, with how often."""
    refusals: Counter[tuple[str, ...]]


def facts(result: Result) -> Facts:
    """What is compared."""
    cast = result.cast
    timelines = {
        child: [
            Fact(
                kind=entry.kind,
                instance=entry.content.get("instance"),
                state=entry.content.get("state"),
                due=entry.content.get("due"),
                actor=cast.key(entry.actor),
                happened_at=entry.happened_at,
            )
            for entry in entries
        ]
        for child, entries in result.timelines.items()
    }
    commands = _commands(result)
    keys = {id: key for (_, key), id in cast.ids.items()}
    letters = Counter(
        (cast.key(each.child) or "", spelt(each.cause, keys, commands), cast.key(each.recipient) or "", each.kind, each.state)
        for each in result.letters
    )
    return Facts(timelines, letters, Counter((each.child, each.command, each.code) for each in result.refusals))


def _commands(result: Result) -> dict[str, str]:
    """Each command's id by the place of its first entry."""
    return {
        entry.command_id: f"entry {entry.seq}"
        for entries in result.timelines.values()
        for entry in reversed(entries)
        if entry.command_id is not None
    }


def spelt(cause: str, keys: Mapping[str, str], commands: Mapping[str, str]) -> str:
    """A cause without what is made by chance; `keys` are the script's, by id, those of meetings that were arranged meanwhile among them."""
    for id in sorted(commands, key=len, reverse=True):
        cause = re.sub(rf"(?<![\w-]){re.escape(id)}(?![\w-])", commands[id], cause)
    return OPAQUE.sub(lambda found: keys.get(found[0], found[0]), INVITEE.sub("invitee", cause))


def differences(one: Facts, other: Facts) -> Iterator[str]:
    """Where two runs differ."""
    for child, entries in one.timelines.items():
        there = other.timelines[child]
        for number, (expected, found) in enumerate(zip(entries, there, strict=False), 1):
            if not found.is_as(expected):
                yield f"{child}, entry {number}: {found}, undisturbed {expected}"
                break
        if len(entries) != len(there):
            yield f"{child}: {len(there)} entries, undisturbed {len(entries)}"
    yield from (f"letter lost: {each} × {times}" for each, times in (one.letters - other.letters).items())
    yield from (f"letter too many: {each} × {times}" for each, times in (other.letters - one.letters).items())
    if one.refusals != other.refusals:
        yield f"refused: {other.refusals}, undisturbed {one.refusals}"


class Posted(NamedTuple):
    """What the mail server got of a run."""

    letters: int
    repeats: int
    """Letters that came again, under the same Message-ID and with the same bytes."""
    wrong: list[str]


def posted(mailbox: Path, sent: set[str]) -> Posted:
    """Whether every letter that counts as sent is there, and a repeat is the same to the last byte."""
    copies: dict[str, list[bytes]] = {}
    for path in caught(mailbox):
        content = path.read_bytes()
        found = MESSAGE_ID.search(content)
        id = found[1].decode() if found else ""
        if id in sent:
            copies.setdefault(id, []).append(content)
    wrong = [f"letter {id} counts as sent and never came" for id in sorted(sent - copies.keys())]
    wrong += [f"letter {id} came again with other bytes" for id, each in copies.items() if len(set(each)) > 1]
    return Posted(len(copies), sum(len(each) - 1 for each in copies.values()), wrong)

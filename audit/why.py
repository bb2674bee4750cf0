"""Why a letter was sent, a date is due, somebody was told or something was refused: from the effect back to the person behind it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from audit import replay
from audit.replay import Way
from audit.standing import Journey, history, letter_then, meeting_at, posts
from schemas.commands import COMMANDS
from schemas.meetings import MeetingEntry
from schemas.replay import MeetingLog, SentLetter
from schemas.reviewing import Because, Link, Written
from schemas.timeline import RecordedEntry

SAID = (
    *("rationale", "reason", "because", "reason_without_others", "evidence", "dissent", "threshold_explained", "goes_on_because"),
    *("voice_changed", "protected_by", "action", "words"),
)
"""Parts of a command's body that say why."""

DECIDES = ("decision", "outcome", "rationale")
"""Parts of a command's body that say what was decided."""

ASKED = ("rationale", "evidence", "dissent")
"""Parts of which it is said that there are none, where a command may have them."""

MEETING = "meeting:"
"""How the cause of a letter begins that a meeting's own log asked for."""


class NotThere(LookupError):
    """There is no such letter, timescale, entry or refusal; its argument names those that there are."""


def of_entry(entries: Sequence[RecordedEntry], number: int) -> Because:
    """Why that entry stands.

    Raises:
        NotThere: it does not.
    """
    if not 0 < number <= len(entries):
        raise NotThere(f"1–{len(entries)}")
    return Because(of="entry", id=str(number), links=tuple(_back(entries, entries[number - 1])))


def of_timescale(entries: Sequence[RecordedEntry], instance: str) -> Because:
    """Why it is due when it is: what moved it last, what started it, and the command behind that.

    Raises:
        NotThere: the child has no such timescale.
    """
    planned = [each for each in _of_instance(entries, instance) if "timescale" in each.content or "plan" in each.content]
    if not planned:
        known = sorted({each.content["instance"] for each in entries if "instance" in each.content})
        raise NotThere(", ".join(known))
    return Because(of="timescale", id=instance, links=tuple(_back(entries, planned[-1])))


def of_letter(journey: Journey, id: str, now: datetime) -> Because:
    """Why it was written, by its id or its cause, to whom, and what has become of it.

    Raises:
        NotThere: the child has no such letter.
    """
    found = [each for each in journey.beside.letters if id in {each.letter, each.cause}]
    if not found:
        raise NotThere(", ".join(sorted({each.letter or each.cause for each in journey.beside.letters})[-10:]))
    links = tuple(link for each in found for link in _of_letter(journey, each))
    return Because(of="letter", id=id, links=links, written=_written(journey, found, now))


def _written(journey: Journey, orders: Sequence[SentLetter], now: datetime) -> Written:
    letter = orders[0]
    own = replay.as_known(journey.begun, journey.entries, letter.at).roles
    held = list(posts(journey.beside, Way.known, letter.at))
    holding = (*own.items(), *((each.role, each.person) for each in held))
    return Written(
        letter=letter_then(letter, now),
        about=tuple(dict.fromkeys((each.kind, each.about) for each in orders)),
        roles=tuple(dict.fromkeys(role for role, person in holding if person == letter.recipient)),
        deputy_for=tuple(each.role for each in held if each.deputy == letter.recipient),
        parts=tuple(_parts(journey.beside.meetings, letter)),
    )


def _parts(logs: Sequence[MeetingLog], letter: SentLetter) -> Iterator[str]:
    """In which part the recipient was invited to the meeting that the letter is about."""
    if letter.cause.startswith(MEETING):
        of = letter.cause.split(":")[1]
        for log in logs:
            then = meeting_at(history(log, Way.known), letter.at) if log.meeting == of else None
            yield from () if then is None else (each.role for each in then.invitees if each.person == letter.recipient)


def of_refusal(journey: Journey, number: int) -> Because:
    """Why a command was refused, and where the child stood then.

    Raises:
        NotThere: there was no such refusal.
    """
    for each in journey.beside.refusals:
        if each.entry == number:
            before = [entry for entry in journey.entries if entry.recorded_at <= each.at and entry.before != entry.after]
            links = [_link(journey.entries, entry) for entry in before[-1:]]
            stages = replay.as_known(journey.begun, journey.entries, each.at).stages
            return Because(of="refusal", id=str(number), links=tuple(links), refused=each, stages=stages)
    raise NotThere(", ".join(str(each.entry) for each in journey.beside.refusals))


def decisions(entries: Sequence[RecordedEntry]) -> list[Because]:
    """Every decision, with the references to its rationale, evidence and dissent."""
    made = [each for each in entries if any(part in each.content.get("body", {}) for part in DECIDES)]
    return [Because(of="entry", id=str(each.seq), links=(_link(entries, each),)) for each in made]


def _back(entries: Sequence[RecordedEntry], entry: RecordedEntry) -> Iterator[Link]:
    """The entry; where time brought it, what started the timescale; where another entry of the command stands first, that."""
    yield _link(entries, entry)
    if "instance" not in entry.content:
        return
    started = _of_instance(entries, entry.content["instance"])[0]
    if started.seq < entry.seq and entry.command_id is None:
        yield _link(entries, started)
    source = entry if entry.command_id is not None else started
    first = next((each for each in entries if each.command_id is not None and each.command_id == source.command_id), None)
    if first is not None and first.seq not in {entry.seq, started.seq if entry.command_id is None else 0}:
        yield _link(entries, first)


def _of_letter(journey: Journey, letter: SentLetter) -> Iterator[Link]:
    if letter.cause.startswith(MEETING):
        yield from _of_meeting(journey.beside.meetings, letter)
        return
    by_cause = {each.cause: each for each in journey.entries}
    cause = letter.cause.rpartition(">")[0]
    while cause and cause not in by_cause:
        cause = cause.rpartition(":")[0]
    if cause:
        yield from _back(journey.entries, by_cause[cause])


def _of_meeting(logs: Sequence[MeetingLog], letter: SentLetter) -> Iterator[Link]:
    """What was recorded of the meeting at the instant at which the letter was ordered, the command behind it last."""
    id = letter.cause.split(":")[1]
    for log in logs:
        if log.meeting == id:
            then = [each for each in log.entries if each.decided_at == letter.at]
            yield from (_of_log(log, each) for each in sorted(then, key=lambda each: (each.kind in COMMON, each.seq), reverse=True))


COMMON = frozenset({"asked", "chased", "reminded", "forecast"})
"""What a meeting records of itself; behind it stands somebody's command, or time."""


def _of_log(log: MeetingLog, entry: MeetingEntry) -> Link:
    return Link(
        meeting=log.meeting,
        entry=entry.seq,
        kind=entry.kind,
        happened_at=entry.happened_at,
        actor=entry.actor,
        command_id=entry.command_id,
        words=dict(_said(entry.content)),
    )


def _link(entries: Sequence[RecordedEntry], entry: RecordedEntry) -> Link:
    explained = _explanation(entries, entry)
    return Link(
        entry=entry.seq,
        kind=entry.kind,
        happened_at=entry.happened_at,
        actor=entry.actor,
        command_id=entry.command_id,
        rule=entry.rule,
        source=explained.get("source"),
        trust=explained.get("trust"),
        local_setting=bool(explained.get("local_setting")),
        words=_asked(entry) | dict(_said(entry.content.get("body", {}))) | dict(_said(entry.content.get("acknowledgement") or {})),
    )


def _explanation(entries: Sequence[RecordedEntry], entry: RecordedEntry) -> Mapping[str, Any]:
    """By which rule the timescale was planned when that entry was written."""
    if "instance" not in entry.content:
        return {}
    planned = [each.content for each in _of_instance(entries, entry.content["instance"]) if each.seq <= entry.seq]
    plans = [
        each["timescale"]["plan"] if "timescale" in each else each["plan"] for each in planned if "timescale" in each or "plan" in each
    ]
    return plans[-1]["explanation"] if plans else {}


def _of_instance(entries: Sequence[RecordedEntry], instance: str) -> list[RecordedEntry]:
    return [each for each in entries if each.content.get("instance") == instance and "state" in each.content]


def _asked(entry: RecordedEntry) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What the command may say of itself, as if none was said."""
    return {part: () for part in ASKED if entry.kind in COMMANDS and part in COMMANDS[entry.kind].model_fields}


def _said(body: Mapping[str, Any]) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    for part in SAID:
        value = body.get(part)
        each = tuple(tuple(_references(one)) for one in (cast("list[Any]", value) if isinstance(value, list | tuple) else (value,)))
        if any(each):
            yield part, each


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in cast("Mapping[str, Any]", value).values():
            yield from _references(each)
    elif isinstance(value, list | tuple):
        for each in cast("list[Any]", value):
            yield from _references(each)

"""The meetings about a child in a bundle: who was invited, who answered what, who came, and each meeting's own log."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from audit.redaction import Line, commitment, references
from audit.verifier import verify
from console.bundle_record import Writer
from console.viewing import reference
from record import meetings
from record.canonical import canonical
from record.keys import KeyMissing
from record.sealing import ChainedEntry
from schemas.meetings import Invitee, MeetingState

Log = Sequence[dict[str, Any]]
"""What is said of each entry of a meeting's log."""


async def write_meetings(writer: Writer) -> None:
    """A line for each meeting, the first first. One of which nothing may be told keeps its number and its hash; where a reader's own alone go in,
    that there was another is not told: a strategy discussion would warn whoever it is about.
    """
    about = await meetings.of_child(writer.connection, writer.child)
    with writer.folder.lines("meetings.jsonl") as write:
        for number, meeting in enumerate((each for each in about if writer.goes_in(each)), 1):
            chain = await meetings.chain(writer.connection, meeting.meeting)
            log = [verify.logged(orjson.loads(each.canonical)) for each in chain]
            line = await _line(writer, number, meeting, log)
            line["chain"] = [*_chain(chain, log, line.get("log", ()))]
            writer.logs.append(len(chain))
            if "withheld" in line:
                writer.lists("meeting", number, {"": line["withheld"]})
            write(line)


def _chain(chain: Sequence[ChainedEntry], log: Log, shown: Log) -> Iterator[Line]:
    """Each entry as it was signed, its header only where all of it is shown. Headers have no salt: of a header that is withheld between two hashes
    a guess could be tried. So of those that are withheld one after the other the last alone keeps its hash, which takes in the others."""
    for at, (entry, said) in enumerate(zip(chain, log, strict=True), 1):
        header = entry.canonical.decode() if said in shown else None
        if header is not None or at == len(log) or log[at] in shown:
            yield {"seq": said["seq"], "header": header, "hash": entry.hash.hex(), "signature": entry.signature.hex()}


async def _line(writer: Writer, number: int, meeting: MeetingState, log: Log) -> Line:
    line: Line = {"number": number, "meeting": meeting.meeting}
    try:
        salt = writer.salt("meeting", meeting.meeting)
    except KeyMissing:
        return {**line, "withheld": writer.redaction.why("gone")}
    whole = await _whole(writer, meeting, log)
    proof = {"hash": commitment(salt, canonical(whole))}
    if (why := _why_not(writer, number, meeting)) is not None:
        return {**line, "withheld": {**writer.redaction.why(why), **proof}}
    writer.shown.append(meeting.meeting)
    if writer.redaction.kind.meetings == "own":
        invitees = [_invitee(meeting, each) for each in writer.invitations(meeting)]
        told = {**_about(meeting), "invitees": invitees, "words": await _words(writer, meeting, invitees)}
        return {**line, **_copy(writer, told), "withheld": {**writer.redaction.why("own_invitation"), **proof}}
    copy = _copy(writer, whole)
    if copy != whole:
        return {**line, **copy, "withheld": {**writer.redaction.why("third_party"), **proof}}
    return {**line, **whole, **proof, "salt": salt.hex()}


def _copy(writer: Writer, told: dict[str, Any]) -> dict[str, Any]:
    """What is told as this reader may read it; that its words were shown is kept for the log of reads."""
    writer.shown += [reference(each).id for each in told["words"]]
    people = writer.redaction.people
    return {**people.without(told), "words": {name: people.replaced(each) for name, each in told["words"].items()}}


async def _whole(writer: Writer, meeting: MeetingState, log: Log) -> dict[str, Any]:
    return {
        **_about(meeting),
        **meeting.model_dump(mode="json", include={"chair", "arranger"}, exclude_none=True),
        "invitees": [_invitee(meeting, each) for each in meeting.invitees],
        "log": log,
        "words": await _words(writer, meeting, [each["content"] for each in log]),
    }


def _about(meeting: MeetingState) -> dict[str, Any]:
    """Of the meeting itself."""
    return meeting.model_dump(mode="json", include={"kind", "stage", "starts", "ends"}, exclude_none=True)


def _why_not(writer: Writer, number: int, meeting: MeetingState) -> str | None:
    """Why not even its kind and date are told."""
    kind = writer.redaction.kind
    others = {each.child for each in meeting.about} - {writer.child, *writer.may_see}
    reasons = (
        ("asked", writer.redaction.left_out("meeting", number, meeting.meeting)),
        ("closed", meeting.kind in kind.closed_meetings),
        ("another_child", kind.meetings == "all" and bool(others)),
    )
    return next((why for why, so in reasons if so), None)


def _invitee(meeting: MeetingState, invitee: Invitee) -> dict[str, Any]:
    """Who was invited, as what, what this person answered to the date that stood last, and how it was on the day."""
    took = next((each.how for each in meeting.attendance if each.invitee == invitee.id), None)
    said = invitee.model_dump(mode="json", include={"id", "role", "person", "agency", "asked_at", "answer"}, exclude_none=True)
    return said if took is None else {**said, "took": took}


async def _words(writer: Writer, meeting: MeetingState, said: Sequence[Any]) -> dict[str, str]:
    """The words of people to which that refers, by reference; of those that are gone none."""
    found: dict[str, str] = {}
    for each in dict.fromkeys(each for one in said for each in references(one) if each.startswith("text:")):
        try:
            found[each] = await meetings.words(writer.connection, meeting.meeting, each, writer.keys)
        except (KeyMissing, LookupError):
            continue
    return found

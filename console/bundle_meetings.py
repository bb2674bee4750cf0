"""The meetings about a child in a bundle: who was invited, who answered what, who came, and each meeting's own log."""

from collections.abc import Sequence
from typing import Any

from audit.redaction import Line, commitment, references
from console.bundle_record import Writer
from console.viewing import reference
from procedures.meetings.chasing import is_family
from record import meetings
from record.canonical import canonical
from record.keys import KeyMissing
from schemas.meetings import Invitee, MeetingEntry, MeetingState

ABOUT = ("kind", "stage", "starts", "ends")
"""Of the meeting itself."""


async def write_meetings(writer: Writer) -> None:
    """A line for each meeting, the first first. One of which nothing may be told keeps its number, and the hash of its log."""
    number = 0
    with writer.folder.lines("meetings.jsonl") as write:
        for meeting in await meetings.of_child(writer.connection, writer.child):
            number += 1
            line = await _line(writer, number, meeting)
            if "withheld" in line:
                writer.lists("meeting", number, {"": line["withheld"]})
            write(line)


async def _line(writer: Writer, number: int, meeting: MeetingState) -> Line:
    log = await meetings.read(writer.connection, meeting.meeting)
    recorded = [each.model_dump(mode="json", exclude_none=True) for each in log]
    line: Line = {"number": number, "meeting": meeting.meeting}
    try:
        salt = writer.salt("meeting", meeting.meeting)
    except KeyMissing:
        return {**line, "withheld": writer.redaction.why("gone")}
    proof = {"hash": commitment(salt, canonical(recorded))}
    own = [each for each in meeting.invitees if each.person in writer.own and not (is_family(each) and not each.is_released)]
    if (why := _why_not(writer, number, meeting, own)) is not None:
        return {**line, "withheld": {**writer.redaction.why(why), **proof}}
    about = meeting.model_dump(mode="json", include=set(ABOUT), exclude_none=True)
    if writer.redaction.kind.meetings == "own":
        writer.shown.append(meeting.meeting)
        invitees = [_invitee(meeting, each) for each in own]
        return {**line, **about, "invitees": invitees, "withheld": {**writer.redaction.why("own_invitation"), **proof}}
    whole = {
        **about,
        **meeting.model_dump(mode="json", include={"chair", "arranger"}, exclude_none=True),
        "invitees": [_invitee(meeting, each) for each in meeting.invitees],
        "log": recorded,
    }
    words = await _words(writer, meeting, log)
    writer.shown += [meeting.meeting, *(reference(each).id for each in words)]
    people = writer.redaction.people
    copy = {**people.without(whole), "words": {name: people.replaced(each) for name, each in words.items()}}
    if copy != {**whole, "words": words}:
        return {**line, **copy, "withheld": {**writer.redaction.why("third_party"), **proof}}
    return {**line, **whole, "words": words, **proof, "salt": salt.hex()}


def _why_not(writer: Writer, number: int, meeting: MeetingState, own: Sequence[Invitee]) -> str | None:
    """Why not even its kind and date are told."""
    kind = writer.redaction.kind
    others = {each.child for each in meeting.about} - {writer.child, *writer.may_see}
    reasons = (
        ("asked", writer.redaction.left_out("meeting", number, meeting.meeting)),
        ("closed", meeting.kind in kind.closed_meetings),
        ("not_theirs", kind.meetings == "own" and not own),
        ("another_child", kind.meetings == "all" and bool(others)),
    )
    return next((why for why, so in reasons if so), None)


def _invitee(meeting: MeetingState, invitee: Invitee) -> dict[str, Any]:
    """Who was invited, as what, what this person answered to the date that stood last, and how it was on the day."""
    took = next((each.how for each in meeting.attendance if each.invitee == invitee.id), None)
    said = invitee.model_dump(mode="json", include={"id", "role", "person", "agency", "asked_at", "answer"}, exclude_none=True)
    return said if took is None else {**said, "took": took}


async def _words(writer: Writer, meeting: MeetingState, log: Sequence[MeetingEntry]) -> dict[str, str]:
    """The words of people to which its log refers, by reference; of those that are gone none."""
    found: dict[str, str] = {}
    for each in dict.fromkeys(each for entry in log for each in references(entry.content) if each.startswith("text:")):
        try:
            found[each] = await meetings.words(writer.connection, meeting.meeting, each, writer.keys)
        except (KeyMissing, LookupError):
            continue
    return found

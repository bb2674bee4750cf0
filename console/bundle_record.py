"""What of a child's record goes into a bundle, file by file, each line as the rules for that kind of bundle let it be read."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from audit.letters import inside
from audit.redaction import Line, OpenEntry, OpenPart, Redaction, Text, commitment, texts_of
from audit.verifier import verify
from console.bundle_files import Folder, json_file
from console.viewing import LOGIN, VOICE, beginning, may_read_voice
from entitlement.asking import entitlement
from procedures.fold import apply
from procedures.meetings.chasing import is_family
from record import exporting, meetings, outlines, reports, sealing, texts, versions
from record.canonical import canonical
from record.exporting import LetterSent
from record.keys import KeyMissing, KeyRing
from record.pool import Connection
from record.projections import Whose
from record.sealing import SealedEntry
from record.texts import Kept, Reference
from schemas.base import Identifier
from schemas.entitlement import Fact
from schemas.meetings import Invitee, MeetingState
from schemas.reports import ReportAsked, ReportWords
from schemas.state import JourneyState

OF_MEETINGS = ("meeting", "papers")
"""With what the purposes begin with which meetings and their papers are read."""


class Document(NamedTuple):
    """A document as it stands on record."""

    about: Line
    words: dict[str, str] | None
    """By section; none where they are gone."""
    kept: frozenset[str] = frozenset()
    """The sections that whoever a subject access is for is not to read."""


@dataclass
class Writer:
    """Writes the files of one bundle. What it withholds it also lists."""

    connection: Connection
    keys: KeyRing
    folder: Folder
    redaction: Redaction
    whose: Whose
    maker: Identifier
    own: frozenset[Identifier]
    """To whom a letter goes that counts as their own."""
    withhold: Callable[[Line], None]
    """Takes a line for the list of what is withheld."""
    may_see: frozenset[Identifier]
    """Brothers and sisters whom a letter may tell of, too."""
    shown: list[str] = field(default_factory=lambda: [])
    """The words and documents that were shown, for the log of reads."""
    entries: int = 0
    logs: list[int] = field(default_factory=list[int])
    """Of each meeting, how many entries its own log has."""
    _rules: dict[str, None] = field(default_factory=lambda: {})
    _numbers: dict[tuple[str, int], None] = field(default_factory=lambda: {})

    @property
    def child(self) -> Identifier:
        """Whose record it is."""
        return self.whose.child

    async def timeline(self) -> JourneyState | None:
        """The entries; gives where the journey stands after them, and none where the key is destroyed."""
        try:
            key = self.keys.child_key(self.child)
        except KeyMissing:
            key = None
        state = None if key is None else beginning(self.whose)
        with self.folder.lines("timeline.jsonl") as write:
            async for stored in exporting.entries(self.connection, self.child):
                entry = sealing.recorded(stored, key)
                state = None if state is None else apply(state, entry)
                line = self.redaction.entry(_open(stored, key, self.child, entry.seq))
                self._rules[entry.versions.rules] = None
                self._numbers |= {("calendar", entry.versions.calendar): None, ("settings", entry.versions.settings): None}
                self.lists("part", entry.seq, line["withheld"])
                self.entries += 1
                write(line)
        return state

    async def words(self, state: JourneyState | None) -> None:
        """The words of people to which those entries refer."""
        with self.folder.lines("words.jsonl") as write:
            for line in self.folder.read("timeline.jsonl")():
                for text in texts_of(line):
                    write(await self._text(text, state))

    async def letters(self, sent: Connection) -> None:
        """Letters as sent, whether they arrived, and the calendar objects in them."""
        number = 0
        with self.folder.lines("letters.jsonl") as write:
            async for letter in exporting.letters(sent, self.child, self.keys):
                number += 1
                write(self._letter(number, letter))

    async def documents(self) -> None:
        """Agencies' reports and outlines, of every meeting about the child."""
        number = 0
        told = await entitlement(self.connection, [self.child])
        may = all(told.may(self.maker, fact, [self.child]) for fact in (Fact.report, Fact.outline))
        with self.folder.lines("documents.jsonl") as write:
            for meeting in await meetings.of_child(self.connection, self.child) if may else ():
                # Of a meeting of which its reader is not told a report goes in, and not whose it was; an outline would tell that there is one.
                told_of = self.goes_in(meeting)
                for document in [*await self._reports(meeting), *(await self._outlines(meeting) if told_of else ())]:
                    number += 1
                    whose: Line = {"meeting": meeting.meeting} if told_of else {}
                    line: Line = {"number": number, **whose, **self._document(number, document)}
                    self.lists("document", number, {"": line["withheld"]} if "withheld" in line else {})
                    self.lists("section", number, line.get("removed", {}))
                    if "words" in line or "copy" in line:
                        self.shown.append(document.about["reference"])
                    write(line)

    async def reads(self) -> None:
        """Who read the record."""
        with self.folder.lines("reads.jsonl") as write:
            async for read in exporting.reads_of(self.connection, self.child):
                # The system's user may be somebody's name.
                by = LOGIN if self.redaction.kind.replaces_names and read.actor.startswith(LOGIN) else read.actor
                # That a meeting was looked at would tell that there is one.
                whole = self.redaction.kind.meetings == "all" or not read.purpose.startswith(OF_MEETINGS)
                write({"at": read.read_at.isoformat(), "by": by, "purpose": read.purpose if whole else "record", "login": read.role})

    def goes_in(self, meeting: MeetingState) -> bool:
        """Whether the reader is told of that meeting at all."""
        kind = self.redaction.kind
        return kind.meetings == "all" or (meeting.kind not in kind.closed_meetings and bool(self.invitations(meeting)))

    def invitations(self, meeting: MeetingState) -> list[Invitee]:
        """The reader's own, as far as they have been released."""
        return [each for each in meeting.invitees if each.person in self.own and not (is_family(each) and not each.is_released)]

    async def rules(self) -> None:
        """The rules, calendars and settings that the entries name."""
        for hash in self._rules:
            self.folder.put(f"rules/{hash}.toml", await versions.rules(self.connection, hash))
        for kind, version in self._numbers:
            which = "calendar" if kind == "calendar" else "settings"
            self.folder.put(f"rules/{kind}-{version}.json", json_file(await versions.get(self.connection, which, version)))

    def people(self) -> None:
        """Who is who, of those who stand in the other files."""
        labels = self.redaction.people.labels
        self.folder.put("people.json", json_file({id: label for id, label in labels.items() if id in self.folder.mentioned}))

    def lists(self, what: str, number: int, withheld: dict[str, Line]) -> None:
        """Put what is withheld there on the list."""
        for part, why in withheld.items():
            said = {each: why[each] for each in ("why", "en", "cy", "hash") if each in why}
            whole = what == "part" and part == "*"
            self.withhold({"what": "entry" if whole else what, "number": number, "part": part, **said})

    async def _text(self, text: Text, state: JourneyState | None) -> Line:
        kept = await self._kept(text.reference)
        reads_voice = state is not None and text.kind == VOICE and may_read_voice({"may_read": text.may_read}, state, self.maker)
        salt = None if kept is None or kept.salt is None else kept.salt.hex()
        line = self.redaction.text(text, None if kept is None else kept.words, salt, reads_voice=reads_voice)
        if "withheld" in line:
            self.lists("words", text.seq, {"": line["withheld"]})
        else:
            self.shown.append(text.reference.removeprefix("text:").partition("#")[0])
        return line

    async def _kept(self, reference: str) -> Kept | None:
        id, _, sha256 = reference.removeprefix("text:").partition("#")
        try:
            return await texts.kept(self.connection, self.child, Reference(id, sha256), self.keys)
        except LookupError:
            return None

    def _letter(self, number: int, letter: LetterSent) -> Line:
        tries = [{"at": each.at.isoformat(), "state": each.state, "detail": each.detail} for each in letter.tries]
        line: Line = {"number": number, "at": letter.at.isoformat()}
        found = None if letter.message is None else inside(letter.message)
        salt = self.salt("letter", letter.id)
        proof = {} if letter.message is None else {"hash": commitment(salt, letter.message)}
        why = self._why_no_letter(number, letter, "" if found is None else found.words)
        if why is not None:
            line["withheld"] = {**self.redaction.why(why), **proof}
            self.lists("letter", number, {"": line["withheld"]})
        if why in {"not_theirs", "betrays_hidden"}:
            return line
        line |= {
            "letter": letter.id,
            "kind": letter.kind,
            "to": letter.recipient,
            "state": letter.state,
            "language": letter.language,
            "tries": tries,
            "about": letter.about,
        }
        if letter.message is None or found is None:
            return line
        line |= {"message_id": found.message_id, "subject": found.subject}
        if why is None:
            line |= {**proof, "salt": salt.hex(), "file": f"letters/{number:05}.eml"}
            self.folder.put(line["file"], letter.message)
            line["calendar"] = [f"calendar/{number:05}-{at}.ics" for at in range(1, len(found.calendar) + 1)]
            for name, content in zip(line["calendar"], found.calendar, strict=True):
                self.folder.put(name, content)
        return line

    def salt(self, *what: str) -> bytes:
        """The same in every bundle: what was removed from one is the same as what another shows. Nobody else can guess what was."""
        return hmac.digest(self.keys.child_key(self.child), "|".join(("bundle", *what)).encode(), "sha256")

    def _why_no_letter(self, number: int, letter: LetterSent, words: str) -> str | None:
        asked = self.redaction.left_out("letter", number, letter.id)
        if self.redaction.kind.letters == "own" and letter.recipient not in self.own:
            return "not_theirs"
        if "letters" in self.redaction.asked.hidden:
            return "betrays_hidden"
        if letter.recipient in self.redaction.people.left_out or self.redaction.people.names_left_out(words):
            return "third_party"
        if asked:
            return "asked"
        return None if set(letter.children) <= {self.child, *self.may_see} else "another_child"

    async def _reports(self, meeting: MeetingState) -> list[Document]:
        return [await self._report(meeting, asked) for asked in meeting.reports if asked.child == self.child and asked.given is not None]

    async def _report(self, meeting: MeetingState, asked: ReportAsked) -> Document:
        assert asked.given is not None  # noqa: S101  (those alone that were given are asked for)
        invitee = meeting.invitee(asked.invitee)
        about: Line = {
            "kind": "report",
            "by": asked.to if invitee is None else invitee.person,
            "at": asked.given.at.isoformat(),
            "reference": asked.given.words.removeprefix("report:").partition("#")[0],
        }
        try:
            written = await reports.get(self.connection, self.child, asked.given.words, self.keys)
        except LookupError:
            return Document(about, None)
        words = ReportWords.model_validate_json(written)
        return Document(about, _said(words.model_dump(mode="json")["sections"]), frozenset(self._kept_sections(meeting, words)))

    def _kept_sections(self, meeting: MeetingState, words: ReportWords) -> set[str]:
        """The sections that whoever a subject access is for is not to read: kept from that person, else from anybody of the family."""
        if self.redaction.kind.letters != "own":
            return set()
        given_to = self.redaction.asked.given_to
        ids = {each.id for each in meeting.invitees if given_to is None or each.person == given_to}
        return {kept.section.value for kept in words.kept if given_to is None or kept.person in ids}

    async def _outlines(self, meeting: MeetingState) -> list[Document]:
        try:
            words = await outlines.get(self.connection, meeting.meeting, self.child, self.keys)
        except KeyMissing:
            return []
        about: Line = {"kind": "outline", "reference": meeting.meeting}
        return [] if words is None else [Document(about, _said(words.model_dump(mode="json", exclude_none=True)))]

    def _document(self, number: int, document: Document) -> Line:
        about, words = document.about, document.words
        gone = self.redaction.left_out("document", number, about["reference"])
        if words is None:
            return {**about, "withheld": self.redaction.why("gone")}
        salts = {name: self.salt("document", about["reference"], name) for name in words}
        hashes = {name: commitment(salts[name], each.encode()) for name, each in words.items()}
        if gone or "documents" in self.redaction.asked.hidden:
            # Not even its sections are named.
            whole = verify.whole_document(hashes)
            return {**about, "withheld": {**self.redaction.why("asked" if gone else "betrays_hidden"), "hash": whole}}
        # What is kept from its reader is not named either, even where whoever makes the bundle leaves it out besides.
        named = {name: each for name, each in words.items() if name not in document.kept}
        line: Line = {**about, "hashes": {name: hashes[name] for name in named}}
        removed = {name for name in words if self.redaction.left_out("document", number, about["reference"], name)} & named.keys()
        if removed:
            line["removed"] = {name: {**self.redaction.why("asked"), "hash": hashes[name]} for name in named if name in removed}
        left = {name: each for name, each in named.items() if name not in removed}
        copy = {name: self.redaction.people.replaced(each) for name, each in left.items()}
        if copy != left or len(named) < len(words):
            whole = {"hash": verify.whole_document(hashes)}
            return {**line, "copy": copy, "withheld": {**self.redaction.why("kept_from_family"), **whole}}
        return {**line, "words": left, "salts": {name: salts[name].hex() for name in left}}


def _said(words: dict[str, Any]) -> dict[str, str]:
    return {name: each for name, each in words.items() if each}


def _open(stored: SealedEntry, key: bytes | None, child: Identifier, seq: int) -> OpenEntry:
    parts = {} if key is None else sealing.open_parts(stored.sealed, key, child, seq)
    return OpenEntry(
        header=stored.canonical.decode(),
        hash=stored.hash.hex(),
        signature=stored.signature.hex(),
        parts={name: OpenPart(part.salt.hex(), canonical(part.value).decode()) for name, part in parts.items()},
    )

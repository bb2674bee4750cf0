"""What a bundle's pages tell, in their order: headings and what stands under each. The page on screen and the one on paper are made from it.

Lines come one at a time from the files of the bundle, so that a journey of years is never in memory whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

from audit.bundles import InBoth, Kind
from audit.items import Item
from audit.redaction import Line
from audit.told_meetings import MeetingTeller
from audit.wording import clock, command, moment, moved, say
from procedures import words
from procedures.fold import CLOCK_KINDS
from procedures.outcomes import outcomes
from schemas.clocks import Language
from schemas.timeline import SERVICE, Stages


class Heading(NamedTuple):
    """Begins a section."""

    id: str
    text: str


Told = Heading | Item

SECTIONS = ("check", "timeline", "meetings", "letters", "documents", "reads", "rules", "withheld")


class Front(NamedTuple):
    """What stands at the head."""

    kind: Kind
    child: str
    """As the child is called here."""
    made_at: str
    made_by: str
    fingerprint: str
    verifier: str
    rules: tuple[tuple[str, str], ...]
    """The files of the rules and their SHA-256."""
    given_to: str | None = None


@dataclass(frozen=True)
class Record:
    """The lines of a bundle's files, each of which can be read again and again."""

    timeline: Callable[[], Iterable[Line]]
    words: Callable[[], Iterable[Line]]
    meetings: Callable[[], Iterable[Line]]
    letters: Callable[[], Iterable[Line]]
    documents: Callable[[], Iterable[Line]]
    reads: Callable[[], Iterable[Line]]
    withheld: Callable[[], Iterable[Line]]


@dataclass(frozen=True)
class Teller:
    """Tells in one language, with people's names as they stand in this bundle."""

    language: Language
    front: Front
    name: Callable[[str], str]

    def says(self, key: str, **values: Any) -> str:
        """A phrase."""
        return say(key, self.language, **values)

    def opening(self) -> list[str]:
        """What stands under the title."""
        front = self.front
        lines = [
            front.kind.purpose.said(self.language),
            self.says("child", name=front.child),
            self.says("made", at=moment(front.made_at, self.language), who=front.made_by),
        ]
        return lines + ([self.says("given_to", who=front.given_to)] if front.given_to else [])

    def tells(self, record: Record) -> Iterator[Told]:
        """Everything, in order."""
        yield from self._check()
        yield from self._section("timeline", self._entries(record.timeline(), iter(record.words())))
        meetings = MeetingTeller(self.language, self.name)
        yield from self._section("meetings", (item for each in record.meetings() for item in meetings.tells(each)))
        yield from self._section("letters", map(self._letter, record.letters()))
        yield from self._section("documents", map(self._document, record.documents()))
        yield from self._section("reads", map(self._read, record.reads()))
        yield Heading("rules", self.says("rules.title"))
        for name, sha256 in self.front.rules:
            key = "rules.file" if name.endswith(".toml") else "rules.version"
            yield Item((self.says(key, file=name, sha256=sha256),))
        yield from self._section("withheld", map(self._withheld, record.withheld()))

    def _check(self) -> Iterator[Told]:
        yield Heading("check", self.says("check.title"))
        for key in ("run", "key", "verifier", "proves", "vouched"):
            yield Item((self.says(f"check.{key}", fingerprint=self.front.fingerprint, sha256=self.front.verifier),))

    def _section(self, name: str, items: Iterable[Item]) -> Iterator[Told]:
        yield Heading(name, self.says(f"{name}.title"))
        empty = True
        for item in items:
            empty = False
            yield item
        if empty:
            yield Item((self.says(f"{name}.none"),))

    def _entries(self, timeline: Iterable[Line], texts: Iterator[Line]) -> Iterator[Item]:
        waiting = next(texts, None)
        for line in timeline:
            own: list[Line] = []
            while waiting is not None and waiting["seq"] == line["seq"]:
                own.append(waiting)
                waiting = next(texts, None)
            yield self._entry(line, own)

    def _entry(self, line: Line, texts: list[Line]) -> Item:
        small = (self.says("entry.hash", hash=line["hash"]),)
        if line["header"] is None:
            title = self.says("entry.title", number=line["seq"], what=self.says("entry.withheld"))
            return Item((), title, notes=(self._part_withheld("*", line["withheld"]["*"]),), small=small)
        header = orjson.loads(line["header"])
        content = {name: orjson.loads(part["said"]) for name, part in line["parts"].items()}
        copies = {name: why["copy"] for name, why in line["withheld"].items() if "copy" in why}
        of_clock = header["kind"] in CLOCK_KINDS
        what = clock(header["rule"] or content.get("clock"), self.language) if of_clock else command(header["kind"], self.language)
        said = list(self._clock(content) if of_clock else self._said(header, content))
        lines = [self._when(header), *_sentence(said)]
        if copies:
            lines += [self.says("entry.copy"), *_sentence(self._said(header, {"body": copies.get("body", {})}, moves=False))]
        notes = [self._part_withheld(name, why) for name, why in line["withheld"].items()]
        notes += [self.says("entry.words_withheld", why=self._why(each["withheld"])) for each in texts if "withheld" in each]
        return Item(
            tuple(lines),
            self.says("entry.timescale" if of_clock else "entry.title", number=header["seq"], what=what),
            tuple(each.get("words") or each["copy"] for each in texts if "words" in each or "copy" in each),
            tuple(dict.fromkeys(notes)),
            small,
        )

    def _when(self, header: Mapping[str, Any]) -> str:
        happened, recorded = (moment(header[name], self.language) for name in ("happened_at", "recorded_at"))
        who = self.says("entry.service") if header["actor"] == SERVICE else self.name(header["actor"])
        return self.says("entry.when", happened=happened, recorded=recorded, who=who)

    def _said(self, header: Mapping[str, Any], content: Mapping[str, Any], *, moves: bool = True) -> Iterator[str]:
        body = content.get("body", {})
        try:
            yield from outcomes(header["kind"], body, self.language, self.name)
        except KeyError:  # A word that this version no longer has.
            yield from (f"{name}: {value}" for name, value in body.items() if not str(value).startswith("text:"))
        if moves:
            yield from moved(Stages.model_validate(header["before"]), Stages.model_validate(header["after"]), self.language)
        if lacking := content.get("lacking"):
            things = ", ".join(dict.fromkeys(words.missing(key, self.language) for key in lacking))
            yield self.says("entry.missing", things=things)

    def _clock(self, content: Mapping[str, Any]) -> Iterator[str]:
        if "state" in content and "due" in content:
            yield self.says(f"clock.{content['state']}", due=moment(content["due"], self.language))
        if content.get("to"):
            yield self.says("clock.told", who=self.name(content["to"]))

    def _part_withheld(self, name: str, why: Line) -> str:
        return self.says("entry.part_withheld", part=name, why=self._why(why))

    def _why(self, why: Mapping[str, Any]) -> str:
        return InBoth(en=why["en"], cy=why["cy"]).said(self.language)

    def _letter(self, line: Line) -> Item:
        lines = [self.says("letter.ordered", at=moment(line["at"], self.language))]
        if "to" in line:
            lines.insert(0, self.says("letter.to", who=self.name(line["to"])))
        if line.get("subject"):
            lines.append(self.says("letter.subject", subject=line["subject"]))
        if line.get("message_id"):
            lines.append(self.says("letter.id", id=line["message_id"]))
        tries = line.get("tries", ())
        lines += [
            self.says("letter.try", at=moment(each["at"], self.language), state=self.says(f"state.{each['state']}")) for each in tries
        ]
        if "file" in line:
            lines.append(self.says("letter.file", file=line["file"]))
        lines += [self.says("letter.calendar", file=each) for each in line.get("calendar", ())]
        if not tries and "to" in line:
            lines.append(self.says("letter.none"))
        notes = (self.says("letter.withheld", why=self._why(line["withheld"])),) if "withheld" in line else ()
        return Item(tuple(lines), self.says("letter.title", number=line["number"]), notes=notes, small=self._hash(line))

    def _hash(self, line: Line) -> tuple[str, ...]:
        hash = line.get("withheld", {}).get("hash")
        return () if hash is None else (self.says("hash", hash=hash),)

    def _document(self, line: Line) -> Item:
        kind: Literal["report", "outline"] = line["kind"]
        title = self.says(f"document.{kind}", number=line["number"])
        lines = [self.says("document.by", who=self.name(line["by"]))] if line.get("by") else []
        if line.get("at"):
            lines.append(self.says("document.given", at=moment(line["at"], self.language)))
        if "withheld" in line and "copy" not in line:
            notes = (self.says("document.withheld", why=self._why(line["withheld"])),)
            return Item(tuple(lines), title, notes=notes, small=self._hash(line))
        said = line["words"] if "words" in line else line["copy"]
        notes = (self.says("document.withheld", why=self._why(line["withheld"])),) if "withheld" in line else ()
        notes += tuple(
            self.says("document.removed", section=self._titled(kind, name), hash=why["hash"], why=self._why(why))
            for name, why in line.get("removed", {}).items()
        )
        quotes = tuple(f"{self._titled(kind, name)}: {each}" for name, each in said.items() if each)
        return Item(tuple(lines), title, quotes, notes)

    def _titled(self, kind: str, name: str) -> str:
        return self.says(f"outline.{name}") if kind == "outline" else words.word("report_sections", name, self.language)

    def _read(self, line: Line) -> Item:
        return Item((self.says("read", at=moment(line["at"], self.language), who=self.name(line["by"]), purpose=line["purpose"]),))

    def _withheld(self, line: Line) -> Item:
        where = self.says(f"where.{line['what']}", number=line["number"], part=line.get("part", ""))
        return Item((self.says("withheld.line", where=where[0].upper() + where[1:], why=self._why(line)),))


def _sentence(said: Iterable[str]) -> tuple[str, ...]:
    """What was decided or done, in one line; none where there is nothing to say."""
    joined = "; ".join(said)
    return (f"{joined[0].upper()}{joined[1:]}.",) if joined else ()

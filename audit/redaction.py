"""What of a record goes into a bundle: each part shown with its salt, or withheld with a reason; its commitment stays in the header. Pure."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast

import orjson

from audit.bundles import Bundles, For, Kind, Withholds
from audit.people import People
from procedures.fold import CLOCK_KINDS
from schemas.base import Identifier

VOICE = "voice_recorded"
CORRECTED = "corrected"
ALL, WORDS = "all", "words"
"""In place of a part's name: the whole entry; the words of people to which it refers."""

Line = dict[str, Any]
"""A line of a file in the bundle."""


class OpenPart(NamedTuple):
    """A part of an entry's content, as it was committed."""

    salt: str
    """Hexadecimal."""
    said: str
    """Its canonical JSON."""

    @property
    def value(self) -> Any:
        """What that JSON says."""
        return orjson.loads(self.said)


class OpenEntry(NamedTuple):
    """An entry of a timeline, opened."""

    header: str
    """Canonical JSON, as it was hashed."""
    hash: str
    signature: str
    parts: Mapping[str, OpenPart]
    """Those that are still there."""


class Text(NamedTuple):
    """Words of people to which an entry refers."""

    seq: int
    kind: str
    reference: str
    may_read: tuple[str, ...]
    """Of a child's voice: who may read it besides its social worker."""


class Other(NamedTuple):
    """A letter, a document or a meeting to leave out, or one section of a document."""

    what: Literal["letter", "document", "meeting"]
    which: str
    """Its number in the bundle, or its id, which is the same in every bundle."""
    section: str = ALL

    def __str__(self) -> str:
        return ":".join((self.what, self.which, *(() if self.section == ALL else (self.section,))))


class Asked(NamedTuple):
    """What whoever makes the bundle asks for."""

    for_: For
    withheld: frozenset[tuple[int, str]] = frozenset()
    """Parts to leave out: entry and part, `words` or `all`."""
    others: frozenset[Other] = frozenset()
    """Letters, documents and meetings to leave out."""
    hidden: frozenset[str] = frozenset()
    """Sections that would betray something hidden from whoever it is given to."""
    given_to: Identifier | None = None


@dataclass
class Redaction:
    """Decides entry by entry, in their order."""

    rules: Bundles
    asked: Asked
    people: People
    _under: dict[int, Withholds] = field(default_factory=lambda: {})
    """The rule under which an entry fell: a correction of it falls under the same."""
    _found: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    _found_others: set[Other] = field(default_factory=set[Other])

    @property
    def not_found(self) -> list[tuple[int, str]]:
        """What was to be left out and is not there: whoever asked for it would believe that it is gone."""
        return sorted(self.asked.withheld - self._found)

    @property
    def others_not_found(self) -> list[Other]:
        """The same of letters and documents."""
        return sorted(self.asked.others - self._found_others)

    def left_out(self, what: Literal["letter", "document", "meeting"], number: int, id: str, section: str = ALL) -> bool:
        """Whether whoever makes the bundle leaves this letter, document or meeting out, or this section of it."""
        names = {Other(what, which, part) for which in (str(number), id) for part in (ALL, section)}
        found = names & self.asked.others
        self._found_others |= found
        return bool(found)

    @property
    def kind(self) -> Kind:
        """The rules for this kind of bundle."""
        return self.rules.kinds[self.asked.for_]

    def why(self, key: str) -> dict[str, str]:
        """The reason, in both languages."""
        return {"why": key, **self.rules.why[key].model_dump()}

    def entry(self, entry: OpenEntry) -> Line:
        """An entry as it stands in the bundle."""
        header = orjson.loads(entry.header)
        seq = header["seq"]
        rule = self._rule(header, entry)
        if rule is not None:
            self._under[seq] = rule
        self._found |= {(seq, ALL), *((seq, name) for name in header["commitments"])}
        line: Line = {"seq": seq, "hash": entry.hash, "signature": entry.signature, "header": None, "parts": {}}
        if whole := self._whole(seq, rule):
            return {**line, "withheld": {"*": self.why(whole)}}
        withheld = {name: self._part(seq, name, entry.parts.get(name), rule) for name in header["commitments"]}
        kept = {name: said for name, said in withheld.items() if said is not None}
        shown = {name: part._asdict() for name, part in entry.parts.items() if name not in kept}
        return {**line, "header": entry.header, "parts": shown, "withheld": kept}

    def text(self, text: Text, words: str | None, salt: str | None, *, reads_voice: bool) -> Line:
        """Words as they stand in the bundle. `words` is none where they are gone."""
        line: Line = {"seq": text.seq, "reference": text.reference}
        self._found.add((text.seq, WORDS))
        if why := self._why_not(text, words, reads_voice=reads_voice):
            return {**line, "withheld": self.why(why)}
        replaced = self.people.replaced(words or "")
        if replaced != words:
            return {**line, "withheld": self.why("third_party"), "copy": replaced}
        return {**line, "salt": salt, "words": words}

    def _why_not(self, text: Text, words: str | None, *, reads_voice: bool) -> str | None:
        under = self._under.get(text.seq)
        reasons = (
            ("asked", (text.seq, WORDS) in self.asked.withheld),
            (under.why if under is not None else "", under is not None and under.words),
            ("voice", text.kind == VOICE and not self._reads_voice(text, reads_voice=reads_voice)),
            ("betrays_hidden", WORDS in self.asked.hidden),
            ("gone", words is None),
        )
        return next((why for why, so in reasons if so), None)

    def _reads_voice(self, text: Text, *, reads_voice: bool) -> bool:
        return reads_voice and (self.asked.given_to is None or "parents" in text.may_read)

    def _whole(self, seq: int, rule: Withholds | None) -> str | None:
        if (seq, ALL) in self.asked.withheld:
            return "asked"
        return rule.why if rule is not None and rule.whole else None

    def _rule(self, header: Mapping[str, Any], entry: OpenEntry) -> Withholds | None:
        if header["kind"] == CORRECTED and (body := entry.parts.get("body")) is not None:
            return self._under.get(body.value.get("entry"))
        if header["kind"] in CLOCK_KINDS:
            return next((rule for rule in self.kind.withholds if header["rule"] in rule.timescales), None)
        return next((rule for rule in self.kind.withholds if header["kind"] in rule.entries), None)

    def _part(self, seq: int, name: str, part: OpenPart | None, rule: Withholds | None) -> Line | None:
        if part is None:
            return self.why("gone")
        if (seq, name) in self.asked.withheld:
            return self.why("asked")
        if rule is not None and name in rule.parts:
            copy = {"copy": self.people.without(_but(part.value, rule.but))} if name in rule.copies else {}
            return {**self.why(rule.why), **copy}
        value = part.value
        if (without := self.people.without(value)) != value:
            return {**self.why("third_party"), "copy": without}
        return None


def commitment(salt: bytes, content: bytes) -> str:
    """What stays of something that is removed (hexadecimal); who is shown salt and content later can tell that it was this."""
    return hashlib.sha256(salt + content).hexdigest()


def _but(value: Any, fields: Collection[str]) -> Any:
    said = cast("dict[str, Any]", value)
    return {name: each for name, each in said.items() if name not in fields}


def texts_of(line: Line) -> Iterator[Text]:
    """The words to which the parts that are shown of an entry refer."""
    if line["header"] is None:
        return
    header = orjson.loads(line["header"])
    for part in line["parts"].values():
        if '"text:' in part["said"]:
            value = orjson.loads(part["said"])
            may_read = tuple(cast("dict[str, Any]", value).get("may_read", ())) if isinstance(value, dict) else ()
            for reference in dict.fromkeys(references(value)):
                yield Text(line["seq"], header["kind"], reference, may_read)


def references(value: Any) -> Iterator[str]:
    """The references `text:<id>#<sha256>` in a value of JSON."""
    if isinstance(value, str):
        if value.startswith("text:"):
            yield value
    elif isinstance(value, Mapping | list):
        inner = cast("Any", value.values() if isinstance(value, Mapping) else value)  # pyright: ignore[reportUnknownMemberType]
        for each in inner:
            yield from references(each)

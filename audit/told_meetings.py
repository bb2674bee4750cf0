"""What a bundle's pages tell of a meeting: when it was, who was invited, what each answered, who came, and its own log."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit.bundles import InBoth
from audit.items import Item
from audit.redaction import Line, references
from audit.wording import moment, say
from procedures import words
from schemas.clocks import Language
from schemas.timeline import SERVICE

NAMING = ("invitee", "invitees", "sequences")
"""Parts of what a log's entry holds that name somebody who is invited."""


@dataclass(frozen=True)
class MeetingTeller:
    """Tells in one language, with people's names as they stand in this bundle."""

    language: Language
    name: Callable[[str], str]

    def tells(self, line: Line) -> Iterator[Item]:
        """The meeting, each invitation, and each entry of its log."""
        if "kind" not in line:
            yield Item((), self._says("meeting.unnamed", number=line["number"]), notes=self._notes(line), small=self._small(line))
            return
        kind = words.word("meetings", line["kind"], self.language)
        yield Item(tuple(self._about(line)), self._says("meeting.title", number=line["number"], kind=kind), notes=self._notes(line))
        for each in line["invitees"]:
            yield Item((self._invited(each),))
        if "log" in line:
            yield Item((self._says("meeting.log"),))
        invited = {each["id"]: each for each in line["invitees"]}
        for each in line.get("log", ()):
            yield self._logged(each, invited, line["words"])
        if small := self._small(line):
            yield Item((), small=small)

    def _about(self, line: Line) -> Iterator[str]:
        stage = words.word("meeting_stages", line["stage"], self.language)
        yield self._says("meeting.stage", stage=stage, at=self._moment(line.get("starts")))
        if "chair" in line:
            yield self._says("meeting.chair", who=self.name(line["chair"]))
        if "arranger" in line:
            yield self._says("meeting.arranger", who=self.name(line["arranger"]))

    def _invited(self, invitee: Mapping[str, Any]) -> str:
        part = words.word("invitees", invitee["role"], self.language)
        said = [self._answered(invitee["answer"]) if "answer" in invitee else self._says("meeting.silent")]
        if "took" in invitee:
            said.append(words.word("took_part", invitee["took"], self.language))
        return self._says("meeting.invited", part=part[0].upper() + part[1:], who=self.name(invitee["person"]), said="; ".join(said))

    def _answered(self, answer: Mapping[str, Any]) -> str:
        reply = words.word("meeting_replies", answer["reply"], self.language)
        proposed = "" if "proposed" not in answer else f" ({self._moment(answer['proposed'])})"
        via = self._says(f"meeting.via.{answer['via']}")
        return self._says("meeting.answered", reply=f"{reply}{proposed}", at=self._moment(answer["at"]), via=via)

    def _logged(self, entry: Mapping[str, Any], invited: Mapping[str, Mapping[str, Any]], said: Mapping[str, str]) -> Item:
        content = entry["content"]
        named = dict.fromkeys(each for key in NAMING for each in _ids(content.get(key)) if each in invited)
        about = ", ".join(self.name(invited[each]["person"]) for each in named if invited[each]["person"] != entry["actor"])
        reply = words.word("meeting_replies", content["answer"]["reply"], self.language) if entry["kind"] == "answered" else ""
        what = words.word("meeting_entries", entry["kind"], self.language)
        told = ": ".join(each for each in (about, reply) if each)
        line = self._says(
            "meeting.entry",
            number=entry["seq"],
            at=self._moment(entry["happened_at"]),
            what=f"{what} – {told}" if told else what,
            who=self._says("entry.service") if entry["actor"] == SERVICE else self.name(entry["actor"]),
        )
        return Item((line,), quotes=tuple(said[each] for each in dict.fromkeys(references(content)) if each in said))

    def _moment(self, at: str | None) -> str:
        return "" if at is None else moment(at, self.language)

    def _notes(self, line: Line) -> tuple[str, ...]:
        if "withheld" not in line:
            return ()
        why = InBoth(en=line["withheld"]["en"], cy=line["withheld"]["cy"]).said(self.language)
        return (self._says("meeting.withheld", why=why),)

    def _small(self, line: Line) -> tuple[str, ...]:
        if "withheld" in line:
            hash = line["withheld"].get("hash")
            return () if hash is None else (self._says("hash", hash=hash),)
        return (self._says("entry.hash", hash=line["hash"]),)

    def _says(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)


def _ids(value: Any) -> Iterator[str]:
    """The ids of invitees in what an entry names: one, several, or by id."""
    for each in value if isinstance(value, list | Mapping) else (value,):  # pyright: ignore[reportUnknownVariableType]
        if isinstance(each, str):
            yield each

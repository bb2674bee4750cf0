"""The people in a bundle: under which name each stands, and their names replaced in words where a kind of bundle asks for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from audit.bundles import Kind
from schemas.base import Identifier

SHORTEST = 3
"""Letters of a part of a name that is replaced where it stands alone: shorter ones are words of their own."""


class Somebody(NamedTuple):
    """A person who may be named in a record."""

    id: Identifier
    who: Literal["child", "family", "professional", "agency"]
    """An agency stands among them where it is left out, and else by name alone."""
    names: tuple[str, ...]
    """As they were entered, the latest last."""


@dataclass(frozen=True)
class People:
    """Everybody whom the record may name, in the order of their ids."""

    everybody: tuple[Somebody, ...]
    kind: Kind
    left_out: frozenset[Identifier] = frozenset()
    """Named by whoever makes the bundle: replaced whatever the kind of bundle."""
    reader: Identifier | None = None
    """Whoever the bundle is given to, where that is a member of the family: stands under their own name."""
    agencies: Mapping[Identifier, str] = field(default_factory=dict[Identifier, str])
    """Their names. They stand where professionals stand under theirs."""

    @cached_property
    def labels(self) -> Mapping[Identifier, str]:
        """What each is called; `person 3` reads the same in Welsh and in English."""
        labels = {each.id: self._label(number, each) for number, each in enumerate(self.everybody, 1)}
        return {**(self.agencies if "professional" in self.kind.names else {}), **labels}

    def name(self, id: Identifier) -> str:
        """What somebody is called here."""
        return self.labels.get(id, id)

    def replaced(self, words: str) -> str:
        """The words with the names replaced that are to be; the very same words where none stands in them."""
        pattern, labels = self._replacing
        return words if pattern is None else pattern.sub(lambda found: labels[found[0].casefold()], words)

    def names_left_out(self, words: str) -> bool:
        """Whether anybody who is left out may be named there. A family's name counts too: what cannot be changed is rather withheld."""
        return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", words, re.IGNORECASE) for each in self._names_left_out)

    @cached_property
    def _names_left_out(self) -> set[str]:
        gone = [each for each in self.everybody if each.id in self.left_out]
        names = {name for each in gone for name in each.names}
        return names | {part for each in gone for name in each.names for part in _own_parts(each, name)}

    def without(self, value: Any) -> Any:
        """A value of JSON with the ids of those who are left out replaced; the very same where none stands in it."""
        if isinstance(value, str):
            return f"[{self.labels[value]}]" if value in self.left_out else value
        if isinstance(value, Mapping):
            return {self.without(name): self.without(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, list):
            return [self.without(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        return value

    def _label(self, number: int, each: Somebody) -> str:
        if self._hidden(each):
            return f"{'asiantaeth / agency' if each.who == 'agency' else 'person'} {number}"
        return each.names[-1] if self._named(each) and each.names else each.id

    def _named(self, each: Somebody) -> bool:
        return each.who in self.kind.names or each.id == self.reader

    def _hidden(self, each: Somebody) -> bool:
        return each.id in self.left_out or (self.kind.replaces_names and not self._named(each))

    @cached_property
    def _replacing(self) -> tuple[re.Pattern[str] | None, Mapping[str, str]]:
        own = {
            part.casefold() for each in self.everybody if not self._hidden(each) for name in each.names for part in _own_parts(each, name)
        }
        labels: dict[str, str] = {}
        for each in (each for each in self.everybody if self._hidden(each)):
            label = f"[{self.labels[each.id]}]"
            for name in each.names:
                labels.setdefault(name.casefold(), label)
                for part in _own_parts(each, name):
                    # A family's name is the child's too: alone it tells nobody apart.
                    if part.casefold() not in own:
                        labels.setdefault(part.casefold(), label)
        if not labels:
            return None, labels
        longest_first = sorted(labels, key=lambda each: (-len(each), each))
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE), labels


def _own_parts(of: Somebody, name: str) -> Iterable[str]:
    """What stands for somebody by itself: of an agency's name (a school, a health board) no part does."""
    return () if of.who == "agency" else (part for part in re.findall(r"\w[\w'’]*", name) if len(part) >= SHORTEST)

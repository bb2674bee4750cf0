"""The check itself: whether a reader may be told a kind of fact about a child. Pure; what it is asked about comes from the record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from procedures.rules import Entitlement as Rule
from schemas.base import Identifier
from schemas.entitlement import Fact, Hidden, Rights

Why = Literal["unknown_child", "told_nothing", "unnamed", "betrays_hidden"]
"""Why something is withheld, by key of the words."""


@dataclass(frozen=True)
class Entitlement:
    """What may be told of these children. A child that is not among them may be spoken of to nobody."""

    rights: Mapping[Identifier, Rights]
    rule: Rule

    def withheld(self, reader: Identifier | None, fact: Fact, child: Identifier) -> Why | None:
        """Why that reader is not told that fact of that child; none where it may be told.

        A reader without a name (the operator at the machine) may be anybody: nothing is shown where anything is hidden from anybody.
        """
        rights = self.rights.get(child)
        if rights is None:
            return "unknown_child"
        if reader is None:
            return "unnamed" if rights.anybody else None
        if reader in rights.told_nothing:
            return "told_nothing"
        hidden = rights.hidden.get(reader, frozenset[Hidden]())
        return "betrays_hidden" if any(fact in self.rule.betrayed_by[each] for each in hidden) else None

    def may(self, reader: Identifier | None, fact: Fact, children: Iterable[Identifier]) -> bool:
        """True where that reader may be told that fact of every one of these children. Of no child at all there is nothing to tell."""
        asked = tuple(children)
        return bool(asked) and all(self.withheld(reader, fact, child) is None for child in asked)

    def of(self, reader: Identifier | None, fact: Fact, children: Iterable[Identifier]) -> tuple[Identifier, ...]:
        """Those of the children of whom that reader may be told it."""
        return tuple(child for child in children if self.withheld(reader, fact, child) is None)

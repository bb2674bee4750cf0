"""Whose chain of signed entries it is: a child's timeline, or a meeting's log."""

from typing import NamedTuple

OF_MEETINGS = "meeting/"
"""No id has such a stroke: a meeting's chain is never taken for a child's, whatever ids they have."""


class Chain(NamedTuple):
    """Whose: one of the two is named."""

    child: str | None = None
    meeting: str | None = None

    @property
    def id(self) -> str:
        """The child's, or the meeting's."""
        return self.child or self.meeting or ""

    @property
    def name(self) -> str:
        """What its first hash is made from, and what it is called in checkpoints: the child's id, or `meeting/` and the meeting's."""
        return self.id if self.meeting is None else f"{OF_MEETINGS}{self.meeting}"

    @classmethod
    def named(cls, name: str) -> "Chain":
        """The chain of that name."""
        id = name.removeprefix(OF_MEETINGS)
        return cls(child=name) if id == name else cls(meeting=id)

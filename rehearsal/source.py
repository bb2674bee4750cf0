"""A script's file as plain data with the line of each part, so that what is wrong in it can be pointed at.

Every scalar stays the text that was written: what a date, a number or a yes means is decided where the field is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from console.language import say

Place = tuple[str | int, ...]
"""Where something stands in a script: `("steps", 3, "do", "report")`."""

NULL = "tag:yaml.org,2002:null"
DEEPEST = 20
"""Levels of nesting; no script of a journey comes near."""


class Problem(NamedTuple):
    """What is wrong at a place of a script, and what would be right."""

    place: Place
    says: str


class BadScript(Exception):
    """A script cannot be read; the message names the file, and each line with what is wrong and what would be right."""

    def __init__(self, file: str, problems: Iterable[tuple[int, str]]) -> None:
        self.file = file
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(say("script.line", file=file, line=line, says=says) for line, says in self.problems))


@dataclass(frozen=True)
class Source:
    """The data of a file, and the lines on which its parts begin."""

    file: str
    data: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of that place, or of the nearest part around it. Items that the file does not have are passed over."""
        found: Place = ()
        for item in place:
            if (*found, item) in self.lines:
                found = (*found, item)
        return self.lines.get(found, 1)

    def bad(self, problems: Iterable[Problem]) -> BadScript:
        """The problems as one error that names the lines."""
        return BadScript(self.file, [(self.line(each.place), each.says) for each in problems])


def open_source(path: Path) -> Source:
    """Read the file.

    Raises:
        BadScript: it is not there, not UTF-8, or not YAML.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise BadScript(path.name, [(1, say("script.no_file", why=error.strerror))]) from error
    except UnicodeDecodeError as error:
        raise BadScript(path.name, [(1, say("script.not_utf8"))]) from error


def parse(text: str, file: str) -> Source:
    """Parse the text of a script.

    Raises:
        BadScript: it is not YAML, or says the same thing twice.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise BadScript(file, [(mark.line + 1 if mark else 1, say("script.not_yaml", why=error.problem))]) from error
    except yaml.YAMLError as error:
        raise BadScript(file, [(1, say("script.not_yaml", why=error))]) from error
    if root is None:
        raise BadScript(file, [(1, say("script.empty"))])
    reading = _Reading(file)
    return Source(file, reading.value(root, ()), reading.lines)


class _Reading:
    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == NULL else str(node.value)
        if id(node) in self._seen:
            raise BadScript(self.file, [(line, say("script.referred"))])
        self._seen.add(id(node))
        if len(place) > DEEPEST:
            raise BadScript(self.file, [(line, say("script.too_deep", deepest=DEEPEST))])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        return [self.value(each, (*place, number)) for number, each in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise BadScript(self.file, [(line, say("script.colon"))])
            key = str(key_node.value).strip().replace(" ", "_")
            if key in values:
                raise BadScript(self.file, [(line, say("script.twice", key=key_node.value))])
            self.lines[*place, key] = line
            values[key] = self.value(value_node, (*place, key))
        return values

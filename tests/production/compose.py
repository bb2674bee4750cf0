"""`docker-compose.yml` as a person or a machine without containers can use it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?:(:-|:\?)([^}]*))?\}")

Services = dict[str, dict[str, Any]]


def whole() -> dict[str, Any]:
    """The file, with its anchors resolved."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def services(given: Mapping[str, str]) -> Services:
    """The services, with variables filled in as compose does it.

    Raises:
        KeyError: a variable that must be given is missing.
    """
    return _filled(whole()["services"], given)


def _filled(value: Any, given: Mapping[str, str]) -> Any:
    match value:
        case str():
            return VARIABLE.sub(_filling(given), value)
        case dict():
            return {name: _filled(each, given) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] - of YAML.
        case list():
            return [_filled(each, given) for each in value]  # pyright: ignore[reportUnknownVariableType] - of YAML.
        case _:
            return value


def _filling(given: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    def fill(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        if name is None:
            return "$"
        return given.get(name) or (default if kind == ":-" else given[name])

    return fill

"""A folder that is named in the line is never taken for what the environment names beside it; and one with a rehearsal in it is for looking."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from cli import app
from console.endings import Code, Ended
from console.purpose import Purpose
from embedded.kept import FILE
from schemas.commands import COMMANDS, Command
from schemas.meeting_commands import MEETING_COMMANDS

NOWHERE = {"TEMPORAL_ADDRESS": "127.0.0.1:9", "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:9/live"}

ADD = ("directory", "add-person", "--name", "Ann", "--email", "ann@enghraifft.example")

KEPT = '{"authority": "rehearsed", "ended_at": "2026-12-29T10:00:00Z", "children": {"osian": "c-1"}, "reader": "p-1"}'


def ended(folder: Path, *verb: str, **environment: str) -> tuple[int, str]:
    """How the line ends; the folder may be that of the environment alone."""
    language: Mapping[str, str] = {"SIWRNAI_LANGUAGE": "en", "SIWRNAI_HOME": str(folder.parent), "TEMPORAL_ADDRESS": "", "DATABASE_URL": ""}
    ran = CliRunner(env={**language, **environment}).invoke(app, ["--data", str(folder), *verb])
    return ran.exit_code, " ".join(ran.output.split())


@pytest.mark.parametrize("verb", [ADD, ("status",), ("migrate",), ("audit", "key")], ids=lambda verb: verb[0])
@pytest.mark.parametrize("names", [(), ("TEMPORAL_ADDRESS",), ("DATABASE_URL",), tuple(NOWHERE)], ids="+".join)
def test_a_folder_that_is_mistyped_never_falls_through_to_the_live_record(
    tmp_path: Path, verb: tuple[str, ...], names: tuple[str, ...]
) -> None:
    environment = {name: NOWHERE[name] for name in names}
    code, said = ended(tmp_path / "foldr", *verb, **environment)
    assert (code, f"{tmp_path}/foldr is no folder of data" in said) == (Code.mistake, True), said
    (tmp_path / "folder" / "keys").mkdir(parents=True)
    code, said = ended(tmp_path / "folder", *verb, **environment)
    if names:
        assert (code, f"names parts elsewhere ({', '.join(names)})" in said) == (Code.mistake, True), said
    else:
        assert (code, "is not running on the data in" in said) == (Code.away, True), said


@pytest.mark.parametrize("verb", [("status",), ("migrate",), ("tell-journeys",)], ids=lambda verb: verb[0])
@pytest.mark.parametrize("environment", [{}, NOWHERE], ids=["alone", "beside-live"])
def test_a_rehearsal_that_was_kept_wins(tmp_path: Path, verb: tuple[str, ...], environment: dict[str, str]) -> None:
    (tmp_path / FILE).write_text(KEPT)
    code, said = ended(tmp_path, *verb, **environment)
    assert (code in {Code.away, Code.refused}, f"In {tmp_path} lies a rehearsal that is over" in said) == (True, True), said


def verbs(group: TyperGroup, *path: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every verb of the command, as it is typed, with what is called."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, TyperGroup):
            yield from verbs(found, *path, name)
        else:
            assert found is not None
            assert found.callback is not None
            yield " ".join((*path, name)), found.callback


WHOLE = get_command(app)
assert isinstance(WHOLE, TyperGroup)
VERBS = dict(verbs(WHOLE))


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_says_what_it_is_for_and_only_what_looks_or_audits_is_done_in_a_rehearsal_that_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    purpose = getattr(VERBS[verb], "purpose", None)
    assert isinstance(purpose, Purpose), f"siwrnai {verb} does not say what it is for: put does(Purpose.…) on it"
    monkeypatch.setenv("SIWRNAI_HOME", str(tmp_path))
    monkeypatch.setenv("SIWRNAI_LANGUAGE", "en")
    (tmp_path / FILE).write_text(KEPT)
    if purpose in {Purpose.goes_on, Purpose.operates}:
        with pytest.raises(Ended, match="lies a rehearsal that is over") as refused:
            VERBS[verb]()
        assert refused.value.code == (Code.refused if purpose is Purpose.goes_on else Code.away)


@pytest.mark.parametrize(("room", "commands"), [("journey", COMMANDS), ("meeting", MEETING_COMMANDS)])
def test_whatever_tells_a_journey_or_a_meeting_goes_on_with_it(room: str, commands: Mapping[str, type[Command]]) -> None:
    told = {name.replace("_", "-") for name, model in commands.items() if not model.service}
    purposes = {name: getattr(VERBS[f"{room} {name}"], "purpose", None) for name in told if f"{room} {name}" in VERBS}
    assert len(purposes) > 10
    assert set(purposes.values()) == {Purpose.goes_on}, purposes

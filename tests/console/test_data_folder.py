"""A folder that is named in the line is never taken for what the environment names beside it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from console.endings import Code
from embedded.kept import FILE

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


@pytest.mark.parametrize("verb", [("status",), ("migrate",), ("audit", "key")], ids=lambda verb: verb[0])
@pytest.mark.parametrize("environment", [{}, NOWHERE], ids=["alone", "beside-live"])
def test_a_rehearsal_that_was_kept_wins(tmp_path: Path, verb: tuple[str, ...], environment: dict[str, str]) -> None:
    (tmp_path / FILE).write_text(KEPT)
    code, said = ended(tmp_path, *verb, **environment)
    assert (code, "lies a rehearsal that is over" in said) == (Code.away, True), said

"""Finding the engine: each step says what it tries. A stand-in for Go: the real build takes minutes, and every other test uses its result."""

import asyncio
import os
from pathlib import Path

import pytest

from embedded.engine_binary import SERVER_VERSION, find_engine
from embedded.supervisor import CannotStart

BUILDS = '#!/bin/sh\necho "go: downloading a/module v1" >&2\necho "$GOTOOLCHAIN $*" > "$GOBIN/server"\nchmod +x "$GOBIN/server"\n'
FAILS = '#!/bin/sh\necho "no disk space" >&2\nexit 1\n'


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs of this test's own are found; and no way to the internet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return folder


def go(folder: Path, script: str) -> None:
    (folder / "go").write_text(script)
    (folder / "go").chmod(0o755)


async def test_the_pinned_server_is_built_once_whole_and_then_found(tmp_path: Path, path: Path) -> None:
    go(path, BUILDS)
    said: list[str] = []
    found = await find_engine(tmp_path, said.append)
    assert found.kind == "server"
    assert found.path.read_text() == f"go1.26.10 install -v go.temporal.io/server/cmd/server@v{SERVER_VERSION}\n"
    assert [words.partition(",")[0] for words in said] == [
        f"Building the Temporal server {SERVER_VERSION} with Go",
        "The Temporal server is built",
    ]
    assert {file.name for file in found.path.parent.iterdir()} == {"lock", "server"}
    go(path, FAILS)
    assert await find_engine(tmp_path, pytest.fail) == found


async def test_of_two_that_need_the_engine_one_builds_and_the_other_waits(tmp_path: Path, path: Path) -> None:
    go(path, BUILDS.replace("\n", "\nsleep 1\n", 1))
    said: list[str] = []
    found = await asyncio.gather(find_engine(tmp_path, said.append), find_engine(tmp_path, said.append))
    assert found[0] == found[1]
    assert sum(words.startswith("Building") for words in said) == 1
    assert "Another process is getting the engine: waiting for it" in said


async def test_where_nothing_leads_to_an_engine_one_message_says_what_was_tried_and_what_to_install(tmp_path: Path, path: Path) -> None:
    go(path, FAILS)
    said: list[str] = []
    with pytest.raises(CannotStart) as failed:
        await find_engine(tmp_path, said.append)
    tried = [
        "Building the Temporal server",
        "Go could not build the server (no disk space)",
        "Letting the Temporal SDK",
        "The SDK could not",
    ]
    assert all(words.startswith(start) for words, start in zip(said, tried, strict=True))
    assert str(failed.value).endswith("Install Go 1.21 or later and start again, or set TEMPORAL_ADDRESS to a Temporal server that runs.")
    assert os.listdir(tmp_path / "engine" / SERVER_VERSION) == ["lock"]

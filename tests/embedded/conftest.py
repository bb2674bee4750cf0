"""Folders and processes of these tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for one stack; pytest's own are closed to PostgreSQL's user."""
    folder = Path(tempfile.mkdtemp(prefix="siwrnai-tests-"))
    yield folder / "home"
    # A server that is just ending takes its own files away meanwhile.
    shutil.rmtree(folder, ignore_errors=True)

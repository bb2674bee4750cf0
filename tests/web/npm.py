"""What npm brought for the tests of the pages."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]

MODULES = ROOT / "build" / "npm" / "node_modules"


def module(path: str) -> Path:
    """A file of a package that web/styles/package-lock.json pins."""
    assert (MODULES / path).exists(), "what web/styles/package-lock.json pins is not here: run make browser"
    return MODULES / path


def chromium() -> str:
    """Where the browser is."""
    found = shutil.which("chromium")
    assert found is not None, "the pages are tested in Chromium, which is not here: install it (on Debian: apt-get install chromium)"
    return found

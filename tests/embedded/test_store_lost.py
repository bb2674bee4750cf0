"""The engine's whole store is gone while real time runs: what docs/operations.md says brings every journey back."""

from pathlib import Path

import pytest

from console.endings import Code
from embedded.engine import STORE, VISIBILITY
from embedded.mail_catcher import letters
from engine.version import this_version
from tests.embedded.processes import SERVE, python, said
from tests.embedded.test_backup import Desk, served, stop, until_posted

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("backup")]


def test_after_the_loss_of_the_engines_store_serve_and_recover_bring_everything_back(home: Path) -> None:
    desk = Desk(home)
    with python(SERVE, **served(home)) as serving:
        said(serving, "Siwrnai runs")
        worker, child = desk.reported()
        posted = until_posted(home / "mailbox")
        assert posted >= 1
        shown = desk.gets("journey", "show", child)
        stop(serving)
    for name in (STORE, VISIBILITY):
        (home / "engine" / name).unlink()
        for beside in (home / "engine").glob(f"{name}-*"):
            beside.unlink()
    with python(SERVE, **served(home)) as serving:
        said(serving, "Siwrnai runs")
        assert desk.gets("gate") == f"The engine runs version {this_version().build_id} already."
        check = desk.runs("recover", "--check")
        assert (check.returncode, "the engine does not run this journey" in check.stdout) == (Code.found_wrong, True)
        assert "of which started now: 1" in desk.gets("recover")
        assert desk.gets("journey", "show", child) == shown
        desk.gets("journey", "safety-checked", child, "--actor", worker, "--safe")
        desk.gets("journey", "verify", child)
        desk.gets("recover", "--check")
        assert len(letters(home / "mailbox")) == posted, "nobody was written to again"
        stop(serving)

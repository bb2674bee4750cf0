"""What tests of the workflows may use besides."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded.stack import Endpoints
from tests.short_runs import short_runs


@pytest.fixture(scope="session")
async def short() -> AsyncIterator[Endpoints]:
    """A stack of this test process whose engine suggests a new run after a few commands."""
    home = Path(tempfile.mkdtemp(prefix="siwrnai-tests-"))
    try:
        async with short_runs(home) as endpoints:
            yield endpoints
    finally:
        shutil.rmtree(home)

"""What all tests may use: one real stack for each test process, started when the first test asks for it."""

import logging
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from embedded.stack import Endpoints, Stack

NAMESPACE = "rehearsal"

# A worker within a test says on standard output, where tests look for the command's own words, only what goes wrong.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Endpoints]:
    """PostgreSQL, an engine whose time can be skipped, and a mail catcher, of this test process alone."""
    home = Path(tempfile.mkdtemp(prefix="siwrnai-tests-"))
    try:
        async with Stack(home / "stack", NAMESPACE, time_skipping=True, durable=False).running(print) as endpoints:
            yield endpoints
    finally:
        shutil.rmtree(home)

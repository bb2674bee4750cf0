"""One server for all tests of the pages in this process; each begins with nothing answered."""

from collections.abc import Iterator

import httpx
import pytest

from tests.web.asked_reports import KeptReports
from tests.web.invitations import three
from tests.web.serving import Served, served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The pages, served."""
    with served(tmp_path_factory.mktemp("keys")) as served_pages:
        yield served_pages


@pytest.fixture
def web(server: Served) -> Served:
    """The pages, with nothing answered yet."""
    server.kept.seen = three()
    server.kept.answers.clear()
    server.kept.refuse = None
    vars(server.reports).update(vars(KeptReports()))
    server.outlines.wrong = server.papers.wrong = 0
    return server


@pytest.fixture
def client(web: Served) -> Iterator[httpx.Client]:
    """Somebody who asks for pages and follows nothing by itself."""
    with httpx.Client(base_url=web.base, verify=False) as client:  # noqa: S501 - no TLS here, so no certificates to read.
        yield client

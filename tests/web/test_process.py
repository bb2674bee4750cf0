"""The process of the pages: started, asked, stopped, and what it leaves in its log."""

import datetime as dt
import json
import re
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from embedded.ports import free_ports
from observing.logs import FIELDS
from record.keys import KeyRing
from tests.embedded.processes import eventually, python
from tests.web.invitations import ENGLISH
from web.links import Links

SERVE = """
import sys
from contextlib import asynccontextmanager
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from tests.web.invitations import Kept, three
from web.process import Ports, main

class Failing(Kept):
    async def look(self, invitee):
        if invitee == "fails":
            raise RuntimeError("Cerys Prydderch")
        return await super().look(invitee)

@asynccontextmanager
async def opening(settings):
    yield Ports(Failing(three()))

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
trace.set_tracer_provider(provider)
sys.exit(main(opening))
"""

ROOT = Path(__file__).parents[2]


@contextmanager
def address(home: Path, url: str | None = None) -> Generator[tuple[str, dict[str, str]]]:
    """A free address, and what the process is told."""
    (port,) = free_ports(1)
    served = f"127.0.0.1:{port}"
    yield (
        f"http://{served}",
        {
            "SIWRNAI_HOME": str(home),
            "TEMPORAL_ADDRESS": "127.0.0.1:1",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "SIWRNAI_WEB_ADDRESS": served,
            "SIWRNAI_WEB_URL": url or f"http://{served}",
            "SIWRNAI_READY_FILE": str(home / "ready"),
            "PYTHONPATH": str(ROOT),
        },
    )


def test_it_serves_until_told_to_stop_and_no_line_of_its_log_holds_a_link_an_id_or_words(tmp_path: Path) -> None:
    with address(tmp_path, "https://siwrnai.enghraifft.example") as (base, told), python(SERVE, **told) as process:
        assert eventually((tmp_path / "ready").exists, 30)
        links = Links(KeyRing(tmp_path / "keys").links, base)
        good, failing = (links.link(invitee, _far()) for invitee in (ENGLISH, "fails"))
        paths = [good, f"{good}/another-time", good[:-4] + "AAAA", failing, f"{base}/Cerys", f"{base}/health"]
        seen = [httpx.get(path, headers={"Referer": good}) for path in paths]
        posted = httpx.post(good, data={"version": "0", "answer": "declined", "reason": "Cerys Prydderch"})
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert [answer.status_code for answer in seen] == [200, 200, 404, 500, 404, 200]
    assert posted.status_code == 303
    assert seen[0].headers["strict-transport-security"] == "max-age=31536000"
    lines = [json.loads(line) for line in errors.splitlines()]
    assert [(line["route"], line["status"]) for line in lines if line["event"] == "page"] == [
        ("invitation_seen", 200),
        ("another_time_seen", 200),
        ("invitation_seen", 404),
        ("invitation_seen", 500),
        ("none", 404),
        ("health", 200),
        ("invitation_answered", 303),
    ]
    assert {line["event"] for line in lines} >= {"pages_ready", "pages_stopped"}
    assert {key for line in lines for key in line} <= set(FIELDS)
    assert "RuntimeError" in errors
    for secret in (good.rpartition("/")[2], "AAAA", ENGLISH, "Cerys", "Prydderch", "/answer/"):
        assert secret not in errors


def test_an_address_that_is_taken_is_named_in_a_sentence(tmp_path: Path) -> None:
    with address(tmp_path) as (_, told), python(SERVE, **told) as first:
        assert eventually((tmp_path / "ready").exists, 30)
        with python(SERVE, **told) as second:
            _, errors = second.communicate(timeout=30)
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (0, 2)
    assert re.fullmatch(r"SIWRNAI_WEB_ADDRESS: nothing can listen on 127\.0\.0\.1:\d+: .*; name an address .* that is free\n", errors)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SIWRNAI_WEB_ADDRESS", "8047", "SIWRNAI_WEB_ADDRESS: expected host:port; right would be, for instance: 127.0.0.1:8047"),
        ("SIWRNAI_WEB_URL", "http://siwrnai.enghraifft.example", "SIWRNAI_WEB_URL: expected https://host, since a link is a secret"),
        ("SIWRNAI_WEB_URL", "https://host/path", "SIWRNAI_WEB_URL: expected https://host"),
    ],
)
def test_a_bad_setting_is_refused_in_a_sentence(variable: str, value: str, expected: str, tmp_path: Path) -> None:
    with address(tmp_path) as (_, told), python(SERVE, **told | {variable: value}) as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors.startswith(expected)
    assert errors.count("\n") == 1


def _far() -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)

"""Checkpoints at an address: one that refuses, hangs or lies about who it is loses none, nor does a worker that is killed; and none is doubled."""

import asyncio
import datetime as dt
import ipaddress
import secrets
import signal
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from temporalio.client import WorkflowHandle

from console.parts import ending
from console.status_page import lines
from embedded.program import Program, environment, python
from embedded.stack import Endpoints
from embedded.supervisor import Supervisor
from record import checkpoints
from record.pool import transaction
from record.roles import Role, dsn
from schemas.checkpoints import Anchored, CheckpointDone, CheckpointRequest
from schemas.engine import JOURNEYS
from schemas.status import CheckpointsSeen, Status
from tests.live import Live, live
from workflows.checkpoint import Checkpoint

pytestmark = pytest.mark.timeout(300)

PATIENCE = dt.timedelta(minutes=5)

KEPT, REFUSED = (f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode() for status in ("201 Created", "503 No"))


@dataclass
class Notary:
    """An HTTPS server that keeps what it is sent; `answers` says what it does with each line, the last way for all that follow."""

    folder: Path
    port: int = 0
    answers: list[str] = field(default_factory=lambda: ["keep"])
    kept: list[tuple[str, Anchored]] = field(default_factory=lambda: [])
    """Idempotency-Key and line, whether it said so or not."""
    got: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    kill: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"https://a:secret@127.0.0.1:{self.port}/siwrnai"

    def certificate(self, name: str) -> Path:
        """One for this machine, signed by itself."""
        key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
        who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = (
            x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = self.folder / f"{name}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(secret + made.public_bytes(Encoding.PEM))
        return file

    @asynccontextmanager
    async def serving(self, name: str = "notary") -> AsyncGenerator[None]:
        """With the certificate of that name."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / f"{name}.pem")
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        async with server:
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines()[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        self.asked += 1
        way = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if way in {"keep", "die"}:
            self.kept.append((headers["idempotency-key"], Anchored.model_validate_json(body)))
            self.got.set()
        if way == "die":
            self.kill()
        if way == "hang":
            await asyncio.sleep(40)
        writer.write(KEPT if way == "keep" else REFUSED)
        writer.close()


@dataclass(frozen=True)
class Place:
    """A notary, and a worker as a process that is started again where it is killed."""

    here: Live
    notary: Notary

    async def made(self) -> WorkflowHandle[Checkpoint, CheckpointDone]:
        """The next checkpoint, under way."""
        asked = CheckpointRequest(authority=self.here.authority, patience=PATIENCE)
        return await self.here.client.start_workflow(Checkpoint.run, asked, id=f"checkpoint:{secrets.token_hex(4)}", task_queue=JOURNEYS)

    async def seen(self) -> CheckpointsSeen:
        """As status sees them."""
        async with transaction(self.here.door_pool, self.here.authority) as connection:
            found = await checkpoints.seen(connection)
        assert found is not None
        return found

    async def failing(self, failure: str, until: float = 60) -> CheckpointsSeen:
        """Once the address has failed so."""
        async with asyncio.timeout(until):
            while True:
                async with transaction(self.here.door_pool, self.here.authority) as connection:
                    found = await checkpoints.seen(connection)
                if found is not None and any(each.failure == failure for each in found.places):
                    return found
                await asyncio.sleep(0.1)


@asynccontextmanager
async def place(stack: Endpoints, folder: Path) -> AsyncGenerator[Place]:
    """Nothing answers at the address yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        notary = Notary(folder, free.getsockname()[1])
    async with live(stack, worker=False) as here, Supervisor(folder / "parts", lambda _: None) as parts:
        told = {
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
            "DATABASE_URL": dsn(here.superuser, Role.journey, stack.keys),
            "SIWRNAI_KEYS": str(stack.keys),
            "SIWRNAI_HOME": str(folder / "home"),
            "SIWRNAI_CHECKPOINT_URL": notary.url,
            "SSL_CERT_FILE": str(notary.certificate("notary")),
        }
        notary.certificate("stranger")
        await parts.start(Program(name="worker", argv=python("-m", "worker"), environment=environment(told)))

        def kill() -> None:
            (pid,) = (each.pid for each in psutil.Process().children() if each.cmdline()[-1:] == ["worker"])
            psutil.Process(pid).send_signal(signal.SIGKILL)

        notary.kill = kill
        yield Place(here, notary)


async def test_an_address_that_is_away_lies_refuses_or_hangs_gets_the_checkpoint_once_it_takes_it(stack: Endpoints, tmp_path: Path) -> None:
    async with place(stack, tmp_path) as there:
        under_way = await there.made()
        away = await there.failing("ConnectionRefusedError")
        assert {each.place.partition(":")[0]: each.waiting for each in away.places} == {"address": 1, "folder": 0}
        async with there.notary.serving("stranger"):
            await there.failing("SSLCertVerificationError")
        there.notary.answers = ["refuse", "hang", "keep"]
        async with there.notary.serving():
            await there.failing("NotTaken")
            waiting = await there.failing("TimeoutError", until=90)
            assert (await under_way.result()).anchored
        number = waiting.number
        assert [(key, line.said.number) for key, line in there.notary.kept] == [(there.notary.kept[0][1].hash, number)]
        assert there.notary.asked == 3
        assert [(each.failure, each.waiting) for each in (await there.seen()).places] == [(None, 0), (None, 0)]
        # What it is told of is not the address: that holds a password.
        assert "secret" not in waiting.model_dump_json()

    (late,) = (each for each in waiting.places if each.waiting)
    assert late.waiting_since is not None
    for minutes, code in ((59, 0), (61, 1)):
        now = late.waiting_since + dt.timedelta(minutes=minutes)
        status = Status(parts=(), engine=None, queues=(), outbox=None, journeys=None, clock_ahead=None, stuck=(), checkpoints=waiting)
        assert (ending(status, now), " Late: " in "\n".join(lines(status, now))) == (code, code == 1)


async def test_a_worker_killed_between_the_answer_and_its_note_loses_nothing_and_doubles_nothing(stack: Endpoints, tmp_path: Path) -> None:
    async with place(stack, tmp_path) as there, there.notary.serving():
        there.notary.answers = ["die", "keep"]
        first = await there.made()
        await asyncio.wait_for(there.notary.got.wait(), 60)
        second = await there.made()
        assert (await second.result()).anchored
        keys = [key for key, _ in there.notary.kept]
        numbers = [line.said.number for _, line in there.notary.kept]
        assert (numbers, keys[0] == keys[1]) == ([1, 1, 2], True)
        assert there.notary.kept[0] == there.notary.kept[1], "the same line, under the same key"
        assert there.notary.kept[2][1].said.previous == keys[0]
        assert (await first.result()).anchored, "and it is noticed that it was killed"
        assert [each.waiting for each in (await there.seen()).places] == [0, 0]
        async with there.here.superuser_connection() as connection:
            taken = await connection.fetch(
                "SELECT place, number FROM record.checkpoint_anchors WHERE failure IS NULL ORDER BY place, number"
            )
        assert len(taken) == len(set(map(tuple, taken))) == 4
    assert len(there.notary.kept) == 3

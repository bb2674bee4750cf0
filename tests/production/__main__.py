"""Runs what `docker-compose.yml` describes as processes on this machine: `make production-shape`.

The official engine on PostgreSQL, the record on a PostgreSQL of its own, two workers, the sender, a mail catcher; each process is told
exactly what the file tells it, with addresses of this machine in place of names. Then a journey's commands, one worker killed, and more.
"""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from embedded.engine_binary import SERVER_VERSION, find_engine
from embedded.mail_catcher import letters
from embedded.ports import HOST, free_ports
from embedded.program import as_user
from engine.leaving import settle
from tests.production.compose import services, whole

SQL_TOOL = "temporal-sql-tool"

SERVER_USER = "postgres"
"""Who Debian's PostgreSQL runs as where we are root."""

WITHIN = 90.0

ENGINE_PORTS = ("FRONTEND", "HISTORY", "MATCHING", "WORKER")


class Failed(Exception):
    """The shape does not hold: says what."""


class Shape:
    """The processes, by the names of the services."""

    def __init__(self, folder: Path, leaving: ExitStack) -> None:
        self.folder, self.leaving = folder, leaving
        ports: dict[str, int] = dict(zip(("record", "engine-database", "engine", "engine-http", "mail"), free_ports(5), strict=True))
        self.ports = ports
        self.names = {
            "record:5432": f"{HOST}:{ports['record']}",
            "engine:7233": f"{HOST}:{ports['engine']}",
            "localhost:1025": f"{HOST}:{ports['mail']}",
            "/keys": str(folder / "keys"),
        }
        given = {"SIWRNAI_AUTHORITY": "sir-enghraifft", "RECORD_PASSWORD": secrets.token_hex(8), "ENGINE_PASSWORD": secrets.token_hex(8)}
        self.services = services(given)
        (folder / "keys").mkdir(mode=0o700)

    def told(self, service: str, **more: str) -> dict[str, str]:
        """A service's whole environment here."""
        said = {name: self._here(str(value)) for name, value in self.services[service].get("environment", {}).items()}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), "SIWRNAI_HOME": str(self.folder / "home"), **said, **more}

    def command(self, service: str) -> list[str]:
        """Its command here."""
        return [self._here(each) for each in self.services[service]["command"]]

    def start(
        self, service: str, argv: list[str] | None = None, name: str = "", user: str | None = None, **more: str
    ) -> "subprocess.Popen[bytes]":
        """Start it; stopped at the end."""
        log = self.leaving.enter_context((self.folder / f"{name or service}.log").open("wb"))
        environment = self.told(service, **more)
        process = subprocess.Popen(  # noqa: S603 - what the file says.
            argv or self.command(service), env=environment, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **as_user(user)
        )
        self.leaving.callback(_stopped, process)
        return process

    def once(self, service: str, argv: list[str] | None = None, **more: str) -> str:
        """Run it to its end, and give what it says."""
        ran = subprocess.run(  # noqa: S603 - what the file says.
            argv or self.command(service), env=self.told(service, **more), capture_output=True, text=True, cwd=self.folder, check=False
        )
        if ran.returncode != 0:
            raise Failed(f"{service} ended with {ran.returncode}: {(ran.stderr or ran.stdout)[-1500:]}")
        return ran.stdout.strip()

    def database(self, service: str, binaries: Path) -> None:
        """PostgreSQL as the image makes it."""
        told, data = self.services[service]["environment"], self.folder / service
        user = SERVER_USER if os.geteuid() == 0 else None
        password = self.folder / f"{service}.password"
        password.write_text(told["POSTGRES_PASSWORD"])
        data.mkdir()
        for path in (password, data):
            if user is not None:
                shutil.chown(path, user)
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", told["POSTGRES_USER"], f"--pwfile={password}"]
        made = subprocess.run(  # noqa: S603 - Debian's.
            [*initdb, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"],
            check=False,
            capture_output=True,
            text=True,
            cwd=data,
            **as_user(user),
        )
        if made.returncode != 0:
            raise Failed(made.stderr)
        postgres = [str(binaries / "postgres"), "-D", str(data), "-p", str(self.ports[service]), "-c", "unix_socket_directories="]
        self.start(service, [*postgres, "-c", f"listen_addresses={HOST}"], user=user)
        _eventually(f"{service} answers", lambda: _is_ready(binaries, self.ports[service]))

    def siwrnai(self, *arguments: str) -> str:
        """A person at the command line."""
        return self.once("siwrnai", ["siwrnai", *arguments])

    def _here(self, text: str) -> str:
        for name, here in self.names.items():
            text = text.replace(name, here)
        return text


def _stopped(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT if "postgres" in str(process.args) else signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_ready(binaries: Path, port: int) -> bool:
    return subprocess.run([binaries / "pg_isready", "-q", "-h", HOST, "-p", str(port)], check=False).returncode == 0  # noqa: S603 - Debian's.


def _eventually(what: str, true: Callable[[], Any]) -> Any:
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(0.2)
    raise Failed(f"not within {WITHIN:.0f} s: {what}")


def _binaries() -> Path:
    """Debian's PostgreSQL: the engine's search needs its extension btree_gin."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Failed("There is no PostgreSQL with btree_gin on this machine: apt-get install postgresql")
    return found[-1].parent


def _sql_tool(cache: Path) -> Path:
    """The engine's own schema tool, built once."""
    tool = cache / SQL_TOOL / SERVER_VERSION / "sql"
    if not tool.exists():
        print("Building the engine's schema tool, once (a few minutes)", flush=True)
        go = os.environ | {"GOBIN": str(tool.parent), "GOTOOLCHAIN": "auto"}
        built = subprocess.run(["go", "install", f"go.temporal.io/server/cmd/tools/sql@v{SERVER_VERSION}"], env=go, check=False)  # noqa: S603, S607 - the official tool.
        if built.returncode != 0:
            raise Failed("go install did not build the engine's schema tool (see above)")
    return tool


def _engine_ports(shape: Shape) -> Mapping[str, str]:
    """All services of the engine are on one address here."""
    grpc, membership = free_ports(4), free_ports(4)
    ports = {f"{name}_GRPC_PORT": str(port) for name, port in zip(ENGINE_PORTS, grpc, strict=True)}
    ports |= {f"{name}_MEMBERSHIP_PORT": str(port) for name, port in zip(ENGINE_PORTS, membership, strict=True)}
    more = {"FRONTEND_GRPC_PORT": str(shape.ports["engine"]), "FRONTEND_HTTP_PORT": str(shape.ports["engine-http"]), "BIND_ON_IP": HOST}
    return ports | more | {"POSTGRES_SEEDS": HOST, "DB_PORT": str(shape.ports["engine-database"])}


def _parts(shape: Shape, engine: Path, tool: Path, binaries: Path) -> None:
    for service in ("record", "engine-database"):
        shape.database(service, binaries)
    tools = shape.folder / "bin"
    tools.mkdir()
    (tools / SQL_TOOL).symlink_to(tool)
    here = {"SQL_HOST": HOST, "SQL_PORT": str(shape.ports["engine-database"]), "PATH": f"{tools}:{os.environ['PATH']}"}
    for _ in range(2):  # It may be repeated.
        shape.once("engine-schema", None, **here)
    dynamic = shape.folder / "dynamic.yaml"
    dynamic.write_text(whole()["configs"]["engine-dynamic"]["content"])
    shape.start("engine", [str(engine), "start"], **_engine_ports(shape), DYNAMIC_CONFIG_FILE_PATH=str(dynamic))
    mailbox = shape.folder / "mailbox"
    shape.start(
        "mail-catcher", [sys.executable, "-m", "embedded.mail_catcher", "--port", str(shape.ports["mail"]), "--mailbox", str(mailbox)]
    )
    for _ in range(2):
        _eventually("the database is migrated", lambda: _migrated(shape))


def _migrated(shape: Shape) -> bool:
    """As compose does it: again after a failure."""
    try:
        return bool(shape.once("migrate"))
    except Failed as failed:
        print(f"  (again: {str(failed).strip().splitlines()[-1]})", flush=True)
        return False


def _worker(shape: Shape, number: int) -> "subprocess.Popen[bytes]":
    ready = shape.folder / f"worker-{number}.ready"
    process = shape.start("worker", name=f"worker-{number}", SIWRNAI_READY_FILE=str(ready))
    _eventually(f"worker {number} is at work", ready.exists)
    return process


def _acts(shape: Shape) -> None:
    replicas = int(shape.services["worker"]["deploy"]["replicas"])
    print(shape.siwrnai("gate"), flush=True)
    workers = [_worker(shape, number) for number in range(1, replicas + 1)]
    shape.start("sender")
    print(shape.once("begin"), flush=True)
    print(f"{replicas} workers and the sender run", flush=True)
    person = ["directory", "add-person", "--name", "Mari Lloyd", "--language", "cy", "--email", "mari@enghraifft.example"]
    mari = shape.siwrnai(*person, "--role", "team_manager")
    shape.siwrnai("directory", "post", "--role", "duty_manager", "--person", mari)
    child = shape.siwrnai("child", "register", "--actor", mari, "--name", "Ela Prys", "--born", "2019-03-12")
    words = ["--how", "telephone", "--alleged", "physical", "--words", "A bruise on the left arm."]
    shape.siwrnai("journey", "report", child, "--actor", mari, *words)
    print("A report is recorded", flush=True)
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait()
    print("One worker is killed (SIGKILL)", flush=True)
    for _ in range(5):
        shape.siwrnai("journey", "advocacy-offered", child, "--actor", mari)
    shape.siwrnai("journey", "safety-checked", child, "--actor", mari, "--no-safe")
    print("The other takes the commands", flush=True)
    _worker(shape, replicas + 1)
    shape.siwrnai("journey", "police-told", child, "--actor", mari)
    shape.siwrnai("journey", "verify", child)
    print("The timeline verifies, and its fold is what the engine holds", flush=True)
    _eventually("a letter is caught", lambda: letters(shape.folder / "mailbox"))
    print("A letter has gone out", flush=True)


def main() -> int:
    """0 where the shape holds."""
    with tempfile.TemporaryDirectory(prefix="siwrnai-production-") as folder, ExitStack() as leaving:
        os.chmod(folder, 0o711)  # noqa: S103 - PostgreSQL is another user.
        try:
            cache = user_cache_path("siwrnai")
            engine = asyncio.run(find_engine(cache, print))
            if engine.kind != "server":
                raise Failed("the official server is needed, not the command line tool: install Go")
            tool = _sql_tool(cache)
            shape = Shape(Path(folder), leaving)
            _parts(shape, engine.path, tool, _binaries())
            _acts(shape)
        except Failed as failed:
            for log in sorted(Path(folder).glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-800:]}", file=sys.stderr)
            print(f"The production shape does not hold: {failed}", file=sys.stderr)
            return 1
    print("The production shape holds")
    settle()
    return 0


if __name__ == "__main__":
    sys.exit(main())

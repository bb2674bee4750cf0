"""Two programs that are not ours read what the service writes: ical.js on Node, ical4j on Java; the second also answers it."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from embedded.settings import Settings, read

HERE = Path(__file__).parent
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "COUNTER")


class Missing(Exception):
    """A judge cannot be had; says in one sentence what to install."""


class Read(NamedTuple):
    """What ical4j made of an object: instants in seconds since 1970, the wall clock of the start, and its validation's complaints."""

    start: int
    end: int
    wall: str
    faults: str


class Answers(NamedTuple):
    """All that ical4j says: its reading of each object, and the objects by which it answers each invitation, by name and answer."""

    read: dict[str, Read]
    answers: dict[tuple[str, str], bytes]


def get() -> None:
    """Everything fetched that the judges need, once for each pin.

    Raises:
        Missing: a program is not on this machine.
    """
    _node()
    java("Judge.java")


def by_node(folder: Path, objects: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """What ical.js shows of each object, by name, in one run however many processes ask."""
    return json.loads(_once(folder, objects, [*_node(), str(folder)]))


def by_java(folder: Path, objects: Mapping[str, bytes]) -> Answers:
    """What ical4j finds in each object, by name, and its answers to the invitations, in one run however many processes ask."""
    told = _once(folder, objects, [*java("Judge.java"), str(folder)])
    found = {name: Read(int(start), int(end), wall, faults) for name, start, end, wall, faults in map(_fields, told.splitlines())}
    files = {(name, answer): folder / f"{name}.{answer}" for name in found for answer in ANSWERS}
    return Answers(found, {key: file.read_bytes() for key, file in files.items() if file.exists()})


def _once(folder: Path, objects: Mapping[str, bytes], command: list[str]) -> str:
    """What the command says of the objects, written into the folder; the first process runs it, the others read what it said."""
    folder.mkdir(parents=True, exist_ok=True)
    said = folder / "said"
    with _alone(folder):
        if not said.exists():
            for name, written in objects.items():
                (folder / name).write_bytes(written)
            said.write_text(_run(command, folder))
        return said.read_text()


def _fields(line: str) -> list[str]:
    return line.split("\t")


def _node() -> list[str]:
    """The command that judges a folder with ical.js."""
    node, npm = _program("node", "Node 20 or later", "nodejs"), _program("npm", "npm", "npm")
    wanted = [HERE / name for name in ("package.json", "package-lock.json")]
    modules = _cached("ical.js", *wanted, HERE / "judge.mjs")
    with _alone(modules):
        if not (modules / "node_modules").exists():
            for file in wanted:
                shutil.copy(file, modules)
            _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], modules)
        # A module is looked for from where the program lies.
        return [node, str(shutil.copy(HERE / "judge.mjs", modules))]


def java(source: str) -> list[str]:
    """The command that runs a program on ical4j: one source file of this folder, compiled as it starts."""
    program = _program("java", "a Java development kit, 17 or later", "default-jdk-headless")
    return [program, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{_jars()}/*", str(HERE / source)]


def _jars() -> Path:
    """The pinned jars: ical4j, a mail library, and what they need. Each is checked at every use: what lies in a cache may have been changed."""
    lock = HERE / "java.lock"
    jars = _cached("java", lock)
    with _alone(jars):
        for digest, coordinate in map(str.split, lock.read_text().splitlines()):
            _, artifact, version = coordinate.split(":")
            jar = jars / f"{artifact}-{version}.jar"
            if not jar.exists():
                fetched = jar.with_suffix(".fetched")
                fetched.unlink(missing_ok=True)
                _run([sys.executable, "-m", "maven_artifact.main", coordinate, str(fetched)], jars)
                fetched.replace(jar)
            found = hashlib.sha256(jar.read_bytes()).hexdigest()
            assert found == digest, f"{jar} is not as pinned in {lock.name}: remove it"
    return jars


def _program(name: str, what: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(
            f"Calendar objects are judged by programs that need {what}, which is not here (on Debian: apt-get install {package})."
        )
    return found


def _cached(name: str, *pins: Path) -> Path:
    """A folder of its own for each set of pins."""
    digest = hashlib.sha256(b"".join(pin.read_bytes() for pin in pins)).hexdigest()[:12]
    folder = read(Settings).cache / "judges" / f"{name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """One process at a time fetches."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=240)  # noqa: S603
    assert done.returncode == 0, f"{' '.join(command[:2])} failed: {(done.stderr or done.stdout)[-2_000:]}"
    return done.stdout


def main() -> int:
    """Fetch before the tests: `python -m tests.correspondence.calendars.judges.tools`."""
    try:
        get()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

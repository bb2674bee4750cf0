"""One program that the supervisor runs, and what it must know to start and stop it properly."""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypedDict

PR_SET_PDEATHSIG = 1

KEPT_VARIABLES = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ")
"""What a program takes over from our environment; all else it needs is given to it by name."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, and when it counts as started."""

    name: str
    """As people read it, and as its log and pid file are called."""
    argv: Sequence[str]
    environment: Mapping[str, str]
    """All of it, but for SIWRNAI_READY_FILE, which the supervisor adds."""
    ready: Callable[[], Awaitable[bool]] | None = None
    """Asked again and again until it says yes; where there is none, the program makes the file that SIWRNAI_READY_FILE names."""
    user: str | None = None
    """The system user to run as; ours where none is named."""
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """What the system sends it where we are killed (Linux)."""
    stop_within: float = 20
    """Seconds it may take to stop before it is killed."""
    ready_within: float = 60
    """Seconds it may take to become ready."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """A program's whole environment."""
    return {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | dict(extra or {})


def python(*arguments: str) -> list[str]:
    """How this Python runs another program of ours; -P, since the working directory's folders are no modules."""
    return [sys.executable, "-P", *arguments]


def as_typed() -> str:
    """How the `siwrnai` command was called, or where it is, so that a line that is shown can be typed here."""
    if Path(sys.argv[0]).name == "siwrnai":
        return sys.argv[0]
    beside = Path(sys.executable).with_name("siwrnai")
    if not beside.exists():
        return "siwrnai"
    return str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside)


class UserArguments(TypedDict, total=False):
    """What `subprocess` takes to run a program as someone else."""

    user: int
    group: int
    extra_groups: list[int]


def as_user(name: str | None) -> UserArguments:
    """The arguments for `subprocess` to run as that system user, with none of our groups; none for ourselves."""
    if name is None:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def dies_with_us(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What a new process does before it becomes the program, so that kill -9 of its parent leaves nothing running.

    Linux alone can do it; elsewhere the pid files let the next start stop what was left.
    """
    if sys.platform != "linux":
        return None
    return partial(_ask_for_signal, ctypes.CDLL(None).prctl, death_signal, os.getpid())


def _ask_for_signal(prctl: Callable[[int, int], int], death_signal: int, parent: int) -> None:
    prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # It was killed before we asked.
        os._exit(1)

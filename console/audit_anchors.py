"""Copies of checkpoints that were kept outside the database, read line by line."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from console.endings import Mistake
from console.language import say
from embedded.settings import Anchoring, BadSettings, read
from schemas.auditing import Finding
from schemas.checkpoints import Anchored


def files(given: Sequence[Path], authority: str) -> list[Path]:
    """The files of these files and folders, and of the folder in which the worker keeps its copies where it is on this machine.

    Raises:
        Mistake: one that was given is not there.
    """
    for path in given:
        if not path.exists():
            raise Mistake(say("audit.no_anchor", path=path))
    try:
        own = read(Anchoring).checkpoint_folder
    except BadSettings as error:
        raise Mistake(str(error)) from None
    found = dict[Path, None]()
    for path in (*given, own):
        inside = sorted(path.glob(f"{authority}.*.jsonl")) if path.is_dir() else [path] if path.is_file() else []
        found |= dict.fromkeys(each.resolve() for each in inside)
    return list(found)


def copies(file: Path) -> Iterator[Anchored | Finding]:
    """Each line of a file: a copy, or what is wrong with the line. One that was torn as it was written, and written again, is passed over."""
    torn: tuple[int, bytes] | None = None
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if torn is not None and not line.startswith(torn[1]):
                yield _unreadable(file, torn[0])
            torn = None
            try:
                yield Anchored.model_validate_json(line)
            except ValidationError:
                torn = (number, line.rstrip(b"\n"))
    if torn is not None:
        yield _unreadable(file, torn[0])


def _unreadable(file: Path, number: int) -> Finding:
    return Finding(what="anchor_unreadable", detail=f"{file.name}:{number}")

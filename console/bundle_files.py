"""The files of a bundle while it is made: in a folder that its owner alone may read, hashed as they are written, then one archive."""

import hashlib
import re
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from audit.manifest import File
from audit.redaction import Line
from audit.verifier import verify
from console.private_files import private_file

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{2,63}")

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file in an archive: the same input gives the same bytes."""


class Folder:
    """Writes each file once, and knows its hash."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.files: dict[str, File] = {}
        self.mentioned: set[str] = set()
        """Everything in the lines that could be somebody's id."""

    @contextmanager
    def lines(self, name: str) -> Generator[Callable[[Line], None]]:
        """A file of lines of JSON."""
        with self._writing(name) as write:

            def line(said: Line) -> None:
                written = orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
                self.mentioned.update(WORD.findall(written.decode()))
                write(written)

            yield line

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """A file whole, or block by block."""
        with self._writing(name) as write:
            for block in (content,) if isinstance(content, bytes) else content:
                write(block)

    def read(self, name: str) -> Callable[[], Iterator[Line]]:
        """The lines of a file that is written, as often as they are asked for."""

        def lines() -> Iterator[Line]:
            with (self.place / name).open("rb") as file:
                for line in file:
                    yield orjson.loads(line)

        return lines

    def pack(self, out: Path) -> None:
        """One archive of all files, whole or not at all; nothing is compressed, so that its bytes are the same on every machine.

        Raises:
            Mistake: it cannot be written there, or is there already.
        """
        with private_file(out) as file:
            self._zip(file)

    def _zip(self, file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(self.files):
                about = zipfile.ZipInfo(name, LONG_AGO)
                about.external_attr = verify.PRIVATE
                with archive.open(about, "w") as into, (self.place / name).open("rb") as content:
                    while block := content.read(verify.BLOCK):
                        into.write(block)

    @contextmanager
    def _writing(self, name: str) -> Generator[Callable[[bytes], None]]:
        path = self.place / name
        path.parent.mkdir(exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with path.open("xb") as file:

            def write(block: bytes) -> None:
                nonlocal size
                file.write(block)
                digest.update(block)
                size += len(block)

            yield write
        self.files[name] = File(size, digest.hexdigest())


def json_file(said: Mapping[str, Any]) -> bytes:
    """A file that holds one thing."""
    return orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)

"""Files that their owner alone may read: what is personal, written out to be printed or handed over."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from console.endings import Mistake
from console.language import say


@contextmanager
def private_file(out: Path) -> Generator[IO[bytes]]:
    """A new file to be written, there whole or not at all, mode 0600.

    Raises:
        Mistake: it cannot be written there, or is there already.
    """
    try:
        # Beside it, so that the name can be given to it in one step; a file that is there already keeps its name.
        descriptor, made = tempfile.mkstemp(dir=out.parent, prefix=".siwrnai-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.link(made, out)
        finally:
            os.unlink(made)
    except OSError as error:
        raise Mistake(say("reports.no_file", file=out, why=error.strerror)) from None


def write_private(out: Path, text: str) -> None:
    """Write such a file.

    Raises:
        Mistake: it cannot be written there, or is there already.
    """
    with private_file(out) as file:
        file.write(text.encode())

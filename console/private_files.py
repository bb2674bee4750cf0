"""Files that their owner alone may read: what is personal, written out to be printed or handed over."""

import os
import tempfile
from pathlib import Path

from console.endings import Mistake
from console.language import say


def write_private(out: Path, text: str) -> None:
    """Write a new file, whole or not at all, mode 0600.

    Raises:
        Mistake: it cannot be written there, or is there already.
    """
    try:
        # Beside it, so that the name can be given to it in one step; a file that is there already keeps its name.
        descriptor, made = tempfile.mkstemp(dir=out.parent, prefix=".siwrnai-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(made, out)
        finally:
            os.unlink(made)
    except OSError as error:
        raise Mistake(say("reports.no_file", file=out, why=error.strerror)) from None

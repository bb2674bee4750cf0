"""`siwrnai backup` and `siwrnai restore`: for the parts that run embedded on this machine."""

import asyncio
import sys
from pathlib import Path

from console.endings import Code, Ended, Mistake
from console.language import say
from console.recovering import bring_into_agreement
from console.running import Running, on_deployment, reached, settings, settle
from embedded.backup import CannotBackUp, Manifest, back_up
from embedded.restoring import restore as bring_back
from embedded.settings import Settings
from embedded.stack import Endpoints
from embedded.supervisor import CannotStart


def backup(folder: Path, *, with_keys: bool) -> None:
    """Back up what runs here, and say what is in it and what is not.

    Raises:
        Ended: nothing runs here, a part is not ours to back up, or it could not be copied.
    """
    given, whole = _own(), folder.absolute()

    async def make(here: Running) -> Manifest:
        try:
            return await back_up(here.endpoints, here.authority, whole, with_keys=with_keys, told=_tell)
        except CannotBackUp as error:
            raise Ended(Code.found_wrong, str(error)) from None

    manifest = on_deployment(make)
    print(say("backup.done", folder=folder, files=len(manifest.files)))
    print(say("backup.with_keys" if with_keys else "backup.without_keys", keys=given.keys))


def restore(folder: Path) -> int:
    """Bring a backup back where nothing runs; 1 where a journey is left that is not as the record has it.

    Raises:
        Ended: it could not be done, and nothing has changed.
    """
    given = _own()

    async def agree(endpoints: Endpoints) -> int:
        async with reached(endpoints) as here:
            return await bring_into_agreement(here)

    try:
        code = asyncio.run(bring_back(given, folder.absolute(), agree, _say))
    except (CannotBackUp, CannotStart) as error:
        raise Ended(Code.found_wrong, str(error)) from None
    finally:
        settle()
    print(say("backup.restored", folder=folder, home=given.home))
    return code


def _own() -> Settings:
    """The settings, where all parts are this machine's own."""
    given = settings()
    foreign = [
        name for name, value in (("TEMPORAL_ADDRESS", given.temporal_address), ("DATABASE_URL", given.database_url)) if value is not None
    ]
    if foreign:
        raise Mistake(say("backup.foreign", names=", ".join(foreign)))
    return given


def _tell(part: str) -> None:
    _say(say(f"backup.{part}"))


def _say(words: str) -> None:
    print(words, file=sys.stderr)

"""A rehearsal that is over and was kept: its record, engine, keys and letters in one folder, there to be looked at.

Nothing of it runs but while somebody looks. It is read and not gone on with: to whoever looks it is the instant at which it ended, and its
worker answers what a journey is asked and records nothing, however much later it is opened.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AwareDatetime, BaseModel

from embedded.stack import Endpoints, Stack
from embedded.supervisor import CannotStart, Say
from engine.connect import connect
from record.deployment import Deployment
from record.keys import KeyRing
from record.pool import open_pool
from record.roles import Role, dsn
from record.versions import PRESENT
from schemas.base import Identifier

FILE = "rehearsal.json"

NAMESPACE = "rehearsal"


class Kept(BaseModel, frozen=True):
    """What is written beside the parts of a rehearsal that was kept. Of people and children it holds ids and the script's keys alone."""

    authority: Identifier
    ended_at: AwareDatetime
    """The virtual instant at which it ended."""
    children: Mapping[str, Identifier]
    """By the script's key."""
    reader: Identifier
    """Somebody of the script who may read and take away what is hidden from nobody."""


def kept_in(folder: Path) -> Kept | None:
    """What was kept in that folder; none where it holds no rehearsal."""
    try:
        return Kept.model_validate_json((folder / FILE).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


@asynccontextmanager
async def opened(kept: Kept, folder: Path, say: Say) -> AsyncGenerator[Endpoints]:
    """Its parts, for as long as somebody looks; kept by an older version it is brought up to date.

    Raises:
        CannotStart: a part does not start, somebody looks at it already, or it is a newer version's.
    """
    from worker import journeys_worker  # Heavy, and of no use to whoever only asks what is kept.

    async with Stack(folder, NAMESPACE, time_skipping=True, durable=False).running(say) as endpoints:
        await _bring_up_to_date(kept, endpoints)
        own = database_of(endpoints, kept.authority, f"-c {PRESENT}={kept.ended_at.isoformat()}")
        keys = KeyRing(own.keys)
        client = await connect(own.temporal_address, own.namespace, keys)
        pool = await open_pool(dsn(own.postgres_superuser_dsn, Role.journey, own.keys), "siwrnai rehearsal")
        async with pool, journeys_worker(client, pool, keys, looking=True):
            yield own


async def _bring_up_to_date(kept: Kept, endpoints: Endpoints) -> None:
    from record.migrate import NotThisDatabase, migrate  # Heavy as well.

    superuser = database_of(endpoints, kept.authority).postgres_superuser_dsn
    try:
        await migrate(superuser, KeyRing(endpoints.keys), Deployment(authority=kept.authority, virtual=True))
    except NotThisDatabase as error:
        raise CannotStart(f"What was kept in {endpoints.directory} cannot be opened: {error}") from None


def database_of(endpoints: Endpoints, authority: Identifier, options: str = "") -> Endpoints:
    """The parts with the database of that run: each has one of its own. Sessions begin with these options."""
    parts = urlsplit(endpoints.postgres_superuser_dsn)
    own = parts._replace(path=f"/rehearsal_{authority}", query=f"options={quote(options, safe='')}" if options else parts.query)
    return endpoints.model_copy(update={"postgres_superuser_dsn": urlunsplit(own)})

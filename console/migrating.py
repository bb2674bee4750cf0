"""`siwrnai migrate`: the database, its roles and tables, brought up to date."""

import asyncio

from console.endings import Code, Ended, Mistake
from console.language import say
from console.running import endpoints, settings
from record.deployment import Deployment
from record.migrate import NotThisDatabase
from record.migrate import migrate as bring
from record.roles import passwords


def bring_up_to_date() -> None:
    """Migrate the database that DATABASE_URL names, else the one that runs here.

    Raises:
        Ended: there is none, it cannot be reached, or it is of another authority.
    """
    given = settings()
    dsn, keys = (given.database_url, given.keys) if given.database_url else (endpoints().postgres_superuser_dsn, endpoints().keys)
    try:
        asyncio.run(bring(dsn, passwords(keys), Deployment(authority=given.authority)))
    except NotThisDatabase as error:
        raise Mistake(str(error)) from None
    except OSError as error:
        raise Ended(Code.away, say("away.record", why=type(error).__name__)) from None
    print(say("answer.migrated"))

"""`siwrnai migrate`: the engine's namespace opened; the database, its roles and tables, brought up to date, once the gate was asked of what is
open; the rules put in force.
"""

import asyncio

from console.endings import Code, Ended, Mistake
from console.language import say
from console.running import endpoints, of_one_place, settings
from embedded.engine import open_namespace
from embedded.services import prepare_record, put_rules_in_force
from embedded.settings import Settings
from embedded.stack import Endpoints
from embedded.supervisor import CannotStart
from embedded.upgrade import GateClosed, pass_the_gate
from record.deployment import Deployment
from record.migrate import NotThisDatabase


def bring_up_to_date() -> None:
    """Migrate the database that DATABASE_URL names, else the one that runs here; and what TEMPORAL_ADDRESS names is made ready.

    Raises:
        Ended: there is none, it cannot be reached, or this version cannot go on with what is open: nothing has changed.
        Mistake: it is of another authority, or a newer version's.
    """
    given = of_one_place(settings())
    try:
        asyncio.run(_bring(given, _there(given)))
    except NotThisDatabase as error:
        raise Mistake(str(error)) from None
    except GateClosed as error:
        raise Ended(Code.found_wrong, str(error)) from None
    except CannotStart:
        raise Ended(Code.away, say("away.engine", address=given.temporal_address)) from None
    except OSError as error:
        raise Ended(Code.away, say("away.record", why=type(error).__name__)) from None
    print(say("answer.migrated"))


def _there(given: Settings) -> Endpoints:
    if given.database_url is None:
        return endpoints()
    return Endpoints(
        temporal_address=given.temporal_address or "",
        namespace=given.temporal_namespace,
        postgres_superuser_dsn=given.database_url,
        smtp_url="",
        mailbox=given.home,
        keys=given.keys,
        directory=given.home,
    )


async def _bring(given: Settings, there: Endpoints) -> None:
    deployment = Deployment(authority=given.authority)
    if there.temporal_address:
        await open_namespace(there.temporal_address, there.namespace)
        await prepare_record(there, deployment, lambda: pass_the_gate(there, given.authority))
    else:
        await prepare_record(there, deployment)
    await put_rules_in_force(there, given.authority, given.procedures)

"""The processes of ours that run beside the parts, and what each is told."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from embedded.pages import told_of_pages
from embedded.program import python
from embedded.stack import Endpoints, Stack
from embedded.supervisor import together
from record import versions
from record.deployment import Deployment
from record.keys import KeyRing
from record.migrate import Asked, migrate
from record.pool import open_pool, transaction
from record.roles import Role, dsn
from schemas.timeline import SERVICE

PASSED_ON = ("SIWRNAI_", "OTEL_")
"""Settings of ours, and of OpenTelemetry's exporter, begin so."""


class Service(NamedTuple):
    """One process."""

    name: str
    module: str
    role: Role
    """Whom it logs in to the database as."""


SERVICES = (
    Service("worker", "worker", Role.journey),
    Service("sender", "correspondence.sender", Role.post),
    Service("pages", "web", Role.pages),
    Service("replies", "correspondence.replies", Role.replies),
)
"""They start side by side, and stop in the reverse order."""


def variables(service: Service, endpoints: Endpoints) -> Mapping[str, str]:
    """The environment variables of a service: settings of ours are passed on, addresses are the stack's."""
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    return (
        passed_on
        | told_of_pages(endpoints.directory)
        | {
            "TEMPORAL_ADDRESS": endpoints.temporal_address,
            "TEMPORAL_NAMESPACE": endpoints.namespace,
            "DATABASE_URL": dsn(endpoints.postgres_superuser_dsn, service.role, endpoints.keys),
            "SMTP_URL": endpoints.smtp_url,
            "SIWRNAI_KEYS": str(endpoints.keys),
            "SIWRNAI_REPLIES_FOLDER": str(endpoints.mailbox),
        }
    )


async def prepare_record(endpoints: Endpoints, deployment: Deployment, first: Asked | None = None) -> None:
    """Bring the database up to date, with its roles; one that is there after `first` was asked. Raises what `migrate` raises."""
    await migrate(endpoints.postgres_superuser_dsn, KeyRing(endpoints.keys), deployment, first)


async def put_rules_in_force(endpoints: Endpoints, authority: str, rules: Path) -> None:
    """Put the file of rules in force, and in a new database the first settings and calendar."""
    pool = await open_pool(dsn(endpoints.postgres_superuser_dsn, Role.door, endpoints.keys), "siwrnai serve")
    async with pool, transaction(pool, authority) as connection:
        await versions.begin(connection, await asyncio.to_thread(rules.read_bytes), SERVICE)


async def start_services(stack: Stack, endpoints: Endpoints) -> None:
    """Start every service.

    Raises:
        CannotStart: one did not become ready.
    """
    await together(
        *(stack.child(service.name, python("-m", service.module), variables(service, endpoints)) for service in SERVICES),
    )

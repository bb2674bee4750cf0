"""The embedded Temporal server: its configuration, its process, its namespace."""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.duration_pb2 import Duration
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from embedded.engine_binary import EngineBinary
from embedded.ports import HOST, free_ports
from embedded.program import Program, environment
from embedded.supervisor import CannotStart

RETENTION = timedelta(days=30)
"""How long the engine keeps the history of a run that is closed. The record keeps everything."""

STORE, VISIBILITY = "engine.sqlite", "visibility.sqlite"
"""The files of its stores."""

USABLE_WITHIN = 60.0
"""Seconds that a namespace may take to become usable."""

SERVICES = ("frontend", "history", "matching", "worker")

TUNED: Mapping[str, Any] = {
    # The default second is waited out at every skip of virtual time.
    "history.timerProcessorMaxTimeShift": "10ms",
    # On one machine partitions of a queue only forward tasks and polls to one another.
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    "system.namespaceCacheRefreshInterval": "1s",
}
"""What suits one machine better than the server's defaults."""

TIME_SKIPPING = "frontend.WorkflowTimeSkippingEnabled"


class Engine:
    """The engine of one directory."""

    def __init__(self, binary: EngineBinary, directory: Path, namespace: str, *, time_skipping: bool, durable: bool) -> None:
        self._binary = binary
        self._directory = directory
        self._namespace = namespace
        self._time_skipping = time_skipping
        self._durable = durable
        ports = free_ports(2 * len(SERVICES))
        self._rpc = {
            service: {"grpcPort": grpc, "membershipPort": membership, "bindOnIP": HOST}
            for service, grpc, membership in zip(SERVICES, ports[::2], ports[1::2], strict=True)
        }

    @property
    def address(self) -> str:
        """Where clients reach it."""
        return f"{HOST}:{self._rpc['frontend']['grpcPort']}"

    @property
    def _store(self) -> Path:
        return self._directory / STORE

    def program(self) -> Program:
        """How it is run; its configuration is written anew."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Program(
            name="engine",
            argv=self._server_argv() if self._binary.kind == "server" else self._cli_argv(),
            environment=environment(),
            ready=partial(_answers, self.address),
        )

    def _server_argv(self) -> list[str]:
        _forget_members(self._store)
        configuration = self._directory / "server.yaml"
        configuration.write_text(yaml.safe_dump(self._configuration()))
        (self._directory / "dynamic.yaml").write_text(yaml.safe_dump(self._dynamic_configuration()))
        return [str(self._binary.path), "--config-file", str(configuration), "--allow-no-auth", "start"]

    def _cli_argv(self) -> list[str]:
        """The tool cannot limit time skipping to a namespace: so it is on only in a rehearsal's own process."""
        values = {**TUNED, TIME_SKIPPING: self._time_skipping}
        host, port = self.address.split(":")
        argv = [str(self._binary.path), "server", "start-dev", "--headless", "--ip", host, "--port", port]
        argv += ["--db-filename", str(self._store), "--log-level", "warn"]
        return argv + [part for key, value in values.items() for part in ("--dynamic-config-value", f"{key}={json.dumps(value)}")]

    def _dynamic_configuration(self) -> dict[str, list[dict[str, Any]]]:
        settings: dict[str, list[dict[str, Any]]] = {key: [{"value": value}] for key, value in TUNED.items()}
        settings[TIME_SKIPPING] = [{"value": False}]
        if self._time_skipping:
            settings[TIME_SKIPPING].append({"value": True, "constraints": {"namespace": self._namespace}})
        return settings

    def _configuration(self) -> dict[str, Any]:
        return {
            "log": {"stdout": True, "level": "warn"},
            "persistence": {
                "defaultStore": "default",
                "visibilityStore": "visibility",
                "numHistoryShards": 1,
                "datastores": {"default": self._sqlite(self._store), "visibility": self._sqlite(self._directory / VISIBILITY)},
            },
            "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": HOST}},
            "services": {service: {"rpc": rpc} for service, rpc in self._rpc.items()},
            "clusterMetadata": {
                "enableGlobalNamespace": False,
                "failoverVersionIncrement": 10,
                "masterClusterName": "active",
                "currentClusterName": "active",
                "clusterInformation": {
                    "active": {"enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend", "rpcAddress": self.address}
                },
            },
            "dynamicConfigClient": {"filepath": str(self._directory / "dynamic.yaml"), "pollInterval": "60s"},
        }

    def _sqlite(self, file: Path) -> dict[str, Any]:
        return {
            "sql": {
                "pluginName": "sqlite",
                "databaseName": str(file),
                "connectAddr": "localhost",
                "connectProtocol": "tcp",
                "connectAttributes": {"setup": "true", "journal_mode": "wal", "synchronous": "2" if self._durable else "0"},
                "maxConns": 1,
                "maxIdleConns": 1,
                "maxConnLifetime": "1h",
            }
        }


async def open_namespace(address: str, namespace: str) -> None:
    """Register the namespace where it is missing, and wait until it can be used.

    Raises:
        CannotStart: nothing answers there, or the namespace is not usable within a minute.
    """
    try:
        async with asyncio.timeout(USABLE_WITHIN):
            client = await Client.connect(address, namespace=namespace)
            while not await _is_usable(client):  # noqa: ASYNC110 - the engine tells no one when it is.
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise CannotStart(f"The namespace {namespace} of the engine at {address} was not usable within {USABLE_WITHIN:.0f} s") from None
    except (RuntimeError, RPCError) as error:
        raise CannotStart(f"The engine at {address} cannot be used: {str(error)[:300]}") from None


async def _is_usable(client: Client) -> bool:
    """Whether each of the engine's services knows the namespace: the frontend from its store, matching from its cache."""
    service, namespace = client.workflow_service, client.namespace
    try:
        await service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
        await service.describe_task_queue(DescribeTaskQueueRequest(namespace=namespace, task_queue=TaskQueue(name="journeys")))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            await _register(client)
        elif error.status not in {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED}:
            raise
        return False
    return True


async def _register(client: Client) -> None:
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    request = RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=retention)
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


async def _answers(address: str) -> bool:
    try:
        await Client.connect(address)
    except RuntimeError:
        return False
    return True


def _forget_members(store: Path) -> None:
    """Remove the members of the server's last run, of which none is left since the directory is ours.

    After a restart on other ports it would look for them for a minute.
    """
    if store.exists():
        with closing(sqlite3.connect(store)) as connection, connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'cluster_membership'").fetchone():
                connection.execute("DELETE FROM cluster_membership")

"""What goes wrong between processes: a wire to the engine that can be cut, sessions of the database that end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import asyncpg


class Wire:
    """Carries connections to an address, and drops them all when it is cut. New ones are carried again at once."""

    def __init__(self, address: str) -> None:
        self._host, port = address.rsplit(":", 1)
        self._port = int(port)
        self._ends: set[asyncio.StreamWriter] = set()
        self.address = ""
        """Where clients connect."""

    @asynccontextmanager
    async def laid(self) -> AsyncGenerator["Wire"]:
        """From when it can be used."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        self.address = f"{host}:{port}"
        try:
            yield self
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """Every connection ends, in the middle of whatever it carries."""
        for end in list(self._ends):
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection(self._host, self._port)
            self._ends |= {writer, there_writer}
            await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))
            self._ends -= {writer, there_writer}


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def end_sessions(superuser: str) -> None:
    """Every session of that database ends, in the middle of whatever it does."""
    connection = await asyncpg.connect(superuser)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()

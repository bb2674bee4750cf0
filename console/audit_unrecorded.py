"""Of `siwrnai audit verify`: journeys and meetings that the engine runs, has had recorded, and of which the record knows nothing.

What was begun since the last checkpoint and then taken away with all its rows stands in no list of the record. The engine's list may lag
behind: so each that it names is asked for in the record afterwards, and in the engine's history for something that was written.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.client import Client

from engine.history import activities_of
from engine.journeys import running
from meetings import workflow_of
from record import chains
from record.pool import Pool, transaction
from schemas.engine import Recorded
from schemas.flush import Flush
from schemas.gathered import GatheredFlush
from schemas.meetings import MeetingFlush, MeetingRecorded


@dataclass(frozen=True)
class Unrecorded:
    """Looks for them, for one authority."""

    client: Client
    pool: Pool
    """As the door's role."""
    authority: str

    async def children(self) -> AsyncIterator[str]:
        """Children whose journey runs and had something recorded, and of whom there is no row.

        Raises:
            RPCError: the engine does not answer.
        """
        async for page in running(self.client, "Journey"):
            async with transaction(self.pool, self.authority) as connection:
                unknown = await chains.unknown(connection, page)
            for child in unknown:
                if await self._has_recorded(child):
                    yield child

    async def meetings(self) -> AsyncIterator[str]:
        """The same of meetings; one that was arranged elsewhere, and is only held here, records nothing. Raises what `children` raises."""
        async for page in running(self.client, "Meeting"):
            async with transaction(self.pool, self.authority) as connection:
                unknown = await chains.unknown_meetings(connection, [each.removeprefix(workflow_of("")) for each in page])
            for meeting in unknown:
                if await self._has_logged(meeting):
                    yield meeting

    async def _has_recorded(self, child: str) -> bool:
        async for each in activities_of(self.client, child, "record", Flush, Recorded):
            if each.done and each.asked.authority == self.authority:
                return True
        return False

    async def _has_logged(self, meeting: str) -> bool:
        workflow = workflow_of(meeting)
        async for each in activities_of(self.client, workflow, "record_meeting", MeetingFlush, MeetingRecorded):
            if each.done and each.asked.state.authority == self.authority:
                return True
        async for each in activities_of(self.client, workflow, "record_gathered", GatheredFlush, type(None)):
            if each.done and each.asked.flush.state.authority == self.authority:
                return True
        return False

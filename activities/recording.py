"""The one ordered write: entries, letters, the command's answer and the read models, in one transaction."""

from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError

from record import timeline
from record.keys import KeyMissing, KeyRing
from record.pool import Pool
from record.timeline import NotAppended
from schemas.engine import Recorded
from schemas.flush import Flush


@dataclass(frozen=True)
class Recording:
    """Appends to a child's timeline. Only a journey asks for it."""

    pool: Pool
    keys: KeyRing

    @activity.defn(name="record")
    async def write(self, flush: Flush) -> Recorded:
        """Write once, however often it is asked.

        Raises:
            ApplicationError: final, where engine and record disagree on where the timeline ends: an operator must look.
        """
        try:
            appended = await timeline.append(self.pool, flush, self.keys)
        except (NotAppended, KeyMissing) as error:
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error
        return Recorded(head=appended.head, answer=appended.repeated)

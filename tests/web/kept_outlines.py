"""An outline kept in memory, with one code: enough to see what the page itself does."""

from dataclasses import dataclass

from schemas.answering import InBoth
from schemas.base import Instant
from schemas.outlines import ChildOutline, OutlineRead, OutlineWords, Tried

CODE, NO_CODE = "12345678", "invitee-without"

ADDRESS = f"https://enghraifft.example/{'a' * 60}"
"""As people paste one: it has no place at which a line could end."""

WORDS = OutlineWords(reason=f"Llinell gyntaf.\n\n<b>Second</b> line.\n\n{ADDRESS}", conclusion="Likely to suffer harm.")


@dataclass
class KeptOutlines:
    """Opens with the code; five wrong ones lock it."""

    wrong: int = 0

    async def read(self, invitee: str, code: str, now: Instant) -> OutlineRead:
        """What the code opens."""
        if invitee == NO_CODE:
            return OutlineRead(tried=Tried.no_code)
        if self.wrong >= 5:
            return OutlineRead(tried=Tried.locked)
        if code == CODE:
            label = InBoth(cy="E. P. (7 oed, c-1)", en="E. P. (aged 7, c-1)")
            return OutlineRead(tried=Tried.opened, children=(ChildOutline(label=label, words=WORDS),))
        self.wrong += 1
        return OutlineRead(tried=Tried.wrong if self.wrong < 5 else Tried.locked, left=5 - self.wrong)

"""An order as it stands in the outbox, for whoever checks it."""

from schemas.letters import LetterOrder


class KeptOrder(LetterOrder):
    """With what became of it."""

    letter: str | None = None
    """The letter that it was gathered in; none while it waits for a digest."""
    letter_is_there: bool = True

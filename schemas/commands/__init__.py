"""All that people do to a child's journey, by the stage at which they do it."""

from schemas.commands import conferences, enquiries, moves, reports, taking_over
from schemas.commands.base import COMMANDS, Command, Envelope

__all__ = ["COMMANDS", "Command", "Envelope", "conferences", "enquiries", "moves", "reports", "taking_over"]

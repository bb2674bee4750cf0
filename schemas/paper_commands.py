"""What people do with the papers of a conference that was held."""

from pydantic import Field

from schemas.base import Identifier
from schemas.commands.base import Command
from schemas.meeting_commands import meeting_command
from schemas.papers import Paper


@meeting_command("circulated", "Paper of a conference circulated")
class Circulate(Command):
    """The decision summary with the outline plan, the record, or the outcome of a review goes to each reader: invited people, there or not,
    by mail that only says that something waits; the family by its safe way, once released. Each child's journey is told. Circulated again
    after a correction it goes to everybody again.
    """

    paper: Paper
    children: tuple[Identifier, ...] = Field(default=(), description="Of which children; without it of all for whom it is written.")

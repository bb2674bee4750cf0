"""What people do with agencies' reports to a meeting."""

from typing import ClassVar

from pydantic import Field

from schemas.base import Identifier, Instant
from schemas.commands.base import Command
from schemas.meeting_commands import meeting_command
from schemas.reports import Section


class OfReport(Command):
    """About one agency's report on one child. Its words are in the record already, under the child's own key, when it is sent."""

    service: ClassVar[bool] = True

    invitee: Identifier
    child: Identifier


@meeting_command("report_given", "Agency report given")
class GiveReport(OfReport):
    """Taken however late or thin: both are shown with it."""

    words: str = Field(pattern=r"^report:[0-9a-f]{32}#[0-9a-f]{64}$")
    thin: tuple[Section, ...] = ()
    given_at: Instant | None = None


@meeting_command("report_returned", "Agency report returned by the chair")
class ReturnReport(OfReport):
    """The chair says what is missing; the report stays until another is given."""

    missing: tuple[Section, ...] = Field(min_length=1)
    words: str | None = Field(default=None, pattern=r"^report:[0-9a-f]{32}#[0-9a-f]{64}$")


@meeting_command("reports_shown", "Reports shared with the parents")
class ShowReports(Command):
    """The parents have the reports, in their language and with time to read them."""

    children: tuple[Identifier, ...] = Field(default=(), description="Whose reports; without it of every child of the meeting.")
    invitee: Identifier | None = Field(
        default=None, description="The parent who has them, by the id at the meeting; without it: the parents who are to have them."
    )

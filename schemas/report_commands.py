"""What people do with agencies' reports to a meeting."""

from typing import ClassVar

from pydantic import Field

from schemas.base import Identifier, Instant, PersonId
from schemas.commands.base import Command
from schemas.meeting_commands import meeting_command
from schemas.reports import Section


class OfReport(Command):
    """About one agency's report on one child."""

    invitee: Identifier = Field(description="Whose report it is: the id at the meeting.")
    child: Identifier = Field(description="The child that it is about.")


@meeting_command("report_given", "Agency report given")
class GiveReport(OfReport):
    """Taken however late or thin: both are shown with it. Its words are in the record already, under the child's own key."""

    # People give it with `siwrnai meeting report`, or on the signed page: this is what comes of it.
    service: ClassVar[bool] = True

    words: str = Field(pattern=r"^report:[0-9a-f]{32}#[0-9a-f]{64}$")
    thin: tuple[Section, ...] = ()
    given_at: Instant | None = None


@meeting_command("report_returned", "Agency report returned by the chair")
class ReturnReport(OfReport):
    """The chair says what is missing, by its sections; the report stays until another is given."""

    actor: PersonId = Field(description="The chair of the meeting.")
    missing: tuple[Section, ...] = Field(min_length=1, description="The sections of which more is needed.")


@meeting_command("reports_shown", "Reports shared with the parents")
class ShowReports(Command):
    """The parents have the reports, in their language and with time to read them."""

    children: tuple[Identifier, ...] = Field(default=(), description="Whose reports; without it of every child of the meeting.")
    invitee: Identifier | None = Field(
        default=None, description="The parent who has them, by the id at the meeting; without it: the parents who are to have them."
    )

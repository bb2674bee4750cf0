"""The outbox as the record holds it, and letters as the mail catcher keeps them."""

from email.message import EmailMessage
from pathlib import Path

from rich.markup import escape

from console.endings import Mistake
from console.language import say
from console.running import Running
from console.showing import delivery, screen, short, table, who
from console.viewing import let_in, reader
from embedded.mail_catcher import messages
from record import directory, lists, reads, versions

HEADERS = ("From", "To", "Subject", "Date", "Message-ID")


async def print_outbox(here: Running, child: str | None, most: int) -> None:
    """Print the last letters and what became of them."""
    async with here.record() as connection:
        found = await lists.outbox(connection, child, most)
        people = await directory.people(connection, await versions.now(connection))
    if not found:
        print(say("timeline.no_letters"))
        return
    made = table("when", "letter", "number", "to", "state", "tries")
    for each in found:
        kind, state = say(f"letter.{each.kind}"), delivery(each.state, each.no_address)
        made.add_row(short(each.at), kind, each.letter, escape(who(each.recipient, people)), state, str(each.attempts))
    screen().print(made)


async def print_letter(here: Running, letter: str, actor: str | None) -> None:
    """Print a letter.

    Raises:
        Mistake: there is no such letter, or it is not kept here.
    """
    async with here.record() as connection:
        try:
            found = await lists.letter(connection, letter)
        except LookupError:
            raise Mistake(say("mistakes.unknown_letter", letter=letter)) from None
        await let_in(connection, found.children, actor)
        await reads.log(connection, reader(actor), "letter", [letter, *found.children])
    caught = _caught(here.endpoints.mailbox, letter)
    if caught is None:
        raise Mistake(say("timeline.not_caught", state=delivery(found.state, found.no_address)))
    for name in HEADERS:
        print(f"{name}: {caught[name]}")
    body = caught.get_body(("plain", "html"))
    # A mail's lines end as no terminal's do: a link that is copied would carry it along.
    print("", "" if body is None else body.get_content().replace("\r\n", "\n"), sep="\n")


def _caught(mailbox: Path, letter: str) -> EmailMessage | None:
    """The last that came under the letter's Message-ID."""
    found = [each for each in messages(mailbox) if str(each["Message-ID"]).lstrip("<").partition("@")[0] == letter]
    return found[-1] if found else None

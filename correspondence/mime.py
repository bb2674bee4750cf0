"""A letter as the mail server gets it. Made once and stored: every further try sends the same bytes."""

import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from correspondence.letters import Letter
from correspondence.render import render
from procedures.times import local

HEADERS = policy.SMTP.clone(max_line_length=120)
"""CRLF line ends, and a subject in two languages on one line: folded after its name it would begin with a blank."""

MAILBOX = re.compile(r"[!-;=?A-~]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
"""What every mail server can take, in ASCII."""


class BadAddress(ValueError):
    """No mail server could take a letter to it. Does not repeat the address."""


def build(letter: Letter, sender: Address, recipient: Address) -> bytes:
    """The whole message, deterministic: its id is the letter's, under the sender's domain; its date is the letter's instant."""
    rendered = render(letter)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(local(letter.at))
    message["Message-ID"] = f"<{letter.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Siwrnai-Letter"] = letter.id
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    # Only now: making the alternatives moves every content header into the first part.
    message["Content-Language"] = ", ".join(rendered.languages)
    message.set_boundary(f"=_siwrnai_{letter.id}")
    return message.as_bytes(policy=HEADERS)


def mailbox(text: str) -> Address:
    """`name@domain` or `Name <name@domain>`.

    Raises:
        BadAddress: it is neither, or not in ASCII.
    """
    name, spec = parseaddr(text)
    if not text.isprintable() or text.count("@") != 1 or not MAILBOX.fullmatch(spec):
        raise BadAddress("expected name@domain or Name <name@domain>, in ASCII")
    return Address(name, addr_spec=spec)

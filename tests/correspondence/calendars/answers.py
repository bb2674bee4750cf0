"""Mails as calendar programs write them."""

from tests.correspondence.calendars.facts import HUW, ORGANIZER, UID

SERVER = "mx.siwrnai.example"
PASSED = f"{SERVER}; dmarc=pass header.from=enghraifft.example"


def vevent(*changes: str, without: str = "") -> str:
    """An event as a REPLY has it, without the lines that begin with a word of `without`, and with others at its end."""
    lines = [
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{HUW}",
        f"ORGANIZER;CN=Siwrnai:mailto:{ORGANIZER}",
        f"UID:{UID}",
        "SEQUENCE:0",
        "DTSTAMP:20270302T101112Z",
    ]
    kept = [line for line in lines if not (without and line.startswith(tuple(without.split())))]
    return "\r\n".join(["BEGIN:VEVENT", *kept, *changes, "END:VEVENT"])


def calendar(*inner: str, method: str = "REPLY") -> str:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", f"METHOD:{method}", *(inner or (vevent(),)), "END:VCALENDAR", ""]
    )


def mail(
    body: str | bytes,
    *,
    method: str | None = "REPLY",
    sender: str = f"Huw Bevan <{HUW}>",
    headers: tuple[str, ...] = (f"Authentication-Results: {PASSED}",),
    kind: str = "text/calendar; charset=utf-8",
    encoding: str = "8bit",
) -> bytes:
    """Words and a calendar object, as most programs send them."""
    content = body if isinstance(body, bytes) else body.encode()
    parameter = f"; method={method}" if method else ""
    top = [*headers, f"From: {sender}", f"To: {ORGANIZER}", "Subject: Accepted", "MIME-Version: 1.0"]
    return (
        "\r\n".join(
            [
                *top,
                'Content-Type: multipart/alternative; boundary="b1"',
                *("", "--b1", "Content-Type: text/plain; charset=utf-8", "", "Derbyniwyd.", "--b1"),
                f"Content-Type: {kind}{parameter}",
                f"Content-Transfer-Encoding: {encoding}",
                *("", ""),
            ]
        ).encode()
        + content
        + b"\r\n--b1--\r\n"
    )

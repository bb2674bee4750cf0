"""A calendar object as mail (RFC 6047): words for people in their language, and the object last, for their calendar."""

from collections.abc import Mapping
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from correspondence.calendars.objects import NAME, WRITE
from correspondence.catalogue import LANGUAGES, say
from correspondence.letters import Group, Page, Part, Row
from correspondence.mime import HEADERS
from correspondence.render import Rendered, render_pages
from procedures import words
from procedures.times import local
from schemas.base import Identifier
from schemas.calendars import Event, Method
from schemas.clocks import Language

NOTHING_MORE: Mapping[Language, tuple[Row, ...]] = {}


def build(method: Method, event: Event, identifier: Identifier, more: Mapping[Language, tuple[Row, ...]] = NOTHING_MORE) -> bytes:
    """The whole message, from these facts alone, to the event's one attendee.

    It is from the organiser's mailbox, since some calendar programs take an object from no other, and people's answers go there too.
    Its date is the event's stamp, its id `identifier` under the organiser's domain.

    Args:
        method: invitation (or change), or cancellation.
        event: the meeting as this person is told of it.
        identifier: opaque, and another one for each message.
        more: what the mail says beside the object, by language; calendars are shared, and what is only this person's stands here.
    """
    return message(method, event, identifier, render(method, event, more))


def message(method: Method, event: Event, identifier: Identifier, rendered: Rendered) -> bytes:
    """The same with words for the reader that were made elsewhere."""
    sender = Address(NAME, addr_spec=event.organizer)
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = sender
    made["Reply-To"] = sender
    made["To"] = Address(addr_spec=event.attendee)
    made["Subject"] = rendered.subject
    made["Date"] = format_datetime(local(event.stamp))
    made["Message-ID"] = f"<{identifier}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Siwrnai-Letter"] = identifier
    made.set_content(rendered.text, cte="quoted-printable")
    made.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    made.add_alternative(WRITE[method](event).decode(), subtype="calendar", params={"method": method.value}, cte="base64")
    # Only now: making the alternatives moves every content header into the first part.
    made["Content-Language"] = ", ".join(rendered.languages)
    made.set_boundary(f"=_siwrnai_{identifier}")
    return made.as_bytes(policy=HEADERS)


def render(method: Method, event: Event, more: Mapping[Language, tuple[Row, ...]] = NOTHING_MORE) -> Rendered:
    """What the invited person reads."""
    languages = (event.language,) if event.language else LANGUAGES
    news = _news(method, event)
    subject = f"{NAME}: " + " / ".join(say(f"calendar.subject.{news}", each) for each in languages)
    return render_pages([_page(news, event, each, more.get(each, ())) for each in languages], subject)


def _news(method: Method, event: Event) -> str:
    if method is Method.cancel:
        return "cancelled"
    return "changed" if event.sequence else "invited"


def _page(news: str, event: Event, language: Language, more: tuple[Row, ...]) -> Page:
    told = {
        "start": words.instant(event.start, language),
        "end": words.instant(event.end, language),
        "location": event.location,
        "description": event.description,
        "url": str(event.url) if event.url else None,
    }
    if news == "cancelled":
        told = {name: told[name] for name in ("start", "end")}
    rows = tuple(Row(say(f"calendar.label.{name}", language), tuple(said.splitlines())) for name, said in told.items() if said)
    return Page(
        language=language,
        heading=say(f"calendar.heading.{news}", language),
        intro=say(f"calendar.intro.{news}", language),
        groups=(Group(None, (Part(event.summary, (*rows, *more)),)),),
        do=say(f"calendar.do.{news}", language),
        closing=(say("closing.no_name", language), say("closing.written_by", language)),
    )

"""What the sender takes from its environment."""

import datetime as dt
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from correspondence.calendars.reply_addresses import LONGEST_NAME
from correspondence.mime import mailbox
from correspondence.post import parse_smtp_url
from correspondence.server_urls import ServerUrl
from embedded.settings import Address as HostAndPort
from embedded.settings import Common, Linking, PostgresUrl
from schemas.calendars import Mailbox


def _mail_server(value: object) -> ServerUrl:
    return value if isinstance(value, ServerUrl) else parse_smtp_url(str(value))


def _short_name(value: str) -> str:
    if len(value.partition("@")[0]) > LONGEST_NAME:
        raise ValueError(f"expected a mailbox whose name has at most {LONGEST_NAME} characters: each person's token is added to it")
    return value


def _address(value: object) -> Address:
    return value if isinstance(value, Address) else mailbox(str(value))


class Replying(Common):
    """What a process is told that makes or reads addresses to which calendars answer."""

    replies: Annotated[Mailbox, AfterValidator(_short_name)] = Field(
        default="atebion@localhost.localdomain", validation_alias="SIWRNAI_REPLIES", examples=["atebion@enghraifft.example"]
    )
    """The mailbox that calendars answer to, each person's under an address with a token, `atebion+token@…`: the mail server must deliver all of them to it."""


class SenderSettings(Linking, Replying):
    """What the sender of letters is told."""

    model_config = SettingsConfigDict(arbitrary_types_allowed=True)

    database_url: PostgresUrl = Field(
        validation_alias="DATABASE_URL", examples=["postgresql://siwrnai_post:password@db.internal/siwrnai"], repr=False
    )
    """The record, logged in to as the post."""
    smtp_url: Annotated[ServerUrl, NoDecode, BeforeValidator(_mail_server)] = Field(
        validation_alias="SMTP_URL", examples=["smtp://user:password@mail.internal:587"], repr=False
    )
    """The mail server. STARTTLS is required, but for one on this machine, with `?starttls=no`; `smtps://` speaks TLS from the first byte."""
    mail_from: Annotated[Address, NoDecode, BeforeValidator(_address)] = Field(
        default=mailbox("Siwrnai <siwrnai@localhost.localdomain>"),
        validation_alias="SIWRNAI_MAIL_FROM",
        examples=["Siwrnai <siwrnai@enghraifft.example>"],
    )
    """The sender of letters. Its domain is that of their Message-IDs."""
    mail_timeout: float = Field(default=60, gt=0, validation_alias="SIWRNAI_MAIL_TIMEOUT", examples=["60"])
    """Seconds that one try to hand over a letter may take."""
    mail_connections: int = Field(default=4, ge=1, le=50, validation_alias="SIWRNAI_MAIL_CONNECTIONS", examples=["4"])
    """Connections to the mail server over which letters go side by side; those to one person go one after the other."""
    mail_poll: float = Field(default=1, gt=0, validation_alias="SIWRNAI_MAIL_POLL", examples=["1"])
    """Seconds between two looks into the outbox."""
    mail_settle: float = Field(default=2, ge=0, validation_alias="SIWRNAI_MAIL_SETTLE", examples=["2"])
    """Seconds that a new letter is left alone, so that siblings' orders come together in it."""
    mail_retry_first: float = Field(default=5, gt=0, validation_alias="SIWRNAI_MAIL_RETRY_FIRST", examples=["5"])
    """Seconds to the second try of a letter; each further wait is twice as long."""
    mail_retry_cap: float = Field(default=900, gt=0, validation_alias="SIWRNAI_MAIL_RETRY_CAP", examples=["900"])
    """Seconds that a wait grows to at most."""
    metrics: HostAndPort | None = Field(default=None, validation_alias="SIWRNAI_SENDER_METRICS", examples=["127.0.0.1:9465"])
    """Where the sender serves metrics for Prometheus, as address:port. Off by default; see observing.md."""
    ready_file: Path | None = Field(default=None, validation_alias="SIWRNAI_READY_FILE", examples=["/run/siwrnai/sender.ready"])
    """The sender makes this file once it is at work."""

    @property
    def lease(self) -> dt.timedelta:
        """How long a claimed letter is one sender's own: longer than a try can take. After a crash it goes again then."""
        return dt.timedelta(seconds=2 * self.mail_timeout)

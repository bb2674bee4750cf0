"""What the reader of answers takes from its environment."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from correspondence.mailboxes import parse_imap_url
from correspondence.server_urls import ServerUrl
from correspondence.settings import Replying
from embedded.settings import Address, Folder, PostgresUrl

SERVER = re.compile(r"[A-Za-z0-9._-]{1,253}")


def _imap_server(value: object) -> ServerUrl | None:
    return value if value is None or isinstance(value, ServerUrl) else parse_imap_url(str(value))


def _authserv_ids(value: str) -> str:
    if not all(SERVER.fullmatch(each.strip()) for each in value.split(",")):
        raise ValueError("expected the names by which mail servers sign Authentication-Results, separated by commas")
    return value


class ReplySettings(Replying):
    """What the reader of answers is told."""

    model_config = SettingsConfigDict(arbitrary_types_allowed=True)

    temporal_address: Address = Field(validation_alias="TEMPORAL_ADDRESS", examples=["temporal.internal:7233"])
    """The engine, as host:port: an answer goes to its meeting."""
    database_url: PostgresUrl = Field(
        validation_alias="DATABASE_URL", examples=["postgresql://siwrnai_replies:password@db.internal/siwrnai"], repr=False
    )
    """The record, logged in to as the reader of answers."""
    imap_url: Annotated[ServerUrl | None, NoDecode, BeforeValidator(_imap_server)] = Field(
        default=None, validation_alias="SIWRNAI_IMAP_URL", examples=["imaps://user:password@mail.internal:993/INBOX"], repr=False
    )
    """The mailbox to which calendars answer and letters come back, for the service alone: what is marked as read there is not read again.
    STARTTLS is required, but for a server on this machine, with `?starttls=no`; `imaps://` speaks TLS from the first byte."""
    folder: Folder | None = Field(default=None, validation_alias="SIWRNAI_REPLIES_FOLDER", examples=["/var/lib/siwrnai/mailbox"])
    """The mail catcher's folder, which is read where there is no SIWRNAI_IMAP_URL. `siwrnai serve` says where it is."""
    authserv_ids: Annotated[str, AfterValidator(_authserv_ids)] | None = Field(
        default=None, validation_alias="SIWRNAI_AUTHSERV_ID", examples=["mx.enghraifft.example"]
    )
    """The name under which the own mail server writes Authentication-Results (RFC 8601); several, separated by commas. By them alone a
    sender is believed. Without it every answer by mail waits for a person to confirm it."""
    poll: float = Field(default=5, gt=0, validation_alias="SIWRNAI_IMAP_POLL", examples=["5"])
    """Seconds between two looks into the mailbox."""
    timeout: float = Field(default=60, gt=0, validation_alias="SIWRNAI_IMAP_TIMEOUT", examples=["60"])
    """Seconds that the mailbox may take to answer."""
    metrics: Address | None = Field(default=None, validation_alias="SIWRNAI_REPLIES_METRICS", examples=["127.0.0.1:9466"])
    """Where the reader of answers serves metrics for Prometheus, as address:port. Off by default; see observing.md."""
    ready_file: Path | None = Field(default=None, validation_alias="SIWRNAI_READY_FILE", examples=["/run/siwrnai/replies.ready"])
    """The reader makes this file once it is at work."""

    @property
    def servers(self) -> frozenset[str]:
        """The authserv-ids."""
        return frozenset(each.strip() for each in (self.authserv_ids or "").split(",") if each.strip())

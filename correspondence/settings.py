"""What the sender takes from its environment: each an environment variable of that name in capitals."""

import datetime as dt
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from correspondence.mime import mailbox
from correspondence.post import MailServer, parse_smtp_url


def _mail_server(value: object) -> MailServer:
    return value if isinstance(value, MailServer) else parse_smtp_url(str(value))


def _address(value: object) -> Address:
    return value if isinstance(value, Address) else mailbox(str(value))


class SenderSettings(BaseSettings):
    """A wrong one is refused at start, by its name, with what would be right."""

    model_config = {"arbitrary_types_allowed": True, "hide_input_in_errors": True}

    database_url: SecretStr
    """The record, logged in to as the post."""
    siwrnai_keys: Path
    """The directory of the key ring."""
    smtp_url: Annotated[MailServer, NoDecode, BeforeValidator(_mail_server)]
    """`smtp://[user:password@]host:port[?starttls=no]` or `smtps://…`. STARTTLS is required but for this machine's own server."""
    siwrnai_mail_from: Annotated[Address, NoDecode, BeforeValidator(_address)] = mailbox("Siwrnai <siwrnai@localhost.localdomain>")
    """The sender. Its domain is that of the Message-IDs: keep it."""
    siwrnai_mail_timeout: float = Field(default=60, gt=0)
    """Seconds that one try may take."""
    siwrnai_mail_poll: float = Field(default=1, gt=0)
    """Seconds between two looks into the outbox."""
    siwrnai_mail_settle: float = Field(default=2, ge=0)
    """Seconds that a new letter is left alone, so that siblings' orders come together in it."""
    siwrnai_mail_retry_first: float = Field(default=5, gt=0)
    """Seconds to the second try of a deferred letter; each further wait is twice as long."""
    siwrnai_mail_retry_cap: float = Field(default=900, gt=0)
    """Seconds that a wait grows to at most."""
    siwrnai_ready_file: Path | None = None
    """Made once the sender is at work."""

    @property
    def lease(self) -> dt.timedelta:
        """How long a claimed letter is one sender's own: longer than a try can take. After a crash it goes again then."""
        return dt.timedelta(seconds=2 * self.siwrnai_mail_timeout)

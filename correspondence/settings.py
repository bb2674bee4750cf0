"""What the sender takes from its environment."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class SenderSettings(BaseSettings):
    """Each is an environment variable of that name in capitals; a wrong one is refused at start, by its name."""

    database_url: SecretStr
    smtp_url: SecretStr
    """`smtp://[user:password@]host:port[?starttls=no]` or `smtps://…`. STARTTLS is required but for this machine's own server."""
    siwrnai_mail_from: str = "Siwrnai <siwrnai@localhost.localdomain>"
    """The sender. Its domain is that of the Message-IDs: keep it, or letters that are tried again would get new ones."""
    siwrnai_mail_timeout: float = Field(default=30, gt=0)
    """Seconds to wait for an answer of the mail server."""
    siwrnai_mail_poll: float = Field(default=5, gt=0)
    """Seconds between two looks into the outbox where nothing woke the sender before."""
    siwrnai_mail_retry_first: float = Field(default=5, gt=0)
    """Seconds to the second try of a deferred letter; each further wait is twice as long."""
    siwrnai_mail_retry_cap: float = Field(default=900, gt=0)
    """Seconds that a wait grows to at most."""
    siwrnai_ready_file: Path | None = None
    """Written once the sender is at work."""

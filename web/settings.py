"""What the pages take from their environment."""

from pathlib import Path

from pydantic import Field

from embedded.settings import Address, Linking, PostgresUrl


class WebSettings(Linking):
    """What the pages are told."""

    temporal_address: Address = Field(validation_alias="TEMPORAL_ADDRESS", examples=["temporal.internal:7233"])
    """The engine, as host:port: an answer goes to its meeting."""
    database_url: PostgresUrl = Field(
        validation_alias="DATABASE_URL", examples=["postgresql://siwrnai_pages:password@db.internal/siwrnai"], repr=False
    )
    """The record, logged in to as the pages."""
    address: Address = Field(default="127.0.0.1:8047", validation_alias="SIWRNAI_WEB_ADDRESS", examples=["127.0.0.1:8047"])
    """Where the pages are served, as address:port: plain HTTP, to stand behind a server that speaks TLS. `siwrnai serve` takes a free port of
    this machine where it is left out, and keeps to it."""
    ready_file: Path | None = Field(default=None, validation_alias="SIWRNAI_READY_FILE", examples=["/run/siwrnai/pages.ready"])
    """The process makes this file once the pages can be opened."""

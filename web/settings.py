"""What the pages take from their environment."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from embedded.settings import Address, Common

_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")


def _base(value: str) -> str:
    if not _URL.fullmatch(value.rstrip("/")):
        raise ValueError("expected https://host, since a link is a secret; http:// on this machine alone")
    return value.rstrip("/")


class WebSettings(Common):
    """What the pages are told."""

    address: Address = Field(default="127.0.0.1:8047", validation_alias="SIWRNAI_WEB_ADDRESS", examples=["127.0.0.1:8047"])
    """Where the pages are served, as address:port: plain HTTP, to stand behind a server that speaks TLS."""
    url: Annotated[str, AfterValidator(_base)] = Field(
        default="http://127.0.0.1:8047", validation_alias="SIWRNAI_WEB_URL", examples=["https://siwrnai.enghraifft.example"]
    )
    """How people reach the pages: what links in invitations begin with."""
    ready_file: Path | None = Field(default=None, validation_alias="SIWRNAI_READY_FILE", examples=["/run/siwrnai/pages.ready"])
    """The process makes this file once the pages can be opened."""

"""Where the pages are on this machine. Links to them stand in letters that have gone, so the address of a folder of data stays."""

import os
from collections.abc import Mapping
from pathlib import Path

from embedded.ports import HOST, free_ports

PORT = "pages.port"
"""The file in the folder of data that keeps it."""

ADDRESS, URL = "SIWRNAI_WEB_ADDRESS", "SIWRNAI_WEB_URL"


def told_of_pages(directory: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that say where the pages are, unless the environment says so."""
    address = environment.get(ADDRESS) or f"{HOST}:{_port(directory)}"
    return {ADDRESS: address, URL: environment.get(URL) or f"http://{address}"}


def _port(directory: Path) -> int:
    kept = directory / PORT
    try:
        return int(kept.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        (port,) = free_ports(1)
        kept.write_text(str(port), encoding="ascii")
        return port

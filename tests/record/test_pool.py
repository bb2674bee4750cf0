"""What counts as the database being away."""

from pathlib import Path

import pytest

from record.pool import AWAY, open_pool


@pytest.mark.parametrize("host", ["nowhere.invalid:5432", "127.0.0.1:9"])
async def test_a_name_that_nobody_knows_and_a_port_where_nobody_listens_are_away(host: str) -> None:
    with pytest.raises(AWAY):
        await open_pool(f"postgresql://siwrnai_door@{host}/siwrnai", "tests", most=1)


async def test_so_is_a_socket_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AWAY):
        await open_pool(f"postgresql://siwrnai_door@/siwrnai?host={tmp_path}", "tests", most=1)


def test_no_error_of_a_file_is() -> None:
    for error in (FileNotFoundError, PermissionError, IsADirectoryError, OSError):
        assert not issubclass(error, AWAY)

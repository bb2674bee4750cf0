"""Keys stand outside the database, readable by the service alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from record.keys import KeyMissing, KeyRing
from record.roles import Role, dsn


def test_of_two_makers_both_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(KeyRing(tmp_path).make_child_key, ["c-1"] * 32))
    assert len(made) == 1
    assert [path.name for path in (tmp_path / "children").iterdir()] == ["c-1.key"]


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    keys = KeyRing(tmp_path)
    keys.make_child_key("c-1")
    keys.codec.current()
    assert keys.public_key is not None
    dsn("postgresql://postgres@/siwrnai?host=/tmp", Role.door, tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_a_destroyed_key_is_gone(tmp_path: Path) -> None:
    keys = KeyRing(tmp_path)
    keys.make_child_key("c-1")
    keys.destroy_child_key("c-1")
    keys.destroy_child_key("c-1")
    with pytest.raises(KeyMissing, match="c-1"):
        keys.child_key("c-1")


def test_a_ring_seals_with_its_newest_and_opens_with_its_older_keys(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path).codec
    old = ring.current()
    new = ring.rotate()
    assert ring.current() == new != old
    assert ring.get(old.id) == old.key
    for wrong in ("9", "../signing"):
        with pytest.raises(KeyMissing):
            ring.get(wrong)


@pytest.mark.parametrize("child", ["../signing", ".hidden", "a/b"])
def test_no_id_leads_out_of_the_directory(tmp_path: Path, child: str) -> None:
    with pytest.raises(ValueError, match="not the id of a child"):
        KeyRing(tmp_path).make_child_key(child)


def test_a_dsn_keeps_all_but_who_logs_in(tmp_path: Path) -> None:
    made = dsn("postgresql://postgres:x@db.example:5433/siwrnai?sslmode=require", Role.post, tmp_path)
    assert made.startswith("postgresql://siwrnai_post:")
    assert made.endswith("@db.example:5433/siwrnai?sslmode=require")
    assert made == dsn("postgresql://other@db.example:5433/siwrnai?sslmode=require", Role.post, tmp_path)

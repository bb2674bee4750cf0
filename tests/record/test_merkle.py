"""The root over leaves that come one by one is that of RFC 6962."""

import hashlib
from collections.abc import Sequence

import pytest

from record.merkle import Tree


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def by_definition(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) <= 1:
        return sha256(b"\0" + leaves[0]) if leaves else sha256(b"")
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + by_definition(leaves[:half]) + by_definition(leaves[half:]))


@pytest.mark.parametrize("many", [*range(0, 20), 127, 128, 129])
def test_the_root_is_that_of_the_definition(many: int) -> None:
    leaves = [str(number).encode() for number in range(many)]
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    assert (tree.leaves, tree.root()) == (many, by_definition(leaves))


def test_what_is_kept_is_the_path_alone() -> None:
    tree = Tree()
    for number in range(60_000):
        tree.add(str(number).encode())
    assert len(vars(tree)["_whole"]) <= 16

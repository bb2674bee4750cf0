"""The root of a Merkle tree (as in RFC 6962) over leaves that come one by one: of any number of them no more than the path to the last is kept."""

import hashlib

LEAF, NODE = b"\x00", b"\x01"
"""Before what is hashed, so that no leaf can be passed off as a node."""


class Tree:
    """Grows leaf by leaf."""

    def __init__(self) -> None:
        self.leaves = 0
        self._whole: list[tuple[int, bytes]] = []
        """The whole subtrees, the largest first: how many leaves each has, and its root."""

    def add(self, leaf: bytes) -> None:
        """One more, after all that are there."""
        self.leaves += 1
        size, root = 1, hashlib.sha256(LEAF + leaf).digest()
        while self._whole and self._whole[-1][0] == size:
            root = _node(self._whole.pop()[1], root)
            size *= 2
        self._whole.append((size, root))

    def root(self) -> bytes:
        """Of all that were added; SHA-256 of nothing where there are none."""
        if not self._whole:
            return hashlib.sha256(b"").digest()
        *rest, (_, root) = self._whole
        for _, left in reversed(rest):
            root = _node(left, root)
        return root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()

"""The key ring: files outside the database and its backups, each readable by the service's own account alone (0600)."""

import os
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES = 32


class KeyMissing(LookupError):
    """There is no such key: it never was, or it was destroyed. What it sealed cannot be read."""

    ids_only = True


class RingKey(NamedTuple):
    """One key of a ring, and the id under which what it sealed names it."""

    id: str
    key: bytes


def keep_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; where there is none it is made, whole and on disk before anyone sees it. The first of two makers wins."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return _made(path, make())


def _made(path: Path, secret: bytes) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_bytes()
    finally:
        draft.unlink()
    _sync(path.parent)
    return secret


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _random_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


class Ring:
    """Keys that follow one another: the newest seals, the older ones still open."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def current(self) -> RingKey:
        """The newest key; the first is made when it is first asked for."""
        number = max(self._numbers(), default=1)
        return RingKey(str(number), keep_secret(self._path(number), _random_key))

    def get(self, id: str) -> bytes:
        """The key of that id.

        Raises:
            KeyMissing: there is none.
        """
        try:
            return self._path(int(id)).read_bytes()
        except (FileNotFoundError, ValueError) as error:
            raise KeyMissing(f"no key {id!r} in the ring {self._directory.name}") from error

    def all(self) -> list[bytes]:
        """Every key that is there, the newest last."""
        return [self._path(number).read_bytes() for number in sorted(self._numbers())]

    def rotate(self) -> RingKey:
        """A new key for all that is sealed from now on."""
        number = max(self._numbers(), default=0) + 1
        return RingKey(str(number), keep_secret(self._path(number), _random_key))

    def _path(self, number: int) -> Path:
        return self._directory / f"{number}.key"

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self._directory.glob("*.key") if path.stem.isdigit()]


class KeyRing:
    """All keys of one deployment. Never in the database, never in its backups."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.codec = Ring(directory / "codec")
        """For what crosses the engine."""
        self.post = Ring(directory / "post")
        """For the bytes of letters kept for further tries."""
        self.links = Ring(directory / "links")
        """Signs the links that invitees are sent."""

    def child_key(self, child: str) -> bytes:
        """The child's key (256 bits).

        Raises:
            KeyMissing: it was never made, or was destroyed with the record.
        """
        self._refuse_destroyed(child)
        try:
            return self._child_path(child).read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(f"no key for child {child}") from error

    def make_child_key(self, child: str) -> bytes:
        """The child's key, made where there is none yet.

        Raises:
            KeyMissing: it was destroyed with the record.
        """
        self._refuse_destroyed(child)
        return keep_secret(self._child_path(child), _random_key)

    def destroy_for_good(self, child: str, record: bytes) -> None:
        """Keep the record of destruction beside the keys, then destroy the key. From the first of the two on the key opens nothing more,
        also where a copy of it is brought back; what is kept first stays.
        """
        keep_secret(self._destroyed_path(child), lambda: record)
        self.destroy_child_key(child)

    def destroyed(self) -> dict[str, bytes]:
        """The records of destruction that are kept here, by child."""
        return {path.stem: path.read_bytes() for path in sorted((self.directory / "destroyed").glob("[!.]*.json"))}

    def is_there(self, child: str) -> bool:
        """Whether a file of that key is there, whether it may be used or not."""
        return self._child_path(child).exists()

    def destroy_child_key(self, child: str) -> None:
        """After this nothing of what is recorded of the child can be read, though its chain still verifies. Repeating it does nothing."""
        path = self._child_path(child)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _sync(path.parent)

    @cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        """Signs each entry of a timeline, and of a meeting's log. Made where there is none yet."""
        return Ed25519PrivateKey.from_private_bytes(keep_secret(self._signing, _random_key))

    @property
    def has_signing_key(self) -> bool:
        """Whether there is one; none is made."""
        return self._signing.exists()

    @property
    def public_key(self) -> Ed25519PublicKey:
        """Checks the signatures."""
        return self.signing_key.public_key()

    @property
    def _signing(self) -> Path:
        return self.directory / "signing.key"

    def _refuse_destroyed(self, child: str) -> None:
        if self._destroyed_path(child).exists():
            raise KeyMissing(f"the key for child {child} was destroyed")

    def _destroyed_path(self, child: str) -> Path:
        self._check(child)
        return self.directory / "destroyed" / f"{child}.json"

    @cached_property
    def checkpoint_key(self) -> Ed25519PrivateKey:
        """Signs each checkpoint over all chains. Made where there is none yet."""
        return Ed25519PrivateKey.from_private_bytes(keep_secret(self.directory / "checkpoint.key", _random_key))

    def _child_path(self, child: str) -> Path:
        self._check(child)
        return self.directory / "children" / f"{child}.key"

    def _check(self, child: str) -> None:
        if "/" in child or child.startswith("."):
            raise ValueError(f"not the id of a child: {child!r}")

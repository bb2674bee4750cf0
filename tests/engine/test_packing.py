"""What crosses the engine is packed before it is encrypted, and what was kept unpacked is read as ever."""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload

from engine.codec import ENCODING, NONCE_BYTES, EncryptingCodec
from record.keys import KeyRing


async def test_a_large_payload_is_packed_and_comes_back_as_it_was(tmp_path: Path) -> None:
    codec = EncryptingCodec(KeyRing(tmp_path).codec)
    large = Payload(metadata={"encoding": b"json/plain"}, data=b'{"due": "2026-11-20T17:40:00+00:00"}' * 200)
    small = Payload(metadata={"encoding": b"json/plain"}, data=b"1")
    kept = await codec.encode([large, small])
    assert len(kept[0].data) < len(large.data) / 10
    assert "packed" not in kept[1].metadata
    assert await codec.decode(kept) == [large, small]


async def test_a_payload_of_before_is_read(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path).codec
    codec = EncryptingCodec(ring)
    large = Payload(data=b"x" * 5000)
    current, nonce = ring.current().id, b"0" * NONCE_BYTES
    sealed = AESGCM(ring.current().key).encrypt(nonce, large.SerializeToString(), None)
    old = Payload(metadata={"encoding": ENCODING, "key": current.encode()}, data=nonce + sealed)
    assert await codec.decode([old]) == [large]

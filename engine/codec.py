"""Payloads and failures are encrypted before the engine sees them, though no words or names of people are in them anyway.

AES-256-GCM under the current key of a ring; older keys stay in the ring so that older histories can be read.
"""

import secrets
import zlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec

from record.keys import KeyMissing, Ring

ENCODING = b"binary/encrypted"
NONCE_BYTES = 12

PACKED = b"zlib"
WORTH_PACKING = 400
"""Bytes from which a payload is packed before it is encrypted: plans and letters say much alike."""


class UnknownKey(Exception):
    """A payload was encrypted under a key that is not in the ring: restore the key file, nothing else can read it."""

    ids_only = True


class EncryptingCodec(PayloadCodec):
    """Encrypts under the current key, decrypts under any key of the ring."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.current = ring.current().id
        self.ciphers: dict[str, AESGCM] = {}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload whole, metadata and all."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what is encrypted; leave what is not.

        Raises:
            UnknownKey: where the key is not in the ring.
        """
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain, metadata = payload.SerializeToString(), {"encoding": ENCODING, "key": self.current.encode()}
        if len(plain) >= WORTH_PACKING:
            plain, metadata["packed"] = zlib.compress(plain, 1), PACKED
        return Payload(metadata=metadata, data=nonce + self._cipher(self.current).encrypt(nonce, plain, None))

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        cipher = self._cipher(payload.metadata["key"].decode())
        plain = cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], None)
        return Payload.FromString(zlib.decompress(plain) if payload.metadata.get("packed") == PACKED else plain)

    def _cipher(self, name: str) -> AESGCM:
        if name not in self.ciphers:
            try:
                self.ciphers[name] = AESGCM(self.ring.get(name))
            except KeyMissing as error:
                raise UnknownKey(f"the engine holds data encrypted under the key {name}, which is not in the key ring") from error
        return self.ciphers[name]


def data_converter(codec: PayloadCodec | None) -> DataConverter:
    """Pydantic models in and out; failures' messages and stacks encrypted like everything else."""
    return DataConverter(
        payload_converter_class=PydanticPayloadConverter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )

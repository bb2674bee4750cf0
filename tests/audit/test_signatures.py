"""The verifier's own check of Ed25519 says what RFC 8032 and the cryptography package say."""

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.verifier.verify import ORDER, signature_holds

RFC_8032 = (
    # Section 7.1: key, message, signature.
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
)


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_vectors_of_the_standard_hold_and_nothing_near_them_does(key: str, message: str, signature: str) -> None:
    public, said, by = (bytes.fromhex(each) for each in (key, message, signature))
    assert signature_holds(public, said, by)
    assert not signature_holds(public, said + b"\0", by)
    for at in range(0, 64, 7):
        assert not signature_holds(public, said, by[:at] + bytes([by[at] ^ 1]) + by[at + 1 :])
    for at in range(0, 32, 5):
        assert not signature_holds(public[:at] + bytes([public[at] ^ 1]) + public[at + 1 :], said, by)


def theirs(key: bytes, message: bytes, signature: bytes) -> bool:
    """What the cryptography package says."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(secret=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), bit=st.integers(0, 511), where=st.sampled_from("skm"))
def test_it_says_what_cryptography_says(secret: bytes, message: bytes, bit: int, where: str) -> None:
    private = Ed25519PrivateKey.from_private_bytes(secret)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert signature_holds(key, message, signature)
    changed = {"k": key, "s": signature, "m": message or b"\0"}
    changed[where] = flipped(changed[where], bit)
    given_ = (changed["k"], changed["m"], changed["s"])
    assert signature_holds(*given_) is theirs(*given_) is False


def test_a_scalar_beyond_the_order_is_refused() -> None:
    """Otherwise anybody could make a second signature out of the first."""
    key, message, signature = (bytes.fromhex(each) for each in RFC_8032[1])
    other = int.from_bytes(signature[32:], "little") + ORDER
    assert not signature_holds(key, message, signature[:32] + other.to_bytes(32, "little"))


@pytest.mark.parametrize(("key", "signature"), [(b"", b"\0" * 64), (b"\0" * 31, b"\0" * 64), (b"\0" * 32, b""), (b"\xff" * 32, b"\0" * 64)])
def test_what_is_no_key_or_no_signature_holds_nothing(key: bytes, signature: bytes) -> None:
    assert not signature_holds(key, b"", signature)


def flipped(written: bytes, bit: int) -> bytes:
    """The same with one bit turned over."""
    at = bit // 8 % len(written)
    return written[:at] + bytes([written[at] ^ 1 << bit % 8]) + written[at + 1 :]

"""Signatures: one key's word for one manifest, and nothing else passes for it (S004-36)."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.errors import ConfigError
from ai_ops.learn.signature import CONTEXT, Forged, Signer, Verifier, key_id_of, keys_of, new_key_pair

RFC_PRIVATE = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
RFC_PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""The first key of RFC 8032, section 7.1."""

MANIFEST = b'{"files": {}}\n'
SIGNED = Signer(RFC_PRIVATE).sign(MANIFEST)


def edited(**values: object) -> bytes:
    """The signature with other values in it, written as the product writes."""
    return json.dumps({**json.loads(SIGNED), **values}, sort_keys=True, indent=1).encode() + b"\n"


def test_a_key_is_that_of_the_standard() -> None:
    """The public half follows from the private one as RFC 8032 says, so any other tool can verify."""
    assert Signer(RFC_PRIVATE).verifier.public == RFC_PUBLIC
    assert Signer(RFC_PRIVATE).verifier.key_id == key_id_of(base64.b64decode(RFC_PUBLIC)) == "21fe31df"


def test_what_is_signed_can_be_verified_without_us() -> None:
    """The plain algorithm over the documented bytes, nothing of our own invention."""
    value = base64.b64decode(json.loads(SIGNED)["value"])
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(RFC_PRIVATE))
    key.public_key().verify(value, b"neuropilot model manifest 1\n" + MANIFEST)


def test_the_same_manifest_has_the_same_signature() -> None:
    """Ed25519 draws no random numbers, so that a version has the same bytes wherever it is written."""
    assert Signer(RFC_PRIVATE).sign(MANIFEST) == SIGNED


def test_its_own_key_verifies_it() -> None:
    """The good case."""
    Verifier(RFC_PUBLIC).verify(MANIFEST, SIGNED)


@given(st.binary(max_size=200))
def test_it_fits_no_other_manifest(other: bytes) -> None:
    """Whatever else is put in its place."""
    if other != MANIFEST:
        with pytest.raises(Forged, match="does not fit"):
            Verifier(RFC_PUBLIC).verify(other, SIGNED)


def test_another_key_is_told_by_its_id() -> None:
    """So that whoever changed the key knows what happened."""
    with pytest.raises(Forged, match="another key than"):
        Verifier(new_key_pair().public).verify(MANIFEST, SIGNED)


def test_a_key_that_borrows_the_id_is_found_out() -> None:
    """The id is for people; the mathematics decides."""
    foreign = json.loads(Signer(new_key_pair().private).sign(MANIFEST))["value"]
    with pytest.raises(Forged, match="does not fit"):
        Verifier(RFC_PUBLIC).verify(MANIFEST, edited(value=foreign))


def test_a_signature_of_the_bare_manifest_is_none() -> None:
    """What the key signed for another purpose does not vouch for a model."""
    bare = Ed25519PrivateKey.from_private_bytes(base64.b64decode(RFC_PRIVATE)).sign(MANIFEST)
    with pytest.raises(Forged, match="does not fit"):
        Verifier(RFC_PUBLIC).verify(MANIFEST, edited(value=base64.b64encode(bare).decode()))
    assert CONTEXT.endswith(b"\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (edited(algorithm="none"), "another algorithm"),
        (edited(algorithm="ed25519ph"), "another algorithm"),
        (edited(schema=2), "another schema"),
        (edited(schema=True), "was edited"),
        (edited(value=""), "does not fit"),
        (edited(value="AAAA"), "does not fit"),
        (edited(value=None), "cannot be read"),
        (edited(value=["AAAA"]), "cannot be read"),
        (edited(note="x"), "was edited"),
        (SIGNED + b"\n", "was edited"),
        (SIGNED.replace(b"\n", b"\r\n"), "was edited"),
        (b"\xef\xbb\xbf" + SIGNED, "cannot be read|was edited"),
        (b"", "cannot be read"),
        (b"null", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"\x80\x04\x95", "cannot be read"),
    ],
)
def test_what_is_not_written_so_is_refused(content: bytes, says: str) -> None:
    """Another algorithm, "none" among them, another schema, or a file that was touched."""
    with pytest.raises(Forged, match=says):
        Verifier(RFC_PUBLIC).verify(MANIFEST, content)


def test_every_flipped_bit_shows() -> None:
    """Also those that base64 does not use: there is one way to write a signature."""
    verifier = Verifier(RFC_PUBLIC)
    for place in range(8 * len(SIGNED)):
        altered = bytearray(SIGNED)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises(Forged):
            verifier.verify(MANIFEST, bytes(altered))


def test_two_new_pairs_differ_and_each_belongs_together() -> None:
    """A pair from the verb is ready to be set."""
    first, second = new_key_pair(), new_key_pair()
    assert len({first.private, first.public, second.private, second.public}) == 4
    assert Signer(first.private).verifier.public == first.public


def test_the_private_half_is_not_shown_by_accident() -> None:
    """Not in a log, not in a traceback (H09)."""
    pair = new_key_pair()
    assert pair.private not in f"{pair!r} {pair}"
    assert pair.private not in repr(Signer(pair.private))


@pytest.mark.parametrize("text", ["", "AAAA", "!" * 44, RFC_PUBLIC + "AAAA", "ü" * 44])
def test_what_is_no_key_is_a_mistake_in_the_settings(text: str) -> None:
    """Its name is said, its value is not."""
    with pytest.raises(ConfigError, match=r"model\.verification_key is no Ed25519 key.*neuropilot model key"):
        Verifier(text)
    with pytest.raises(ConfigError, match="NEUROPILOT_SIGNING_KEY is no Ed25519 key"):
        Signer(text)


def test_keys_come_from_what_is_configured() -> None:
    """Nothing, the public half where models are only loaded, the private half alone, or both."""
    assert keys_of("", "") == (None, None)
    signer, verifier = keys_of("", RFC_PUBLIC)
    assert signer is None
    assert verifier is not None
    for public in ("", RFC_PUBLIC):
        signer, verifier = keys_of(RFC_PRIVATE, public)
        assert signer is not None
        assert verifier is not None
        verifier.verify(MANIFEST, signer.sign(MANIFEST))


def test_halves_of_two_keys_are_a_mistake_in_the_settings() -> None:
    """Found before a model is trained that nobody would load."""
    with pytest.raises(ConfigError, match="two keys"):
        keys_of(RFC_PRIVATE, new_key_pair().public)

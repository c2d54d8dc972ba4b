"""Who vouches for a version: an Ed25519 signature (RFC 8032) over its manifest, as one small readable file.

    {
     "algorithm": "ed25519",
     "key_id": "5f70bf18",
     "schema": 1,
     "value": "<64 bytes in base64>"
    }

What is signed begins with words that say what it is, so that the key's signature of anything else is none of a model,
and the other way round. There is one way to write the file, so every changed byte shows.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError
from ai_ops.domain.one_line import one_line
from ai_ops.learn.plain_json import on_many_lines

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SCHEMA = 1
ALGORITHM = "ed25519"
CONTEXT = b"neuropilot model manifest 1\n"
"""Stands before the manifest in what is signed."""

KEY_BYTES = 32
_ID_DIGITS = 8
_ID_SHOWN = 20
"""Letters of an id that somebody else may have written."""


class Forged(ValueError):
    """A signature that does not vouch for the manifest; the text says why."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves of a new key, in base64.

    Parameters
    ----------
    private
        Signs; belongs into the secrets of the job that trains, as NEUROPILOT_SIGNING_KEY, and nowhere else.
    public
        Verifies; belongs into the settings, as `model.verification_key`.
    """

    private: str
    public: str

    def __repr__(self) -> str:
        """Show the public half alone: what is logged by accident shall do no harm."""
        return f"KeyPair(public={self.public!r})"


class Verifier:
    """Tells the signature of one key from all others.

    Parameters
    ----------
    public
        The 32 bytes of the public half, in base64.

    Raises
    ------
    ConfigError
        When `public` is no such key.
    """

    __slots__ = ("_key", "key_id", "public")

    def __init__(self, public: str) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        raw = _key_bytes(public, "model.verification_key")
        self._key: Ed25519PublicKey = Ed25519PublicKey.from_public_bytes(raw)
        self.public = public
        self.key_id = key_id_of(raw)

    def verify(self, manifest: bytes, signature: bytes) -> None:
        """Return when `signature`, the content of its file, is this key's for `manifest`.

        Raises
        ------
        Forged
            When it is not, and how one sees it.
        """
        from cryptography.exceptions import InvalidSignature

        value = self._value(signature)
        try:
            self._key.verify(value, CONTEXT + manifest)
        except InvalidSignature:
            raise Forged("its signature does not fit its manifest") from None

    def _value(self, signature: bytes) -> bytes:
        """Bytes of the signature, when the file is as this key writes it."""
        try:
            form = json.loads(signature)
            value = base64.b64decode(form["value"], validate=True)
            algorithm, key_id, schema = form["algorithm"], form["key_id"], form["schema"]
        except (KeyError, TypeError, ValueError, RecursionError):
            raise Forged("its signature cannot be read") from None
        if schema != SCHEMA:
            raise Forged("its signature has another schema than this release reads")
        if algorithm != ALGORITHM:
            raise Forged(f"its signature is of another algorithm than {ALGORITHM}")
        if key_id != self.key_id:
            raise Forged(
                f"it is signed with another key than {self.key_id}, which is wanted: "
                f"with {one_line(str(key_id), _ID_SHOWN)}"
            )
        if signature != _file(key_id, value):
            raise Forged("its signature was edited")
        return value


class Signer:
    """Signs manifests.

    Parameters
    ----------
    private
        The 32 bytes of the private half, in base64.

    Raises
    ------
    ConfigError
        When `private` is no such key.
    """

    __slots__ = ("_key", "verifier")

    def __init__(self, private: str) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        raw = _key_bytes(private, "NEUROPILOT_SIGNING_KEY")
        self._key: Ed25519PrivateKey = Ed25519PrivateKey.from_private_bytes(raw)
        self.verifier = Verifier(_in_base64(self._key.public_key().public_bytes_raw()))

    def sign(self, manifest: bytes) -> bytes:
        """Give the content of the file that vouches for `manifest`."""
        return _file(self.verifier.key_id, self._key.sign(CONTEXT + manifest))


def new_key_pair() -> KeyPair:
    """Make a key that nobody has."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    return KeyPair(_in_base64(key.private_bytes_raw()), _in_base64(key.public_key().public_bytes_raw()))


def keys_of(private: str, public: str) -> tuple[Signer | None, Verifier | None]:
    """Who signs and who verifies, from what is configured of a key; an empty text is nothing.

    The private half alone verifies as well; the public half alone signs nothing.

    Raises
    ------
    ConfigError
        When one is no key, or the two do not belong together.
    """
    signer = Signer(private) if private else None
    verifier = Verifier(public) if public else signer.verifier if signer else None
    if signer and verifier and signer.verifier.key_id != verifier.key_id:
        raise ConfigError(
            f"NEUROPILOT_SIGNING_KEY (its public half has the id {signer.verifier.key_id}) and model.verification_key "
            f"({verifier.key_id}) are of two keys: no model would be signed that is loaded. Set both from one run of "
            f"`neuropilot model key`"
        )
    return signer, verifier


def key_id_of(public: bytes) -> str:
    """Name of a key, short enough to compare by eye: the beginning of the SHA-256 of its public half."""
    return hashlib.sha256(public).hexdigest()[:_ID_DIGITS]


def _key_bytes(text: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ConfigError(f"{name} is no Ed25519 key in base64. `neuropilot model key` makes a pair")
    return raw


def _in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _file(key_id: str, value: bytes) -> bytes:
    return on_many_lines({"schema": SCHEMA, "algorithm": ALGORITHM, "key_id": key_id, "value": _in_base64(value)})

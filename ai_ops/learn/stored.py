"""What stood in a version's folder, once it is known to be what was promoted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.model_status import Signature
from ai_ops.learn.manifest import MANIFEST, SIGNATURE, Broken, manifest_in
from ai_ops.learn.signature import Forged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.learn.signature import Verifier


@dataclass(frozen=True, slots=True)
class Promoted:
    """What the ledger says of a version.

    Parameters
    ----------
    service, version
        Whose model, and its name.
    manifest_sha256
        Of the bytes of its manifest, in hexadecimal.
    """

    service: str
    version: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A version as it was promoted.

    Parameters
    ----------
    service, version, manifest_sha256
        As the ledger has them.
    manifest
        The bytes that everything else hangs on.
    files
        Content by name, without manifest and signature.
    signature
        What vouches for it.
    """

    service: str
    version: str
    manifest_sha256: str
    manifest: bytes
    files: Mapping[str, bytes]
    signature: Signature


def stored_in(contents: Mapping[str, bytes], promoted: Promoted, verifier: Verifier | None) -> Stored:
    """Take what stood in a folder for the version that was promoted, when it is.

    First the manifest by the ledger, then the files by the manifest, then the signature: nothing is parsed that has
    not been vouched for.

    Parameters
    ----------
    contents
        Every file in the folder, by name.
    verifier
        None where no key is configured: then a signature is not looked at, and the ledger vouches alone.

    Raises
    ------
    Broken
        When a file is missing, added or altered.
    Forged
        When the signature is not the one that it must be.
    """
    files = {name: content for name, content in contents.items() if name not in {MANIFEST, SIGNATURE}}
    manifest = _manifest(contents, promoted)
    manifest_in(manifest).check(files)
    return Stored(
        promoted.service,
        promoted.version,
        promoted.manifest_sha256,
        manifest,
        files,
        _vouched(manifest, contents.get(SIGNATURE), verifier),
    )


def _manifest(contents: Mapping[str, bytes], promoted: Promoted) -> bytes:
    if MANIFEST not in contents:
        raise Broken(f"{MANIFEST} is missing")
    manifest = contents[MANIFEST]
    if hashlib.sha256(manifest).hexdigest() != promoted.manifest_sha256:
        raise Broken(f"{MANIFEST} is not the one that the ledger names")
    meant = manifest_in(manifest)
    if (meant.service, meant.version) != (promoted.service, promoted.version):
        raise Broken(f"it is another version: {meant.service}/{meant.version}")
    return manifest


def _vouched(manifest: bytes, signature: bytes | None, verifier: Verifier | None) -> Signature:
    if verifier is None:
        return Signature.UNSIGNED
    if signature is None:
        raise Forged(f"{SIGNATURE} is missing, and a key is set to verify it")
    verifier.verify(manifest, signature)
    return Signature.SIGNED

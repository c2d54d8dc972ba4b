"""What a version consists of: the SHA-256 and the size of each of its files, in a file of its own.

There is one way to write it, so every changed byte shows, and who knows its SHA-256 knows the whole version.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.learn.plain_json import on_many_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 1
MANIFEST, SIGNATURE = "manifest.json", "signature.json"

FILES_MAX = 16
FILE_MAX_BYTES = 4 * 1024**2
"""Fifty components over thirty metrics, the largest model that the settings allow, take a quarter of it."""

_FILE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\.(?:json|md)")
_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,40}")
_VERSION = re.compile(r"[0-9]{8}T[0-9]{4}Z-[0-9a-f]{8}")


class Broken(ValueError):
    """A manifest, or a version's files, that are not what was written; the text says how."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one file.

    Parameters
    ----------
    sha256
        Of its content, in hexadecimal.
    size
        Its length in bytes.
    """

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of one version.

    Parameters
    ----------
    service, version
        Whose model, and its name.
    files
        By name, all but the manifest itself and the signature.
    """

    service: str
    version: str
    files: Mapping[str, Entry]

    def to_bytes(self) -> bytes:
        """Give the one way to write it."""
        files = {name: {"sha256": entry.sha256, "size": entry.size} for name, entry in self.files.items()}
        form = {"schema": SCHEMA, "service": self.service, "version": self.version, "files": files}
        return on_many_lines(form)

    def check(self, files: Mapping[str, bytes]) -> None:
        """Return when `files` are those that the manifest means.

        Raises
        ------
        Broken
            When one is missing, added or altered.
        """
        if missing := sorted(self.files.keys() - files.keys()):
            raise Broken(f"{missing[0]} is missing")
        if added := sorted(files.keys() - self.files.keys()):
            raise Broken(f"{added[0]!r} does not belong to it")
        for name, content in sorted(files.items()):
            if entry_of(content) != self.files[name]:
                raise Broken(f"{name} is not what it was")


def manifest_of(service: str, version: str, files: Mapping[str, bytes]) -> Manifest:
    """Make the manifest of `files`.

    Raises
    ------
    ValueError
        For names or sizes that no version has: a defect of whoever calls.
    """
    manifest = Manifest(service, version, {name: entry_of(content) for name, content in files.items()})
    if problem := _strangeness(manifest):
        raise ValueError(problem)
    return manifest


def manifest_in(raw: bytes) -> Manifest:
    """Read what `Manifest.to_bytes` wrote.

    Raises
    ------
    Broken
        When it was not written so by this release.
    """
    try:
        form = json.loads(raw)
        schema = form["schema"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Broken(f"{MANIFEST} cannot be read") from None
    if schema != SCHEMA:
        raise Broken(f"{MANIFEST} has schema {str(schema)[:20]}, and this release reads schema {SCHEMA}")
    try:
        files = {name: Entry(entry["sha256"], entry["size"]) for name, entry in form["files"].items()}
        manifest = Manifest(form["service"], form["version"], files)
        problem = _strangeness(manifest) or ("" if manifest.to_bytes() == raw else "it was edited")
    except (AttributeError, KeyError, TypeError, ValueError):
        problem = "it has another form"
    if problem:
        raise Broken(f"{MANIFEST} is none of this release: {problem}")
    return manifest


def entry_of(content: bytes) -> Entry:
    """What a manifest says of a file with this content."""
    return Entry(hashlib.sha256(content).hexdigest(), len(content))


def is_service(name: str) -> bool:
    """Whether a service may be called so.

    >>> is_service("web-2"), is_service("..")
    (True, False)
    """
    return _SERVICE.fullmatch(name) is not None


def is_version(name: str) -> bool:
    """Whether a version may be called so.

    >>> is_version("20261120T0310Z-3f9c1a2b"), is_version("../20261120T0310Z-3f9c1a2b")
    (True, False)
    """
    return _VERSION.fullmatch(name) is not None


def _strangeness(manifest: Manifest) -> str:
    """Say what no version has; empty when it is as it should be."""
    if not (is_service(manifest.service) and is_version(manifest.version)):
        return "no service or version is called so"
    if not 0 < len(manifest.files) <= FILES_MAX:
        return f"a version has 1 to {FILES_MAX} files"
    for name, entry in manifest.files.items():
        if not _FILE_NAME.fullmatch(name) or name in {MANIFEST, SIGNATURE}:
            return f"no file of a version is called {name[:80]!r}"
        if type(entry.size) is not int or not 0 <= entry.size <= FILE_MAX_BYTES:
            return f"{name} has more than {FILE_MAX_BYTES} bytes"
    return ""

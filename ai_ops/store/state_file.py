"""Small state files: readable JSON with a version, one writer at a time."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import StateError
from ai_ops.files import read_plain, replace_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LOCK_PATIENCE_SECONDS = 30.0


def load(path: Path, version: int) -> dict[str, Any] | None:
    """Read what `save` wrote, or None when there is no such file yet.

    Raises
    ------
    StateError
        When the file cannot be read, is no JSON object, or has another version.
    """
    try:
        raw = read_plain(path)
    except FileNotFoundError:
        return None
    except OSError as err:
        raise StateError(f"{path}: cannot be read ({err.strerror}): check who may read {path.parent}") from err
    return parsed(path, raw, version)


def parsed(path: Path | str, raw: bytes, version: int) -> dict[str, Any]:
    """Read `raw`, which stood at `path`. Raises as `load` does."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as err:
        raise corrupt(path, "it is no JSON") from err
    if not isinstance(content, dict):
        raise corrupt(path, "it holds no JSON object")
    if content.get("version") != version:
        raise corrupt(path, f"it has version {content.get('version')!r}, and this agent reads version {version}")
    return content


def save(path: Path, version: int, content: Mapping[str, Any]) -> None:
    """Replace the file as a whole: a reader, or a crash, finds the old text or the new one.

    Raises
    ------
    StateError
        When it could not be written; the old file is then as it was.
    """
    try:
        replace_atomically(path, to_bytes(version, content))
    except OSError as err:
        raise not_written(path, err) from err


def to_bytes(version: int, content: Mapping[str, Any]) -> bytes:
    """Give what `save` writes."""
    text = json.dumps({**content, "version": version}, sort_keys=True, indent=1, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def locked(path: Path, patience_seconds: float = LOCK_PATIENCE_SECONDS) -> Iterator[None]:
    """Hold `path` for this process alone. The lock ends with the process, however that ends.

    Raises
    ------
    StateError
        When the lock cannot be taken within `patience_seconds`, or its file cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=patience_seconds)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as err:
        raise StateError(
            f"{path}: another run has held it for {patience_seconds:.0f} s: wait for that run, or end it"
        ) from err
    except OSError as err:
        raise not_written(path, err) from err
    try:
        yield
    finally:
        lock.release()


def corrupt(path: Path | str, what: str) -> StateError:
    """Build the error for a file that cannot be trusted."""
    return StateError(
        f"{path}: {what}. It was cut off, edited, or written by another release. "
        f"Restore it from the branch neuropilot/state, or from a backup"
    )


def not_written(path: Path, err: OSError) -> StateError:
    """Build the error for a disk that is full, read-only or somebody else's."""
    return StateError(
        f"{path}: could not be written ({err.strerror or err}); what stood there is unchanged. "
        f"Free space in {path.parent} or correct its permissions, then run again"
    )

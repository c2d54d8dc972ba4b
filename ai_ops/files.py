"""The one door to the disk: what must never be half-written, and what must never be waited for."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def read_plain(path: Path, most_bytes: int = -1) -> bytes:
    """Bytes of a plain file, or as many of them as are wanted; a named pipe is never waited for.

    Raises
    ------
    OSError
        When it cannot be read, or is no plain file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most_bytes)
    finally:
        os.close(descriptor)


def replace_atomically(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a reader sees the old file or the new one, never a mixture.

    The new bytes are on the disk before the name points to them, and the file keeps its permissions.

    Raises
    ------
    OSError
        When the folder cannot be written, the disk is full, or `path` is a symbolic link, which could lead out of the
        repository; the old file is then untouched.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "a symbolic link is not written through", str(path))
    target = path.parent.resolve() / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def append_durably(path: Path, line: bytes) -> None:
    """Append `line` to `path` and return only when it is on the disk.

    Raises
    ------
    OSError
        When the line could not be written whole; what was written of it is cut off again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Unbuffered: a buffer that could not be written would be written again on closing, behind the cut.
    with path.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.ftruncate(file.fileno(), before)
            raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

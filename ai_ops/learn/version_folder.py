"""The files in one folder, read as a stranger may have left them: no link is followed, nothing is waited for."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from ai_ops.learn.manifest import FILE_MAX_BYTES, FILES_MAX, Broken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_ENTRIES_MAX = FILES_MAX + 2  # the manifest and the signature
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def contents(root: Path, below: Sequence[str]) -> dict[str, bytes]:
    """Everything that stands in the folder that `below` names, step by step, under `root`.

    Everything is opened from its folder's descriptor, so that a folder swapped for a link meanwhile leads nowhere.

    Raises
    ------
    Broken
        When there is anything in it but a few plain files of a sensible size.
    OSError
        When the folder, or a file in it, cannot be read.
    """
    with _opened(root, below) as folder:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _ENTRIES_MAX + 1)]
        if len(names) > _ENTRIES_MAX:
            raise Broken(f"there are more than {_ENTRIES_MAX} files")
        return {name: _content(folder, name) for name in sorted(names)}


@contextmanager
def _opened(root: Path, below: Sequence[str]) -> Iterator[int]:
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in below:
            inner = os.open(step, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _content(folder: int, name: str) -> bytes:
    # Looked at before it is opened: opening a device may already do something.
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise Broken(f"{name!r} is no plain file")
    descriptor = os.open(name, _FILE, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Broken(f"{name!r} is no plain file")
        content = file.read(FILE_MAX_BYTES + 1)
    if len(content) > FILE_MAX_BYTES:
        raise Broken(f"{name!r} has more than {FILE_MAX_BYTES} bytes")
    return content

"""Read a settings file from a work tree, and never one that lies elsewhere."""

from __future__ import annotations

import os
import re
import stat
from contextlib import ExitStack, suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ai_ops.apply.settings_text import SIZE_LIMIT_BYTES
from ai_ops.domain.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_STRANGE = re.compile(r"[\x00-\x1f\x7f\\:*?\[\]]")  # control characters, and what git or a shell reads as a pattern
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # NONBLOCK: a named pipe must not hang the run


def work_tree_reader(root: Path) -> Callable[[str], bytes]:
    """Build a reader for the files below `root`, by paths relative to it.

    The reader opens one folder after the other without following a symbolic link, so that none can be slipped in
    between a check and its use. It refuses links, submodules and other nested repositories, and what is no plain file.

    Raises
    ------
    EditError
        By the reader, with the path and the reason.
    """

    def read(file: str) -> bytes:
        refuse_unsafe_path(file)
        with ExitStack() as opened:
            folder = _open(str(root), _FOLDER & ~os.O_NOFOLLOW, None, file, opened)
            *folders, last = PurePosixPath(file).parts
            for name in folders:
                folder = _open(name, _FOLDER, folder, file, opened)
                _refuse_nested_repository(folder, name, file)
            return _content(_open(last, _FILE, folder, file, opened), file)

    return read


def refuse_unsafe_path(file: str) -> None:
    """Accept a plain path that stays below the repository's top level, in the one way git writes it.

    Raises
    ------
    EditError
        For an absolute path, `..`, `.`, doubled slashes, `.git`, and characters that mean more than themselves.
    """
    path = PurePosixPath(file)
    parts = {part.lower() for part in path.parts}
    is_plain = file == str(path) and not path.is_absolute() and not parts & {".", "..", ".git"}
    if not is_plain or _STRANGE.search(file) or file.startswith("-"):
        raise EditError(
            f"{file!r} is no plain path inside the repository; write `file` in ops_config.yaml "
            "like infrastructure/terraform/terraform.tfvars"
        )


def _open(name: str, flags: int, folder: int | None, file: str, opened: ExitStack) -> int:
    """Open one component and close it when the reader is done."""
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except FileNotFoundError as error:
        raise EditError(
            f"{file} is missing: there is no {name}; create it, or correct `file` in ops_config.yaml"
        ) from error
    except OSError as error:
        why = "is a symbolic link" if _is_link(name, folder) else f"cannot be opened ({error.strerror})"
        raise EditError(f"{file} was not read: {name} {why}; put the file itself there") from error
    opened.callback(os.close, descriptor)
    return descriptor


def _is_link(name: str, folder: int | None) -> bool:
    """Whether `name` is a symbolic link; used only to word a refusal."""
    with suppress(OSError):
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    return False


def _refuse_nested_repository(folder: int, name: str, file: str) -> None:
    """A folder with its own `.git` belongs to another repository, which this one cannot commit to."""
    if ".git" in os.listdir(folder):
        raise EditError(f"{file} was not read: {name} is a submodule or another repository; keep the knobs in this one")


def _content(descriptor: int, file: str) -> bytes:
    """Bytes of an open plain file."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise EditError(f"{file} is no plain file; put a text file there")
    with os.fdopen(os.dup(descriptor), "rb") as opened:
        content = opened.read(SIZE_LIMIT_BYTES + 1)
    if len(content) > SIZE_LIMIT_BYTES:
        raise EditError(f"{file} is above the limit of {SIZE_LIMIT_BYTES // 1024} KiB; keep the knobs in a file apart")
    return content

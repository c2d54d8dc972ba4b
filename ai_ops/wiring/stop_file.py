"""The emergency stop that needs nothing but a commit: a file in the repository."""

from __future__ import annotations

from os.path import lexists
from typing import TYPE_CHECKING

from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.errors import EditError
from ai_ops.domain.one_line import one_line
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STOP_FILE = "ai_ops/STOP"
_MOST_CHARACTERS = 200


def stopped_in_checkout(root: Path) -> str | None:
    """As `stopped_in_words`, of the file in the checkout at `root`."""
    return stopped_in_words(lambda path: lexists(root / path), work_tree_reader(root))


def stopped_in_words(is_there: Callable[[str], bool], read: Callable[[str], bytes]) -> str | None:
    """Why nothing may move, in the words of the file's first line; None without the file.

    A file that cannot be read stops as well.

    Parameters
    ----------
    is_there, read
        Whether anything stands at a path, and its bytes; both may raise `EditError` for what is no plain file.
    """
    try:
        if not is_there(STOP_FILE):
            return None
        first = read(STOP_FILE).decode("utf-8", "replace").strip().split("\n")[0]
    except EditError as error:
        return f"stopped by {STOP_FILE}, which cannot be read: {error}"
    said = redact(one_line(first, _MOST_CHARACTERS)) or "no reason is given"
    return f"stopped by the file {STOP_FILE}: {said}; delete it to go on"

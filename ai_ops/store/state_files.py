"""Which files are the agent's memory: what the state branch keeps of a folder."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.files import read_plain

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = (
    "ai_ops/state/*.jsonl",
    "ai_ops/state/*.json",
    "ai_ops/state/snapshots/*.columns",
    "ai_ops/state/charts/*.svg",
    "ai_ops/models/*.json",
    "ai_ops/models/*/*/*.json",
    "ai_ops/models/*/*/*.md",
    "ai_ops/reports/*.json",
    "ai_ops/reports/*.md",
)
"""What is kept, relative to the top level. Locks, logs and half-written files match none of these."""


def is_state(path: str) -> bool:
    """Whether the file at `path`, with "/" between its parts, is kept.

    >>> is_state("ai_ops/state/paused.json"), is_state("ai_ops/state/.paused.json.x7"), is_state("ai_ops/a.json")
    (True, False, False)
    """
    steps = path.split("/")
    return any(_fits(steps, pattern.split("/")) for pattern in PATTERNS)


def _fits(steps: list[str], pattern: list[str]) -> bool:
    """Step by step, so that a star never stands for a folder more; what is hidden, and the way up, fit nothing."""
    return len(steps) == len(pattern) and all(
        not step.startswith(".") and fnmatchcase(step, wanted) for step, wanted in zip(steps, pattern, strict=True)
    )


def state_paths(root: Path) -> list[str]:
    """Every kept file below `root`, in order."""
    found = {file.relative_to(root).as_posix() for pattern in PATTERNS for file in root.glob(pattern)}
    return sorted(filter(is_state, found))


def contents(root: Path) -> dict[str, bytes]:
    """What stands in every kept file below `root`; a symbolic link is left out, as it is never kept.

    Raises
    ------
    StateError
        When one cannot be read, such as a folder in its place.
    """
    return {path: _content(root / path) for path in state_paths(root) if not (root / path).is_symlink()}


def _content(file: Path) -> bytes:
    try:
        return read_plain(file)
    except OSError as err:
        raise StateError(f"{file}: cannot be read ({err.strerror}); it must be a plain file that you may read") from err

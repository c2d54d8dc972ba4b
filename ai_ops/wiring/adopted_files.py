"""The files of a repository that adopts the agent: read without following links, written all together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.errors import ConfigError, DeliveryError, EditError
from ai_ops.files import replace_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ai_ops.domain.adoption import Draft


def content_of(root: Path, path: str) -> bytes | None:
    """Bytes of the file at `path` below `root`; None where there is none.

    Raises
    ------
    ConfigError
        When it is, or lies behind, a symbolic link or a repository of its own, is no plain file, or cannot be read.
    """
    try:
        return work_tree_reader(root)(path) if _is_there(root, path) else None
    except EditError as error:
        raise ConfigError(str(error)) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): correct the permissions on its way") from error


def _is_there(root: Path, path: str) -> bool:
    """Whether anything stands at `path`, reached without a symbolic link."""
    place = root
    for part in path.split("/"):
        place /= part
        if place.is_symlink():
            raise ConfigError(f"{place.relative_to(root)} is a symbolic link, which init does not write through")
        if not place.exists():
            return False
    return True


def write_all(root: Path, drafts: Sequence[Draft]) -> None:
    """Write every draft; when one cannot be written, put back those that were.

    Raises
    ------
    ConfigError
        When a file is not what the draft was made for; nothing is written then.
    DeliveryError
        When the disk refuses one.
    """
    for draft in drafts:
        if content_of(root, draft.path) != draft.before:
            raise ConfigError(f"{draft.path} was changed meanwhile: run again")
    written: list[Draft] = []
    try:
        for draft in drafts:
            replace_atomically(root / draft.path, draft.after)
            written.append(draft)
    except OSError as error:
        _put_back(root, written)
        raise DeliveryError(f"{draft.path} cannot be written ({error.strerror}); nothing was changed") from error


def _put_back(root: Path, written: Sequence[Draft]) -> None:
    for draft in reversed(written):
        place = root / draft.path
        if draft.before is None:
            place.unlink(missing_ok=True)
        else:
            replace_atomically(place, draft.before)

"""The ledger's files: where the lines stand, and how each of them is written without a half-way state."""

from __future__ import annotations

import os
import re
from datetime import UTC
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.files import append_durably, read_plain
from ai_ops.store import archived, state_file
from ai_ops.store.ledger_check import Head, rows_in

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ai_ops.store.archived import Archived
    from ai_ops.store.ledger_check import Row
    from ai_ops.store.ledger_lines import Line

HEAD_VERSION = 1

_ROTATED = re.compile(r"episodes-\d{4}-\d{2}\.jsonl")


class LedgerFiles:
    """One folder with the lines of every month, the head, and what was torn.

    Every method raises `StateError` when the disk refuses; the lines are then as they were.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = folder / "episodes.jsonl"
        self.head = folder / "ledger_head.json"
        self.torn = folder / "episodes.torn"
        self.archive = folder / archived.NAME

    def rows(self, newest: int | None = None) -> list[Row]:
        """Read the lines as they stand, oldest first; of all files, or of so many newest ones."""
        paths = self._paths()
        rows: list[Row] = []
        for path in paths[-newest:] if newest else paths:
            rows += rows_in(path.name, self._read(path))
        return rows

    def write(self, line: Line) -> None:
        """Append the line, then move the head; when the head cannot be moved, the line is taken back."""
        try:
            size = self.current.stat().st_size if self.current.exists() else 0
            append_durably(self.current, line.to_bytes())
        except OSError as err:
            raise state_file.not_written(self.current, err) from err
        try:
            self.write_head(line)
        except StateError:
            os.truncate(self.current, size)
            raise

    def read_head(self) -> Head | None:
        """Read the newest line's number and hash; None when no head was written yet."""
        content = state_file.load(self.head, HEAD_VERSION)
        if content is None:
            return None
        sequence, digest = content.get("sequence"), content.get("hash")
        if type(sequence) is not int or not isinstance(digest, str):
            raise state_file.corrupt(self.head, "it lacks a sequence or a hash")
        return Head(sequence, digest)

    def read_archived(self) -> Archived | None:
        """Read which months were archived; None where none was."""
        try:
            is_there = self.archive.exists()
        except OSError as err:
            raise _not_read(self.archive, err) from err
        return archived.archived_in(self._read(self.archive) if is_there else None)

    def write_head(self, line: Line) -> None:
        """Name `line` as the newest."""
        state_file.save(self.head, HEAD_VERSION, {"sequence": line.sequence, "hash": line.hash})

    def set_aside(self, row: Row) -> None:
        """Move the last row of the current file out of the ledger. A crash in between repeats it."""
        try:
            append_durably(self.torn, row.raw.rstrip(b"\n") + b"\n")
            os.truncate(self.current, self.current.stat().st_size - len(row.raw))
        except OSError as err:
            raise state_file.not_written(self.torn, err) from err

    def rotate(self, first: datetime) -> None:
        """Begin a new file, and name the current one after the month of its first line."""
        target = self.folder / f"episodes-{_month(first)}.jsonl"
        if target.exists():
            raise StateError(
                f"{target}: stands where {self.current.name} has to go at the turn of the month. "
                f"`neuropilot ledger verify` shows whether it belongs to the ledger; if not, move it away"
            )
        try:
            self.current.rename(target)
        except OSError as err:
            raise state_file.not_written(target, err) from err

    def _read(self, path: Path) -> bytes:
        try:
            return read_plain(path)
        except OSError as err:
            raise _not_read(path, err) from err

    def _paths(self) -> list[Path]:
        try:
            if not self.folder.is_dir():
                return []
            rotated = sorted(path for path in self.folder.iterdir() if _ROTATED.fullmatch(path.name))
            return [*rotated, self.current] if self.current.exists() else rotated
        except OSError as err:
            raise _not_read(self.folder, err) from err


def begins_month(first: datetime, coming: datetime) -> bool:
    """Whether `coming` lies in a later month than `first`; an earlier one comes from a clock that was corrected."""
    return _month(coming) > _month(first)


def _not_read(path: Path, err: OSError) -> StateError:
    return StateError(f"{path}: cannot be read ({err.strerror}): correct its permissions")


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"

"""The archive: a branch that holds the ledger's older months, so that the state branch need not carry them for ever.

    9c1f02ab77d04e11/episodes-2025-09.jsonl        by ledger: who makes the agent forget begins another one
    VERSION

It is only ever added to, and no run reads it except to add a month. A month leaves the state branch after the push
that brought it here has succeeded; whatever ends a run in between leaves it in both places.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import OpsError, Overtaken, StateError
from ai_ops.store.archived import Archived, ArchivedMonth, archived_in
from ai_ops.store.ledger_check import check, check_chain, read_rows, rows_in
from ai_ops.store.ledger_lines import Line
from ai_ops.store.ledger_retention import departing, month_of
from ai_ops.store.reconcile import LEDGER_ARCHIVE, line_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_ops.git_client import GitClient
    from ai_ops.store.ledger_check import Problem, Row

MARKER = "VERSION"
_VERSION = b"1\n"
_NAME_DIGITS = 16
ATTEMPTS = 3
"""How often a month is added anew because another run added first: that happens once a month at most."""


def archive_of(branch: str) -> str:
    """Name of the archive that belongs to a state branch.

    >>> archive_of("neuropilot/state"), archive_of("memory")
    ('neuropilot/archive', 'memory-archive')
    """
    folder, slash, name = branch.rpartition("/")
    return f"{folder}{slash}archive" if name == "state" else f"{branch}-archive"


class LedgerArchive:
    """The branch, and how months get there.

    Parameters
    ----------
    git
        The repository.
    branch
        Name of the branch, made with the first month.
    warn
        Told why months stay where they are.
    """

    def __init__(self, git: GitClient, branch: str, *, warn: Callable[[str], None]) -> None:
        self._git = git
        self._branch = branch
        self._warn = warn

    def relieve(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Archive the months that may leave `files`, and return what stays; all of it where that fails.

        The ledger is checked first: what somebody has altered must not be hidden in the archive.
        """
        leaving = departing(files)
        if not leaving:
            return dict(files)
        try:
            archived = self._archived_with(files, leaving)
            self._keep(archived.ledger, {path: files[path] for path in leaving})
        except OpsError as error:
            self._warn(f"the ledger's oldest months stay on the state branch, which grows meanwhile: {error}")
            return dict(files)
        stays = {path: content for path, content in files.items() if path not in leaving}
        return {**stays, LEDGER_ARCHIVE: archived.to_bytes()}

    def verify(self, archived: Archived) -> tuple[Problem, ...]:
        """Everything on the branch that is not as it was written, from the very first line to the last one archived.

        Raises
        ------
        StateError
            When a month is missing, or the branch is not the agent's.
        DeliveryError
            When the remote does not answer.
        """
        base = self._newest()
        if base is None:
            raise StateError(f"there is no branch {self._branch}, on which {len(archived.months)} months should stand")
        rows: list[Row] = []
        for one in archived.months:
            path = f"{archived.ledger}/episodes-{one.month}.jsonl"
            rows += rows_in(path, self._read(base, path))
        return check(rows, read_rows(rows), archived.ends[-1])

    def _archived_with(self, files: Mapping[str, bytes], leaving: Sequence[str]) -> Archived:
        """What will be archived once `leaving` is."""
        known = archived_in(files.get(LEDGER_ARCHIVE))
        rows = [row for path in line_paths(files) for row in rows_in(path, files[path])]
        lines = read_rows(rows)
        for problem in check_chain(rows, lines, known.ends if known else ()):
            raise StateError(f"the ledger is not what the agent wrote: {problem}")
        ends = {row.place.file: line for row, line in zip(rows, lines, strict=True) if isinstance(line, Line)}
        if empty := [path for path in leaving if path not in ends]:
            raise StateError(f"{empty[0]} holds no line: move it away")
        if known and known.branch != self._branch:  # a file is no reason to push anywhere but where the settings say
            raise StateError(f"earlier months stand on {known.branch}: rename that branch to {self._branch}")
        before = known.months if known else ()
        newer = (
            _month(path, ends[path]) for path in leaving if not before or ends[path].sequence > before[-1].last_line
        )
        name = known.ledger if known else next(iter(ends.values())).hash[:_NAME_DIGITS]
        return Archived(self._branch, name, (*before, *newer))

    def _keep(self, ledger: str, months: Mapping[str, bytes]) -> None:
        wanted = {f"{ledger}/{path.rpartition('/')[2]}": content for path, content in months.items()}
        for _ in range(ATTEMPTS - 1):
            with suppress(Overtaken):
                return self._add(wanted)
        return self._add(wanted)

    def _add(self, wanted: Mapping[str, bytes]) -> None:
        """Push what is not there yet; a run that was stopped after this push has left its months here already."""
        base = self._newest()
        there = set(self._git.list_files(base)) if base else set[str]()
        for path in sorted(wanted.keys() & there):
            if base and self._git.read(base, path) != wanted[path]:
                raise StateError(f"{path} on {self._branch} holds other lines than the ledger")
        new = {path: content for path, content in wanted.items() if path not in there}
        if not new:
            return
        text = f"archive the ledger of {', '.join(month_of(path) for path in new)}\n"
        commit = self._git.commit(base, {**new, MARKER: _VERSION}, text)
        self._git.push(commit, self._branch, expected=base or "")

    def _newest(self) -> str | None:
        """The branch's newest commit, fetched and known to be the agent's; None where there is no branch."""
        tip = self._git.tip(self._branch)
        if tip is None:
            return None
        base = self._git.fetch(self._branch, tip=tip, is_tip_enough=True)
        if self._read(base, MARKER) != _VERSION:
            raise StateError(f"{self._branch} has another version, this agent reads {_VERSION!r}: install its release")
        return base

    def _read(self, commit: str, path: str) -> bytes:
        if path not in self._git.list_files(commit):
            raise StateError(f"{self._branch} is no archive of this ledger: it lacks {path}")
        return self._git.read(commit, path)


def _month(path: str, end: Line) -> ArchivedMonth:
    return ArchivedMonth(month_of(path), end.sequence, end.hash)

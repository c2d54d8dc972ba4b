"""The agent's memory in CI: an orphan branch, read before a run and written after it by compare-and-swap.

The branch shares no history with the code. Of two runs that read the same state, one writes; the other is told that it
was overtaken before it acts.
"""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from os.path import lexists
from secrets import token_hex
from typing import TYPE_CHECKING

from ai_ops.domain.errors import EditError, StateError
from ai_ops.files import read_plain, replace_atomically
from ai_ops.store.reconcile import PAUSE, reconcile
from ai_ops.store.state_files import is_state, state_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ai_ops.git_client import GitClient
    from ai_ops.store.ledger_archive import LedgerArchive

SEEN_PAUSE = "ai_ops/state/paused.seen"
"""The pause that the branch had when it was last read or written here; itself it is not kept."""

SET_ASIDE = "ai_ops/state/set-aside-{:%Y%m%dT%H%M%SZ}{}"
"""Folder for what stood here and does not fit the branch."""

MARKER = "ai_ops/state/VERSION"
_VERSION = b"1\n"

MOST_COMMITS = 60
"""So long is the branch's history at most: about a week of one service, whose runs leave two commits each."""

LENGTH = "Commits"
"""Trailer that says how long the history is: in CI, which fetches the newest commit alone, nothing else can."""


class StateBranch:
    """State files in a folder, and the branch that keeps them.

    Parameters
    ----------
    git
        The repository.
    branch
        Name of the branch, made by the first `push`.
    root
        The folder that holds the files: the repository's top level, or a copy for reading only.
    nonce
        Gives a word that no other run gives.
    warn
        Told when files had to be set aside.
    clock
        Now, aware.
    """

    def __init__(
        self,
        git: GitClient,
        branch: str,
        *,
        root: Path | None = None,
        nonce: Callable[[], str] = token_hex,
        warn: Callable[[str], None] = warnings.warn,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._git = git
        self._root = (root or git.root).resolve()
        self._branch = branch
        self._nonce = nonce
        self._warn = warn
        self._clock = clock
        self._base: str | None = None  # "" when the branch did not exist
        self._length = 0  # of the history up to the base, in commits
        self._pulled: Mapping[str, bytes] = {}
        self._known: Mapping[str, bytes] = {}  # as it stood here after that, without what was added since

    def pull(self) -> str | None:
        """Make the local state files equal to the branch's, and return its commit.

        A branch that does not exist yet (None is returned) leaves the local files as they are. Nothing is lost that
        the branch has not seen: a ledger that goes on from the branch's, and a pause, stay and are pushed next; what
        contradicts the branch is set aside, and `warn` told. What was added since the last `pull` is dropped.

        Raises
        ------
        StateError
            When the branch is not the agent's, is of another version, or a file cannot be read or written.
        DeliveryError
            When the remote does not answer.
        """
        tip = self._git.tip(self._branch)
        here = self._local()
        known = here if self._base is None else self._known
        if tip is None:
            self._base, self._length, self._pulled, self._known = "", 0, {}, known
            return None
        base = self._git.fetch(self._branch, tip=tip, is_tip_enough=True)
        there = self._read(base)
        both = reconcile(here, there, known=known, is_pause_seen=self.unseen_pause() is None)
        try:
            self._set_aside(both.aside)
            self._replace_local(here, both.files)
        except OSError as err:
            raise StateError(f"{err.filename or self._root}: cannot be written ({err.strerror}); free space") from err
        self._note_pause(there.get(PAUSE))
        self._base, self._length = base, length_noted(self._git, base) or MOST_COMMITS
        self._pulled, self._known = there, both.files
        return base

    def push(self, message: str, archive: LedgerArchive | None = None) -> str | None:
        """Keep the local state files as a new commit of the branch, and return its hash; None when nothing changed.

        Behind `MOST_COMMITS` others the commit has no parent: the history starts anew, and the remote may throw away
        what was deleted or rewritten long ago. On this occasion the ledger's oldest months go into `archive`.

        Raises
        ------
        Overtaken
            When another run has written since `pull`: what this run read is old.
        StateError
            When `pull` was not called, or a state file is a symbolic link.
        DeliveryError
            When the push was refused or the remote does not answer.
        """
        if self._base is None:
            raise StateError(f"{self._branch}: the state was never pulled, so nobody knows what a push would overwrite")
        here = self._local()
        if not self._changes(here):
            return None
        is_too_long = self._length >= MOST_COMMITS
        length = 1 if is_too_long else self._length + 1
        now = archive.relieve(here) if archive and is_too_long else here
        commit = self._git.commit(
            self._base or None,
            {**self._changes(now), MARKER: _VERSION},
            self._message(message, length),
            forgets_history=is_too_long,
        )
        self._git.push(commit, self._branch, expected=self._base)
        self._base, self._length, self._pulled, self._known = commit, length, now, now
        self._note_pause(now.get(PAUSE))
        with suppress(OSError):  # what cannot be deleted here now is deleted by the next pull
            self._replace_local(here, now)
        return commit

    def unpushed(self) -> tuple[str, ...]:
        """Paths that the next `push` would write or delete on the branch."""
        return tuple(self._changes(self._local()))

    def unseen_pause(self) -> bytes | None:
        """The local pause, if there is one that the branch never had."""
        self._refuse_links(PAUSE)
        pause, seen = self._root / PAUSE, self._root / SEEN_PAUSE
        if not lexists(pause):
            return None
        content = self._content(PAUSE)
        return None if seen.is_file() and seen.read_bytes() == self._seen(content) else content

    def acknowledge_pause(self) -> None:
        """Note that the branch has the local pause, or that it has none as there is none here."""
        self._note_pause(self._local().get(PAUSE))

    def _changes(self, now: Mapping[str, bytes]) -> dict[str, bytes | None]:
        """What has to be written on the branch, by path; None deletes."""
        paths = sorted({*now, *self._pulled})
        return {path: now.get(path) for path in paths if now.get(path) != self._pulled.get(path)}

    def _message(self, message: str, length: int) -> str:
        # The nonce keeps two runs that write the same at the same second from making the same commit, and both winning.
        line = " ".join(message.split())
        return f"{line}\n\nRun: {self._nonce()}\n{LENGTH}: {length}\n"

    def _read(self, commit: str) -> dict[str, bytes]:
        """Every kept file of `commit`; all of them are read before one is written."""
        paths = self._git.list_files(commit)
        place = full_name(self._git, self._branch)
        if MARKER not in paths:
            raise StateError(f"{place} is not NeuroPilot's: it lacks {MARKER}. Name another in `state.branch`")
        version = self._git.read(commit, MARKER)
        if version != _VERSION:
            raise StateError(
                f"{place} has version {version[:20]!r}, this agent reads {_VERSION!r}: install its release"
            )
        try:
            return {path: self._git.read(commit, path) for path in paths if is_state(path)}
        except EditError as err:
            raise StateError(f"{place} holds what the agent never writes: {err}") from err

    def _local(self) -> dict[str, bytes]:
        """Every kept file of the folder."""
        return {path: self._content(path) for path in state_paths(self._root)}

    def _content(self, path: str) -> bytes:
        self._refuse_links(path)
        try:
            return read_plain(self._root / path)
        except OSError as err:
            raise StateError(f"{path}: cannot be read ({err.strerror}); it must be a plain file") from err

    def _set_aside(self, files: Mapping[str, bytes]) -> None:
        if not files:
            return
        names = (SET_ASIDE.format(self._clock(), "" if number == 1 else f"-{number}") for number in count(1))
        folder = next(name for name in names if not (self._root / name).exists())
        for path, content in files.items():
            replace_atomically(self._root / folder / path.rpartition("/")[2], content)
        self._warn(
            f"the ledger of this checkout does not fit the one on {self._branch}, which counts from now on; "
            f"what stood here is kept in {folder}"
        )

    def _replace_local(self, here: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> None:
        for path in wanted:
            self._refuse_links(path)
        for path, content in wanted.items():
            if here.get(path) != content:
                replace_atomically(self._root / path, content)
        for path in sorted(here.keys() - wanted.keys()):
            (self._root / path).unlink(missing_ok=True)

    def _note_pause(self, content: bytes | None) -> None:
        file = self._root / SEEN_PAUSE
        with suppress(OSError):  # unnoted, the pause counts as one that the branch never had: it holds for longer
            if content is None:
                file.unlink(missing_ok=True)
            else:
                replace_atomically(file, self._seen(content))

    def _seen(self, content: bytes) -> bytes:
        return self._branch.encode() + b"\n" + content

    def _refuse_links(self, path: str) -> None:
        """A symbolic link could lead the agent out of the repository."""
        file = self._root / path
        if file.resolve() != file:
            raise StateError(f"{path}: a symbolic link leads to {file.resolve()}; state must be plain files")


def length_noted(git: GitClient, commit: str) -> int | None:
    """How many commits the history up to `commit` has, as the agent noted it; None for somebody else's commit."""
    noted = next((one.value for one in git.trailers(commit, LENGTH, within=1)), "")
    return int(noted) if re.fullmatch("[1-9][0-9]{0,5}", noted) else None


def full_name(git: GitClient, branch: str) -> str:
    """How people call a branch: "origin/neuropilot/state", without the remote where there is none."""
    return f"{git.remote}/{branch}" if git.has_remote() else branch

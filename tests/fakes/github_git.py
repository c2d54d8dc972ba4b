"""What a code host does to a bare repository: it looks at branches, and merges them without a work tree."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Who = tuple[str, str]
"""Name and address of whoever commits."""


@dataclass(frozen=True)
class BareRepository:
    """The bare repository at `folder`, asked anew each time: whatever somebody pushed counts at once."""

    folder: Path

    def tip(self, branch: str) -> str | None:
        """Hash of the newest commit of a branch, or None without one."""
        return self._git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or None

    def contains(self, newer: str, older: str) -> bool:
        """Whether `older` is `newer`, or lies in its history."""
        return self._run("merge-base", "--is-ancestor", older, newer).returncode == 0

    def commits(self, base: str, head: str) -> list[str]:
        """Hashes of what `head` holds and `base` lacks, oldest first."""
        return self._git("rev-list", "--reverse", "--no-merges", f"{base}..{head}").split()

    def message(self, commit: str) -> str:
        """The whole message of a commit."""
        return self._git("log", "-1", "--format=%B", commit)

    def fits(self, base: str, head: str) -> bool:
        """Whether a merge of the two meets no conflict."""
        return self._run("merge-tree", "--write-tree", base, head).returncode == 0

    def merge(self, base: str, head: str, message: str, who: Who) -> str:
        """Make a merge commit."""
        return self._commit(self._merged_tree(base, head), message, who, base, head)

    def squash(self, base: str, head: str, message: str, who: Who) -> str:
        """Make one commit on `base` of all that `head` brings."""
        return self._commit(self._merged_tree(base, head), message, who, base)

    def rebase(self, base: str, head: str, who: Who) -> str:
        """Copy each commit of `head` onto `base`; authors and messages stay."""
        with tempfile.TemporaryDirectory() as folder:
            self._git("worktree", "add", "-q", "--detach", folder, base)
            try:
                self._git("-C", folder, "cherry-pick", "--no-ff", *self.commits(base, head), who=who)
                return self._git("-C", folder, "rev-parse", "HEAD")
            finally:
                self._git("worktree", "remove", "--force", folder)

    def empty_commit(self, base: str, message: str, who: Who) -> str:
        """Make a commit that changes nothing; nobody's branch points to it."""
        return self._commit(self._git("rev-parse", f"{base}^{{tree}}"), message, who, base)

    def move(self, branch: str, commit: str) -> None:
        """Let a branch point to `commit`."""
        self._git("update-ref", f"refs/heads/{branch}", commit)

    def keep(self, number: int, commit: str) -> None:
        """Hold a pull request's newest commit as the host does, so that it outlives its branch."""
        self._git("update-ref", f"refs/pull/{number}/head", commit)

    def delete(self, branch: str) -> None:
        """Delete a branch."""
        self._git("update-ref", "-d", f"refs/heads/{branch}")

    def _merged_tree(self, base: str, head: str) -> str:
        return self._git("merge-tree", "--write-tree", base, head).splitlines()[0]

    def _commit(self, tree: str, message: str, who: Who, *parents: str) -> str:
        options = [option for parent in parents for option in ("-p", parent)]
        return self._git("commit-tree", tree, *options, "-m", message, who=who)

    def _git(self, *arguments: str, who: Who = ("GitHub", "noreply@github.com")) -> str:
        done = self._run(*arguments, who=who)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def _run(self, *arguments: str, who: Who = ("", "")) -> subprocess.CompletedProcess[str]:
        mine = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _named(who)}
        if arguments[0] == "-C":  # copied commits keep their authors
            mine = {name: value for name, value in mine.items() if "AUTHOR" not in name}
        ambient = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        environment = ambient | settings | mine
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


def _named(who: Who) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("NAME", who[0]), ("EMAIL", who[1])

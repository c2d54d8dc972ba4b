"""Read, commit and push without a work tree.

A commit is built from a base commit and new bytes in an index of its own, then pushed by its hash. Whatever happens on
the way, even SIGKILL, the person's branch, index and files are as they were.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, DeliveryError, EditError
from ai_ops.git_client.names import commit_hash, ref_of, remote_name
from ai_ops.git_client.objects import (
    Entry,
    build_commit,
    build_tree,
    find_entry,
    list_tree,
    read_blob,
)
from ai_ops.git_client.refusals import refusal
from ai_ops.git_client.shell import Shell
from ai_ops.git_client.trailers import Trailer, list_trailers

if TYPE_CHECKING:
    from collections.abc import Mapping

BOT = ("neuropilot[bot]", "bot@neuropilot.invalid")  # .invalid (RFC 2606) is nobody's, so no host links it to a person
HISTORY = 50  # commits a shallow checkout is deepened to, so that what was delivered before is seen


class GitClient:
    """A repository on this disk and one remote of it.

    Without that remote every method speaks of the local branches instead.

    Parameters
    ----------
    root
        Top level of the work tree (`GitClient.top_level` finds it).
    remote
        Name of the remote.
    author
        Name and address of whoever commits.
    timeout_seconds
        For one git command.

    Raises
    ------
    ConfigError
        When `root` is no top level, or the remote's name is none.
    """

    def __init__(
        self,
        root: Path,
        remote: str = "origin",
        *,
        author: tuple[str, str] = BOT,
        timeout_seconds: float = 60.0,
    ) -> None:
        self.root = root.resolve()
        self.remote = remote_name(remote)
        self.shell = Shell(self.root, timeout_seconds)
        self.shell.identify(*author)
        top = self.top_level(self.root)
        if top != self.root:
            raise ConfigError(f"{self.root} is not the top level of its repository: {top} is")
        self._has_remote = self.remote in self.shell.ask("the remotes cannot be listed", "remote").text.splitlines()
        if self._has_remote:
            self.shell.refuse_prompts_of_ssh()

    @staticmethod
    def top_level(start: Path) -> Path:
        """Root of the work tree that `start` lies in.

        Raises
        ------
        ConfigError
            When `start` is in no git work tree.
        """
        answer = Shell(start, timeout_seconds=60.0).run("rev_parse", "--show-toplevel")
        if answer.status:
            failure = answer.failure(f"{start} is in no git work tree")
            raise ConfigError(f"{failure}. Run inside a clone, or name one with --root")
        return Path(answer.text).resolve()

    # -- branches -----------------------------------------------------------------------------------------------------

    def has_remote(self) -> bool:
        """Whether the remote is configured."""
        return self._has_remote

    def checked_out(self) -> str | None:
        """Name of the branch that is checked out, or None on a detached HEAD."""
        return self.shell.run("symbolic_ref", "--quiet", "HEAD").text.removeprefix("refs/heads/") or None

    def default_branch(self) -> str:
        """Where changes go when nobody says: the branch that is checked out, else the remote's default.

        When the checked-out branch was the remote's default and has been renamed there, the new name counts.

        Raises
        ------
        ConfigError
            When neither exists; `repository.branch` must then name one.
        DeliveryError
            When the remote does not answer.
        """
        branch = self.checked_out()
        if branch and (not self._has_remote or self.tip(branch)):
            return branch
        if not self._has_remote:
            raise ConfigError("HEAD is detached and there is no remote: name the branch in `repository.branch`")
        if branch and not self._was_default(branch):
            raise ConfigError(f"{self.remote} has no branch {branch}: push it, or name another in `repository.branch`")
        heads = self._list_remote("--symref", self.remote, "HEAD")
        found = re.search(r"^ref: refs/heads/(\S+)\tHEAD$", heads, re.MULTILINE)
        if not found:
            raise ConfigError(f"{self.remote} has no default branch: name the branch in `repository.branch`")
        return found[1]

    def tip(self, branch: str) -> str | None:
        """Hash of the newest commit of `branch` on the remote right now, or None when there is no such branch."""
        ref = ref_of(branch)
        if not self._has_remote:
            return self.shell.run("rev_parse", "--verify", "--quiet", f"{ref}^{{commit}}").text or None
        pairs = (line.split("\t") for line in self._list_remote(self.remote, ref).splitlines())
        return next((commit for commit, name in pairs if name == ref), None)

    def fetch(self, branch: str, *, tip: str | None = None, is_tip_enough: bool = False) -> str:
        """Hash of the newest commit of `branch`, after making sure that this repository holds it.

        A shallow checkout gets `HISTORY` commits, or just the newest one; a complete one stays complete.
        Whoever has just asked for the `tip` can give it.

        Raises
        ------
        DeliveryError
            When the remote does not answer, or has no such branch.
        """
        commit = tip or self.tip(branch)
        if commit is None:
            raise DeliveryError(f"{branch}: there is no such branch; push it, or name another in `repository.branch`")
        is_here = self.shell.run("cat_file", "-e", f"{commit}^{{commit}}").status == 0
        if not self._has_remote or (is_here and is_tip_enough):
            return commit
        is_shallow = self.shell.run("rev_parse", "--is-shallow-repository").text == "true"
        if not is_here:
            self._fetch(commit, *(("--depth=1",) if is_shallow and is_tip_enough else ()))
        if is_shallow and not is_tip_enough and self._length(commit) < HISTORY:
            self._fetch(commit, f"--depth={HISTORY}")
        return commit

    def push(self, commit: str, branch: str, *, expected: str | None = None) -> None:
        """Make `commit` the newest of `branch`, provided that nobody else was there first.

        Parameters
        ----------
        commit
            A descendant of the branch as it stands.
        branch
            Created when absent.
        expected
            The hash that the branch must have, "" for none at all. By default any ancestor of `commit` will do.

        Raises
        ------
        Overtaken
            When another push came first.
        DeliveryError
            When the push was refused or the remote did not answer, with its words.
        """
        ref = ref_of(branch)
        if not self._has_remote:
            self.move(ref, commit, self.parent(commit) or "" if expected is None else expected)
            return
        lease = () if expected is None else (f"--force-with-lease={ref}:{expected}",)
        quiet = ("--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no")
        answer = self.shell.run("push", *quiet, *lease, self.remote, f"{commit_hash(commit)}:{ref}")
        if answer.status and not self._has_arrived(commit, branch):
            raise refusal(answer, branch)

    def move(self, ref: str, commit: str, expected: str) -> None:
        """Let a local ref point to `commit`, provided that it points to `expected` ("" when it must not exist).

        Raises
        ------
        Overtaken
            When it points elsewhere.
        """
        nothing = "0" * len(commit_hash(commit))
        answer = self.shell.run("update_ref", "--no-deref", "-m", "ai-ops", ref, commit, expected or nothing)
        if answer.status:
            raise refusal(answer, ref)

    # -- commits ------------------------------------------------------------------------------------------------------

    def entry(self, commit: str, path: str) -> Entry | None:
        """What `commit` holds at `path`, or None.

        Raises
        ------
        EditError
            When it is a folder, or when it is or lies behind a symbolic link or a submodule.
        """
        return find_entry(self.shell, commit, path)

    def read(self, commit: str, path: str) -> bytes:
        """Bytes of the file at `path` in `commit`, exactly as committed.

        Raises
        ------
        EditError
            When there is no such file, it is no plain file, or it is larger than 32 MiB.
        """
        entry = self.entry(commit, path)
        if entry is None:
            raise EditError(f"{path}: no such file in commit {commit[:10]}; is it committed and pushed?")
        return read_blob(self.shell, path, entry)

    def list_files(self, commit: str) -> tuple[str, ...]:
        """Path of every file, link and submodule in `commit`."""
        return tuple(list_tree(self.shell, commit, "-r"))

    def parent(self, commit: str) -> str | None:
        """First parent of `commit`, or None when it has none here."""
        return self.shell.run("rev_parse", "--verify", "--quiet", f"{commit_hash(commit)}^1").text or None

    def committer(self, commit: str) -> tuple[str, str]:
        """Name and address of whoever made `commit`."""
        shown = self.shell.ask("a commit cannot be read", "log", "-1", "--format=%cn%n%ce", commit_hash(commit)).text
        name, _, email = shown.partition("\n")
        return name, email

    def changed_files(self, commit: str) -> tuple[str, ...]:
        """Paths in which `commit` differs from its first parent."""
        options = ("-r", "-z", "--no-renames", "--name-only", f"{commit_hash(commit)}^1", commit)
        listing = self.shell.ask("a commit cannot be compared", "diff_tree", *options).text
        return tuple(path for path in listing.split("\0") if path)

    def trailers(self, commit: str, key: str, *, within: int = 200) -> tuple[Trailer, ...]:
        """Each trailer `key` that the last `within` commits of the line that ends in `commit` brought, newest first."""
        return list_trailers(self.shell, commit_hash(commit), key, within)

    def contains(self, commit: str, earlier: str) -> bool:
        """Whether `earlier` is `commit` or one of its ancestors, as far as this repository holds them."""
        return self.shell.run("merge_base", "--is-ancestor", commit_hash(earlier), commit_hash(commit)).status == 0

    def commit(
        self, base: str | None, files: Mapping[str, bytes | None], message: str, *, forgets_history: bool = False
    ) -> str:
        """Make a commit to which nothing points yet, and return its hash.

        Parameters
        ----------
        base
            Parent commit; None starts a history.
        files
            New content by path; None deletes. A file that exists keeps its mode.
        message
            The whole commit message.
        forgets_history
            The commit holds what `base` holds and gets no parent: a history starts anew.

        Raises
        ------
        EditError
            When a path is no plain file of this repository.
        """
        tree = build_tree(self.shell, base, files)
        return build_commit(self.shell, tree, None if forgets_history else base, message)

    # -- private ------------------------------------------------------------------------------------------------------

    def _list_remote(self, *arguments: str) -> str:
        return self.shell.ask(f"the remote {self.remote} cannot be read", "ls_remote", *arguments).text

    def _fetch(self, commit: str, *options: str) -> None:
        quiet = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
        self.shell.ask(f"{self.remote} cannot be fetched", "fetch", *quiet, *options, self.remote, commit)

    def _length(self, commit: str) -> int:
        """How many commits are here along the first parents, counted up to `HISTORY`."""
        options = ("--count", "--first-parent", f"--max-count={HISTORY}", commit)
        return int(self.shell.ask("the history cannot be read", "rev_list", *options).text)

    def _was_default(self, branch: str) -> bool:
        """Whether `branch` was the remote's default when it was cloned."""
        then = self.shell.run("symbolic_ref", "--quiet", f"refs/remotes/{self.remote}/HEAD").text
        return then == f"refs/remotes/{self.remote}/{branch}"

    def _has_arrived(self, commit: str, branch: str) -> bool:
        """Whether the remote took a push although its answer was lost."""
        try:
            return self.tip(branch) == commit
        except DeliveryError:
            return False

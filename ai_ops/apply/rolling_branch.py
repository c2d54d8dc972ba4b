"""The branch of a service's pull request: one commit of the agent on top of the base, or somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.commit_message import episode_trailer
from ai_ops.domain.errors import EditError
from ai_ops.git_client import BOT, is_exactly

if TYPE_CHECKING:
    from ai_ops.apply.git import Edit
    from ai_ops.domain.cycle import Episode
    from ai_ops.git_client import GitClient


class RollingBranch:
    """What a branch holds; `tip` is always its newest commit.

    Parameters
    ----------
    git
        The repository.
    name
        Of the branch, which may not exist yet.
    """

    def __init__(self, git: GitClient, name: str) -> None:
        self._git, self._name = git, name

    def tip(self) -> str | None:
        """Hash of the newest commit; None without the branch."""
        return self._git.tip(self._name)

    def is_ours(self, tip: str) -> bool:
        """Whether the newest commit says that it is the agent's: then nobody has pushed over it as a person does."""
        commit = self._git.fetch(self._name, tip=tip, is_tip_enough=True)
        return self._git.committer(commit) == BOT and bool(self._git.trailers(commit, "Episode", within=1))

    def is_just(self, tip: str, edit: Edit) -> bool:
        """Whether the branch is one commit on a commit of the base that holds this edit, and nothing beside it.

        Anybody may commit in the agent's name, so what a commit holds counts, not who has made it.
        """
        parent = self._parent(tip)
        if parent is None or not self._git.contains(edit.base, parent):
            return False
        try:
            return is_exactly(self._git.shell, tip, parent, edit.files)
        except EditError:
            return False

    def carries(self, tip: str, episode: Episode) -> bool:
        """Whether the branch's commit is that of this very decision."""
        return [one.value for one in self._git.trailers(tip, "Episode", within=1)] == [episode_trailer(episode)]

    def begins_at(self, tip: str, base: str) -> bool:
        """Whether the branch is one commit on top of `base`."""
        return self._parent(tip) == base

    def fits(self, tip: str, edit: Edit) -> bool:
        """Whether a merge of the branch would still do what was proposed: move these files from where they stand."""
        parent = self._parent(tip)
        if parent is None or set(self._git.changed_files(tip)) != edit.files.keys():
            return False
        return all(self._bytes(parent, path) == self._bytes(edit.base, path) for path in edit.files)

    def _parent(self, tip: str) -> str | None:
        return self._git.parent(self._git.fetch(self._name, tip=tip))

    def _bytes(self, commit: str, path: str) -> bytes | None:
        """What a commit holds at a path; None where that is no plain file, as before the file was moved there."""
        try:
            return self._git.read(commit, path)
        except EditError:
            return None

"""Deliver a decided change as one commit: pushed where there is a remote, else put on the local branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.apply.checkout import finish_interrupted, follow, holds, obstacle
from ai_ops.apply.commit_message import commit_message, episode_trailer
from ai_ops.apply.landed import landed_in
from ai_ops.domain.cycle import Delivery, DeliveryStatus
from ai_ops.domain.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.cycle import Episode
    from ai_ops.git_client import GitClient


@dataclass(frozen=True, slots=True)
class Edit:
    """New text of settings files, and the commit that it was made from.

    Parameters
    ----------
    branch
        Where it shall go.
    base
        Newest commit of `branch` as `GitClient.fetch` gave it; the decision rests on its text.
    files
        New bytes by path.
    diff
        Unified diff of all of it, for a reader.
    """

    branch: str
    base: str
    files: Mapping[str, bytes]
    diff: str


def deliver(git: GitClient, edit: Edit, episode: Episode, tell: Callable[[str], None] = lambda _: None) -> Delivery:
    """Commit `edit` on top of its base and publish it; a decision that is there already is not made twice.

    Parameters
    ----------
    tell
        Told in words before each step.

    Raises
    ------
    Overtaken
        When the branch has moved: fetch, read and decide again.
    DeliveryError
        When it was refused or could not be delivered. The remote and the checkout are then as they were.
    """
    tell("finish what an earlier run left undone")
    finish_interrupted(git, tell)
    tell("look for the decision on the branch")
    delivered = landed_in(git, edit.base, edit.files.keys(), episode_trailer(episode))
    if delivered:
        then = _catch_up(git, edit.branch, delivered, tell)
        return _already(f"{delivered[:10]} on {edit.branch} carries this decision{then}", delivered)
    if all(git.read(edit.base, path) == content for path, content in edit.files.items()):
        return _already(f"{edit.branch} holds these values", edit.base)
    tell("build the commit")
    commit = git.commit(edit.base, edit.files, commit_message(episode))
    reason = _publish(git, edit.branch, commit, tell)
    return Delivery(DeliveryStatus.COMMITTED, reason, edit.diff, commit)


def _publish(git: GitClient, branch: str, commit: str, tell: Callable[[str], None]) -> str:
    """Put `commit` on the branch and say where it is."""
    if git.has_remote():
        tell("push")
        git.push(commit, branch)
        return f"{commit[:10]} is on {git.remote}/{branch}{_catch_up(git, branch, commit, tell)}."
    if git.checked_out() != branch:
        _refuse_if_used_elsewhere(git, branch)
        tell("move the branch")
        git.push(commit, branch)
        return f"{commit[:10]} is on the local branch {branch}; there is no remote."
    problem = obstacle(git, branch, commit)
    if problem:
        raise DeliveryError(
            f"{branch} is checked out and was left as it is: {problem}. Commit or stash, then run again"
        )
    left = follow(git, branch, commit, tell)
    return f"{commit[:10]} is on the local branch {branch}; there is no remote{_still(left)}."


def _catch_up(git: GitClient, branch: str, commit: str, tell: Callable[[str], None]) -> str:
    """Let the checkout follow to a published `commit`; the words for the end of the sentence."""
    tell("see whether the checkout can follow")
    if holds(git, commit):
        return ""
    try:
        problem = obstacle(git, branch, commit)
        left = None if problem else follow(git, branch, commit, tell)
    except (DeliveryError, OSError) as err:  # what is published stays published
        problem, left = f"{err}", None
    if problem:
        return f"; the checkout was left as it is: {problem}"
    return _still(left) or "; the checkout follows"


def _still(left: str | None) -> str:
    return f"; the checkout will follow with the next run: {left}" if left else ""


def _already(reason: str, commit: str) -> Delivery:
    return Delivery(DeliveryStatus.ALREADY_LIVE, f"{reason}.", commit=commit)


def _refuse_if_used_elsewhere(git: GitClient, branch: str) -> None:
    """A branch that another work tree has checked out must not move under its feet."""
    shape = ("--format=%(worktreepath)", f"refs/heads/{branch}")
    folder = git.shell.ask("the work trees cannot be listed", "for_each_ref", *shape).text
    if folder:
        raise DeliveryError(f"{branch} is checked out in {folder}: run there, or name another branch")

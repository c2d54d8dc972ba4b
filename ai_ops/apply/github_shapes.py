"""What GitHub's own objects mean to the agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.pull_request import PullRequest, PullRequestState

if TYPE_CHECKING:
    from github.PullRequest import PullRequest as Theirs


@dataclass(frozen=True, slots=True)
class Standing:
    """What the token can see of the repository.

    Parameters
    ----------
    name
        As GitHub spells it.
    is_public, is_archived
        Whether everybody can read it; whether nobody can write to it.
    may_push
        Whether the token's owner may push; None where GitHub does not say.
    actions_may_open
        Whether workflows may open pull requests with their own token; None where the token may not ask.
    """

    name: str
    is_public: bool
    is_archived: bool
    may_push: bool | None
    actions_may_open: bool | None


def is_of_this_repository(theirs: Theirs, branch: str) -> bool:
    """Whether it is a pull request of `branch` from here: a fork may have a branch of that name, or be gone."""
    head = theirs.head
    return head.ref == branch and head.repo is not None and head.repo.id == theirs.base.repo.id


def is_merged(theirs: Theirs, head: str) -> bool:
    """Whether it is merged, and with `head` as its newest commit."""
    return theirs.merged_at is not None and theirs.head.sha == head


def is_early(theirs: Theirs, words: str) -> bool:
    """Whether the same request may well be obeyed in a moment."""
    return theirs.state == "open" and (theirs.mergeable is None or "try the merge again" in words)


def read(theirs: Theirs) -> PullRequest:
    """The same in the agent's words; lists hold all that is needed, so that nothing is fetched for it."""
    merged = theirs.merged_at is not None
    closed = PullRequestState.MERGED if merged else PullRequestState.CLOSED
    return PullRequest(
        number=theirs.number,
        url=theirs.html_url,
        state=PullRequestState.OPEN if theirs.state == "open" else closed,
        branch=theirs.head.ref,
        head=theirs.head.sha,
        base=theirs.base.ref,
        title=theirs.title,
        body=theirs.body or "",
        labels=frozenset(label.name for label in theirs.labels),
        opened_at=theirs.created_at,
        closed_at=theirs.merged_at or theirs.closed_at,
        merge_commit=theirs.merge_commit_sha if merged else None,
    )


def lines(text: str | None) -> str:
    """A text whose ends of lines do not matter: the web form writes others."""
    return (text or "").replace("\r\n", "\n").strip()

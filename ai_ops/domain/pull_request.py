"""The one rolling pull request of a service, as the agent sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

BRANCH_PREFIX = "neuropilot/"

STOP_LABEL = "neuropilot-stop"
"""On any open pull request of the agent: nothing of its service moves until the label is taken off."""


class PullRequestState(StrEnum):
    """How a pull request stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request of a branch of this repository; those of forks are never seen.

    Parameters
    ----------
    number, url
        How a person finds it.
    state
        Open, merged, or closed without a merge.
    branch, head
        The branch it wants merged, and that branch's newest commit as the host knows it.
    base
        The branch it wants to be merged into.
    title, body
        As they stand, perhaps edited by people.
    labels
        Their names.
    opened_at
        Aware UTC.
    closed_at
        When it was merged or closed; None while it is open.
    merge_commit
        What the merge left on the base; None unless it is merged.
    """

    number: int
    url: str
    state: PullRequestState
    branch: str
    head: str
    base: str
    title: str
    body: str
    labels: frozenset[str]
    opened_at: datetime
    closed_at: datetime | None = None
    merge_commit: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether a person can still merge it."""
        return self.state is PullRequestState.OPEN


def branch_of(service: str) -> str:
    """Name of the rolling branch of a service.

    >>> branch_of("web")
    'neuropilot/web'
    """
    return f"{BRANCH_PREFIX}{service}"

"""The sockets: what a plug must offer. One contract test per socket runs over every plug."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import timedelta

    import numpy as np

    from ai_ops.domain.finding import Scores
    from ai_ops.domain.message import Message, Sent
    from ai_ops.domain.metrics import Answer, Panel, Query, Series, Window
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Proposal


class MetricSource(Protocol):
    """Answers queries with series on the window's grid."""

    name: str
    is_simulated: bool

    def fetch(self, query: Query, window: Window) -> Answer:
        """Ask one query over `window`.

        Raises
        ------
        SourceError
            When there is no usable answer: unreachable, refused, empty, not one series.
        """

    def probe(self) -> str:
        """Say who answers, for `neuropilot doctor`.

        Raises
        ------
        SourceError
            When nobody does, with the line that fixes it.
        """


class Detector(Protocol):
    """Scores a series, or every row of a panel. Pure and causal: later points never change a score.

    `threshold` is the score above which a value is abnormal; None asks for one that is calibrated on the
    series' own past. `needs` is the history after which it has a say.
    """

    name: str
    threshold: float | None
    needs: timedelta

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:
        """Score every value against the values before it.

        Parameters
        ----------
        floor
            Smallest spread that means anything at each value, of the values' shape, in the metric's unit.
        """


class Policy(Protocol):
    """Wants something; the guardrails decide what becomes of it."""

    name: str

    def propose(self, situation: Situation) -> Proposal:
        """Say what should move, or that all should stay, and why."""


class Notifier(Protocol):
    """One channel."""

    name: str

    def send(self, message: Message) -> Sent:
        """Deliver `message`, and say how it can be found.

        Raises
        ------
        NotifyError
            When the channel did not take it; `retryable` says if trying again helps.
        """


class CodeHost(Protocol):
    """Where people review: pull requests of branches that git has pushed already.

    Every method raises `DeliveryError` when the host does not do it, with its words and what to do next.
    """

    name: str

    def pull_requests(self, branch: str) -> tuple[PullRequest, ...]:
        """Newest pull requests of `branch` in this very repository, in every state, newest first; at most 30."""

    def open(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open one. Raises `Overtaken` when the branch has an open one already."""

    def invite(self, number: int, reviewers: tuple[str, ...]) -> str | None:
        """Ask people, or teams as owner/team, for a review; None when they are asked, else why the host does not."""

    def edit(self, number: int, title: str, body: str) -> None:
        """Replace title and body."""

    def close(self, number: int) -> None:
        """Close it without a merge; closing a closed one does nothing."""

    def merge(self, number: int, head: str) -> str | None:
        """Merge it if its newest commit is still `head`; None when it is done, else why the host does not let it."""

    def has_said(self, number: int, marker: str) -> bool:
        """Whether one of our comments begins with `marker`."""

    def say(self, number: int, marker: str, text: str) -> None:
        """Leave one comment that begins with `marker`; where one of ours begins with it, edit that one instead.

        Nothing is sent where that comment says `text` already.
        """

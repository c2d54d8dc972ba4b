"""One cycle: its steps, the episode it leaves behind, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ai_ops.domain.finding import Finding
from ai_ops.domain.message import Receipt
from ai_ops.domain.metrics import Gap, Observation, Window, aligned
from ai_ops.domain.prediction import Looked, Outcome, Prediction
from ai_ops.domain.rationale import Rationale
from ai_ops.domain.tuning import Decision, Exploration, Reward, Thresholds

PERIOD = timedelta(hours=6)
"""How often the agent decides, and the shortest window it judges."""

CATCH_UP = timedelta(hours=48)
"""The longest window: what a run looks back on after others were missed."""


ROLLBACK = "rollback"
"""In place of a policy's name: a person took a decision back."""


def window_at(now: datetime, step: timedelta, last_end: datetime | None) -> Window:
    """Window of data that a run at `now` judges: the last period, stretched back over missed runs."""
    end = aligned(now, step)
    start = end - PERIOD
    if last_end is not None:
        start = max(end - CATCH_UP, min(start, aligned(last_end, step)))
    return Window(start, end, step)


def episode_id(service: str, window: Window) -> str:
    """One name for every run of a service within the same period, which is what makes runs idempotent."""
    return f"{service}-{aligned(window.end, PERIOD):%Y%m%dT%H}Z"


_ID = re.compile(r"[a-z][a-z0-9-]*-(\d{8}T\d{2})Z(\.[a-z0-9]+)?", re.ASCII)


def begin_of(episode_id: str) -> datetime:
    """When the period of an episode begins; ValueError for what is no episode's id.

    >>> begin_of("web-20261120T06Z.2").isoformat()
    '2026-11-20T06:00:00+00:00'
    """
    match = _ID.fullmatch(episode_id)
    if match is None:
        raise ValueError(f"{episode_id!r} is no episode's id")
    return datetime.strptime(match[1], "%Y%m%dT%H").replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Episode:
    """What one cycle saw and decided: one line of the ledger.

    Parameters
    ----------
    id
        `<service>-<start of the period>` (see `episode_id`), with `.2`, `.3` when it was decided again.
    measured
        Mean of each canonical metric over the window; a metric that failed is absent.
    thresholds
        The settings as they stood when it was decided.
    policy, mode
        Which policy decided, and what the team allowed it to do.
    prediction, if_unchanged, outcomes, looked, rationale
        See `Foresight`; empty where the policy predicts nothing.
    inputs_digest
        SHA-256 of all that the policy looked at, see `store.snapshots`; None where it keeps no account of that.
    """

    id: str
    service: str
    window: Window
    decided_at: datetime
    source: str
    is_simulated: bool
    policy: str
    mode: str
    thresholds: Thresholds
    measured: Mapping[str, float]
    findings: tuple[Finding, ...]
    reward: Reward
    exploration: Exploration
    decision: Decision
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()
    prediction: Prediction | None = None
    outcomes: tuple[Outcome, ...] = ()
    inputs_digest: str | None = None
    rationale: Rationale | None = None
    if_unchanged: Prediction | None = None
    looked: Looked | None = None


class DeliveryStatus(StrEnum):
    """What became of a decision."""

    NOTHING_TO_DO = "nothing to do"
    SHOWN = "shown only"
    RECORDED = "recorded only"
    REFUSED = "refused"
    PROPOSED = "proposed"
    COMMITTED = "committed"
    ALREADY_LIVE = "already live"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a decision reached the repository, or why it did not.

    Parameters
    ----------
    status
        What happened.
    reason
        One sentence for a person.
    diff
        Unified diff of the settings file; empty when nothing moves.
    commit
        Hash of the commit, when there is one.
    url
        Address of the pull request, when there is one.
    """

    status: DeliveryStatus
    reason: str
    diff: str = ""
    commit: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class CycleResult:
    """Everything a caller may want to print about one finished cycle."""

    episode: Episode
    delivery: Delivery
    receipts: tuple[Receipt, ...] = field(default=())
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Cycle:
    """The steps of the story, as callables; `wiring` chooses them, `ops_brain` tells them."""

    recall: Callable[[Window], Episode | None]
    collect: Callable[[Window], Observation]
    detect: Callable[[Observation], tuple[Finding, ...]]
    reward: Callable[[Observation], Reward]
    tune: Callable[[Observation, tuple[Finding, ...], Reward], Decision]
    remember: Callable[[Observation, tuple[Finding, ...], Reward, Decision], Episode]
    apply: Callable[[Episode], Delivery]
    notify: Callable[[Episode, Delivery], tuple[Receipt, ...]]

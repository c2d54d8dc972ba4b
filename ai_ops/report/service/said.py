"""What a report says of the service itself: values with their evidence, free of any rendering."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.document import Evidence
    from ai_ops.domain.prediction import Interval


class Direction(StrEnum):
    """Where a metric is going (S001-103)."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    STABLE = "stable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is, 0 to 100.

    Parameters
    ----------
    score
        `health_score`, by S001-99 to S001-102, over what was measured; None where nothing was.
    band
        `health_band`: the same, with utilisation penalised only outside of its target band (R7).
    components, band_components
        By "latency", "errors", "cpu" and "memory", the score of each; what was not measured is absent.
    measured
        By canonical metric, the mean that went in.
    costs_most, points_lost
        The component that costs `score` most points, and how many; None and 0 where none costs any.
    """

    score: float | None
    band: float | None
    components: Mapping[str, float]
    band_components: Mapping[str, float]
    measured: Mapping[str, float]
    costs_most: str | None
    points_lost: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class SloStanding:
    """How the promise is kept.

    Parameters
    ----------
    target_percent
        What is promised.
    good_percent, burn
        Of the report's span: share of good requests, and the share of its own error budget that was spent.
    good_percent_30d, budget_left_ratio
        Over the last 30 days: share of good requests, and the share of the error budget that is left, below 0 when
        more than all of it was spent.
    hours_known
        Of these 30 days, how many were measured.
    budget_hours_left
        How long the rest lasts at the burn rate of the report's span; None where it is unknown or lasts for ever.
    words
        The same in one sentence.
    """

    target_percent: float
    good_percent: float | None
    burn: float | None
    good_percent_30d: float | None
    budget_left_ratio: float | None
    hours_known: float
    budget_hours_left: float | None
    words: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Trend:
    """Where one metric is going: its mean over the report's span beside four others. None where nothing was measured.

    Parameters
    ----------
    value, before, baseline, week_ago
        Means over the span, the same time before it, the seven days before it, and the same weekdays a week ago.
    change_percent, baseline_change_percent, week_ago_change_percent
        How much `value` is above each of them.
    direction
        By `change_percent` (S001-103).
    week_ago_direction
        By `week_ago_change_percent`: the headline's (R8).
    """

    metric: str
    value: float | None
    before: float | None
    baseline: float | None
    week_ago: float | None
    change_percent: float | None
    baseline_change_percent: float | None
    week_ago_change_percent: float | None
    direction: Direction
    week_ago_direction: Direction
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class KnobMove:
    """One change of a setting that the agent has decided: what, from what, to what, and what became of it."""

    episode: str
    at: datetime
    knob: str
    before: str
    after: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Scaling:
    """What the autoscaler did, and what the agent did to the autoscaler.

    Parameters
    ----------
    ups, downs
        How often the number of ready instances rose and fell (S001-104); None where nobody counted them.
    lowest, highest, mean
        Instances.
    moves
        Changes that the agent decided in the span.
    holds
        Decisions in the span that changed nothing.
    """

    ups: int | None
    downs: int | None
    lowest: float | None
    highest: float | None
    mean: float | None
    moves: tuple[KnobMove, ...]
    holds: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class CostStanding:
    """What the service costs, in `currency`.

    Parameters
    ----------
    span_cost
        Of the report's span.
    to_date
        Of the calendar month so far; hours that nobody measured cost what the measured ones did on average.
    hours_known, hours_elapsed
        Of this month.
    daily_average, projected_literal, variance_literal_percent
        By S001-105 to S001-107: to date over days elapsed, times 30, against the budget.
    projected
        Of the whole calendar month, with the bounds within which nine of ten should lie (R9).
    variance_percent
        How far `projected.expected` is above the budget.
    budget
        Of a month.
    last_month
        What the month before cost, its hours that nobody measured like the others; None where less than half were.
    """

    currency: str
    span_cost: float | None
    to_date: float | None
    hours_known: float
    hours_elapsed: float
    daily_average: float | None
    projected_literal: float | None
    variance_literal_percent: float | None
    projected: Interval | None
    variance_percent: float | None
    budget: float
    last_month: float | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class AlarmSeen:
    """Findings that are one thing to a person: those of one metric, or of several at the same time.

    Parameters
    ----------
    metrics
        Loudest first.
    since, until
        From the first onset to the last time that it was seen.
    severity, score, reason
        Of the loudest finding.
    findings
        Ids, for `neuropilot label`.
    is_going_on
        Whether it was still there in the newest window.
    """

    metrics: tuple[str, ...]
    since: datetime
    until: datetime
    severity: str
    score: float
    reason: str
    findings: tuple[str, ...]
    is_going_on: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the next hours bring.

    Parameters
    ----------
    hours
        How far it looks.
    peak_requests_per_second, peak_at
        The busiest hour.
    instances_needed, instances_needed_at_most, instances_now
        At that peak, at the upper end of its bounds, and ready now; None where that is not known.
    words
        The same in a sentence, or why there is none.
    """

    hours: int
    peak_requests_per_second: Interval | None
    peak_at: datetime | None
    instances_needed: int | None
    instances_needed_at_most: int | None
    instances_now: float | None
    words: str
    evidence: Evidence

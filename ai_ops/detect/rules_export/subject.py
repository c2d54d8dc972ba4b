"""What the rules of one service are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ai_ops.detect.rules_export.promql import rule_name, selector

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from ai_ops.detect.rules_export.hourly_band import HourlyBand

VALUE, UPPER, LOWER = "value", "upper", "lower"
"""Operations of the recorded series: the metric itself, and the bounds of its band."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The SLO, and how to ask for it over any span.

    Parameters
    ----------
    target_percent
        Share of requests that must be good, below 100.
    minimum_requests
        Requests that a span needs before its share of good ones means anything.
    good_ratio, requests_per_second
        By span ("5m", "1h", ...), the expression over that span; empty where it cannot be asked by span.
    """

    target_percent: float
    minimum_requests: int
    good_ratio: Mapping[str, str]
    requests_per_second: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """One service, what is usual for it, and when somebody is to be told.

    Parameters
    ----------
    service
        Its name.
    expressions
        By metric, how Prometheus is asked for it; only metrics that have a band.
    bands
        What was learned, with bounds as they shall be written.
    left_out
        By metric, why it has no rule.
    promise
        The SLO.
    learned_at
        End of the history.
    hold
        How long a value has to stay outside of its band.
    missing_after
        How long a metric may be absent.
    too_old_after
        When the bands want to be learned anew.
    is_simulated
        Whether the bands come from the made-up service: then they say nothing of a real one.
    """

    service: str
    expressions: Mapping[str, str]
    bands: tuple[HourlyBand, ...]
    left_out: Mapping[str, str]
    promise: Promise
    learned_at: datetime
    hold: timedelta
    missing_after: timedelta
    too_old_after: timedelta
    is_simulated: bool = False
    notes: tuple[str, ...] = field(default=())

    def labels(self, metric: str) -> dict[str, str]:
        """Labels of every series that is recorded of `metric`."""
        return {"service": self.service, "metric": metric}

    def series(self, metric: str, operation: str) -> str:
        """Ask for what was recorded of `metric`."""
        return selector(rule_name(metric, operation), **self.labels(metric))

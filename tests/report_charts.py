"""What the charts of a report are drawn from, for tests: small, plain, and easily changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ai_ops.charts.error_budget import BudgetSpent
from ai_ops.charts.hours_seen import HoursSeen
from ai_ops.charts.month_of_cost import MonthOfCost
from ai_ops.charts.predictions_seen import PredictionShown, PredictionsSeen
from ai_ops.charts.week_seen import AlarmShown, MetricShown, WeekSeen
from ai_ops.domain.finding import Severity
from ai_ops.domain.metrics import Series
from ai_ops.domain.prediction import Interval, Verdict
from ai_ops.domain.report_span import ReportSpan

END = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)
STEP = timedelta(minutes=10)
PER_DAY, WEEK = 144, 1008
"""Values of a series in a day and in a week."""

ALARM = AlarmShown(
    ("error_percent", "latency_p95_ms"), END - timedelta(hours=5), END - timedelta(hours=3), Severity.CRITICAL
)


def a_metric(
    metric: str, values: np.ndarray, mean: float | None = None, change: float | None = None, end: datetime = END
) -> MetricShown:
    """A metric whose last value lies one step before the end."""
    return MetricShown(Series(metric, end - values.size * STEP, STEP, values), mean, change)


def counting(size: int = 2 * WEEK, top: float = 250.0) -> np.ndarray:
    """A value that is never twice the same: a day's wave that grows, shape (size,)."""
    place = np.arange(size)
    return top / 2 + top / 4 * np.sin(2 * np.pi * place / PER_DAY) + top / 5 * place / size


def a_week(*metrics: MetricShown, zone: str = "UTC", days: int = 1, end: datetime = END, **changes: Any) -> WeekSeen:
    """Seven days of a metric, and the day that the report is about."""
    span = ReportSpan(end, zone, days)
    usual = {
        "service": "web",
        "is_simulated": False,
        "metrics": metrics or (a_metric("latency_p95_ms", counting(), 182.4, 12.3),),
        "since": end - timedelta(days=7),
        "span": span.span,
        "zone": zone,
    }
    return WeekSeen(**(usual | changes))


def a_budget(bad_ratio: np.ndarray | float = 0.0001, requests: np.ndarray | float = 3600.0, **changes: Any) -> Any:
    """Thirty days of as many requests in every hour; NaN in `requests` is an hour that nobody measured."""
    start = END - timedelta(days=30)
    counts = np.full(720, 1.0) * requests
    usual = {
        "service": "web",
        "is_simulated": False,
        "requests": HoursSeen(start, END, counts),
        "bad": HoursSeen(start, END, counts * bad_ratio),
        "target_percent": 99.9,
        "zone": "UTC",
    }
    return BudgetSpent(**(usual | changes))


def a_month(per_hour: float = 0.1, end: datetime = END, zone: str = "UTC", **changes: Any) -> MonthOfCost:
    """A month in which every hour costs the same; say as `gaps` which hours of it nobody measured."""
    span = ReportSpan(end, zone)
    costs = np.full(int(np.ceil(span.month.hours)), per_hour)
    costs[-1] *= span.month.hours - (costs.size - 1)
    for since, until in changes.pop("gaps", ()):
        costs[since:until] = np.nan
    usual = {
        "service": "web",
        "is_simulated": False,
        "cost": HoursSeen(span.month.start, end, costs),
        "whole": span.whole_month,
        "budget": 80.0,
        "projected": Interval(72.0, 65.0, 79.0),
        "zone": zone,
        "currency": "EUR",
    }
    return MonthOfCost(**(usual | changes))


def last_month(per_hour: float = 0.12, end: datetime = END, zone: str = "UTC") -> HoursSeen:
    """The whole month before, as dear in every hour."""
    span = ReportSpan(end, zone).last_month
    return HoursSeen(span.start, span.end, np.full(round(span.hours), per_hour))


def a_prediction(days_ago: float, verdict: Verdict = Verdict.HIT, **changes: Any) -> PredictionShown:
    """One that came true."""
    usual = {
        "made_at": END - timedelta(days=days_ago),
        "verdict": verdict,
        "cost_per_hour": Interval(0.1, 0.08, 0.12),
        "cost_came": 0.11,
        "burn": Interval(0.4, 0.1, 0.9),
        "burn_came": 0.5,
    }
    return PredictionShown(**(usual | changes))


MISSED = a_prediction(3, Verdict.MISS, cost_came=0.2, burn_came=4.5)
UNJUDGED = a_prediction(2, Verdict.NOT_JUDGEABLE, cost_came=None, burn_came=None)


def predictions(*shown: PredictionShown, **changes: Any) -> PredictionsSeen:
    """One hit, one miss and one that could not be judged."""
    usual = {
        "service": "web",
        "is_simulated": False,
        "predictions": shown or (a_prediction(10), MISSED, UNJUDGED),
        "end": END,
        "zone": "UTC",
        "hits": 1,
        "misses": 1,
        "calibration": Interval(0.5, 0.09, 0.91),
        "currency": "EUR",
    }
    return PredictionsSeen(**(usual | changes))

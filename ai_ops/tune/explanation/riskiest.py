"""The hours of a replay in which most requests go wrong: what a reviewer should look at first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.rationale import Cause, RiskyHour
from ai_ops.twin.telemetry import MINUTE, SECONDS_PER_MINUTE

if TYPE_CHECKING:
    from ai_ops.tune.search.replays import Replays
    from ai_ops.twin.replayed import Trace

RISKIEST = 3
HOUR = 60


def riskiest_hours(replays: Replays, trace: Trace, column: int, correction: float) -> tuple[RiskyHour, ...]:
    """Find the worst hours of one candidate, worst first; fewer when nothing goes wrong in the others.

    Parameters
    ----------
    trace
        Of the days as they were.
    column
        Which of its candidates.
    correction
        How many times more of the budget reality spends than replays do.
    """
    window, befell = replays.window, replays.befell
    requests = befell.demand * SECONDS_PER_MINUTE
    bad = trace.bad_ratio[:, 0, column] * requests
    hours = (window.start.minute + np.arange(window.minutes)) // HOUR
    by_hour = np.bincount(hours, bad)
    elsewhere = np.bincount(hours, befell.background_bad_ratio * requests)
    budget = max(float(requests.sum()) * replays.twin.platform.allowed_bad_ratio, 1e-12)
    found = []
    for hour in np.argsort(-by_hour, kind="stable")[:RISKIEST].tolist():
        if by_hour[hour] <= 0.0:
            break
        inside = hours == hour
        begin = window.start - window.start.minute * MINUTE + hour * timedelta(hours=1)
        found.append(
            RiskyHour(
                start=max(begin, window.start),
                budget_ratio=rounded(float(by_hour[hour]) / budget * correction),
                requests_per_second=rounded(float(befell.demand[inside].mean())),
                cpu_percent=rounded(float(trace.cpu_percent[inside, 0, column].max())),
                instances=rounded(float(trace.ready[inside, 0, column].min())),
                cause=Cause.ELSEWHERE if elsewhere[hour] > 0.5 * by_hour[hour] else Cause.LOAD,
            )
        )
    return tuple(found)


def rounded(value: float) -> float:
    """Four digits: more would say more than a replay knows, and fill the ledger.

    >>> rounded(0.0123456), rounded(123456.0)
    (0.01235, 123500.0)
    """
    return float(f"{value:.4g}")

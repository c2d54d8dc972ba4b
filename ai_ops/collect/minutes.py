"""The last days minute by minute: what a model of the service is calibrated on.

Two weeks of one metric are 20,160 points, in two requests: Prometheus answers 11,001 at once. What a server cannot
compute at once is asked in halves. Nine metrics take 18 requests.

What was fetched is cached beside the metrics history, 0.15 MB a service (see `minute_cache`), but not on the state
branch: every day would add as much to it for good, 4.5 MB a month of the 5 MB by which the repository may grow, for
the first service alone. A job in CI begins without the cache, and fetches anew what it needs once a day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.collect.plausible import plausible
from ai_ops.domain.metrics import Gap, Series, Window
from ai_ops.domain.quantised import quantised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.collect.fetching import Fetching

MINUTE = timedelta(minutes=1)
LATE_MINUTES = 60
"""Known minutes asked again: an hour, in which late samples usually arrive."""

LEAST_SHARE = 0.5
"""Of the completeness that a metric has on the wider grid, what its minutes must have."""

COST = "cost_per_hour"
MINUTE_METRICS = (
    "cpu_percent",
    "memory_percent",
    "latency_p95_ms",
    "error_percent",
    "requests_per_second",
    "slo_good_ratio",
    "instances",
    "instances_desired",
    COST,
)
"""What a model of the service needs."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """By metric, what came, and what could not be had."""

    series: Mapping[str, Series]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class MinuteHistory:
    """Fetches the last days minute by minute.

    Parameters
    ----------
    fetching
        Asks the queries, and keeps what is known.
    days
        How far back.
    cost
        Derives `cost_per_hour` where no query gives it, from the minutes so far. Without it, the coarser cost that the
        cycle knows holds for each minute that it covers.
    """

    fetching: Fetching
    days: int
    cost: Callable[[Mapping[str, Series], Window], Series | Gap] | None = None

    def fetch(self, end: datetime, coarse: Mapping[str, Series]) -> Minutes:
        """Fetch the days before `end`.

        A partial answer is a gap, as is one with far more holes than `coarse` has: a model must not take what is
        missing for what never was.

        Parameters
        ----------
        end
            A whole minute, aware UTC; the last point lies one minute before it.
        coarse
            By metric, what the cycle has seen on its own, wider grid.
        """
        reach = Window(end - timedelta(days=self.days), end, MINUTE)
        fetched = self.fetching.fetch(reach)
        if not fetched.series:
            return Minutes({}, fetched.gaps)
        gaps = [*fetched.gaps, *(Gap(metric, f"partial: {says[0]}") for metric, says in fetched.warnings.items())]
        gaps += [gap for one in fetched.series.values() if (gap := _sparse(one, coarse.get(one.metric)))]
        lost = {gap.metric for gap in gaps}
        series = {metric: one for metric, one in fetched.series.items() if metric not in lost}
        if COST not in {*series, *(gap.metric for gap in gaps)}:
            derived = self._cost(series, coarse, reach)
            if isinstance(derived, Gap):
                gaps.append(derived)
            else:
                series[COST] = derived
        told = {*series, *(gap.metric for gap in gaps)}
        gaps += [Gap(metric, "no query is configured for it") for metric in MINUTE_METRICS if metric not in told]
        return Minutes({metric: quantised(one) for metric, one in series.items()}, tuple(gaps))

    def _cost(self, minutes: Mapping[str, Series], coarse: Mapping[str, Series], reach: Window) -> Series | Gap:
        if self.cost is not None:
            derived = self.cost(minutes, reach)
            return derived if isinstance(derived, Gap) else plausible(derived)
        known = coarse.get(COST)
        return held(known, reach) if known else Gap(COST, "the cost is not known; see cost.source")


def _sparse(minutes: Series, coarse: Series | None) -> Gap | None:
    """Name a metric that the wider grid knows and the minutes mostly do not: their rates reach over too little."""
    if coarse is None:
        return None
    both = Window(max(minutes.start, coarse.start), minutes.start + minutes.values.size * MINUTE, MINUTE)
    share, known = (float(np.isfinite(one.within(both)).mean()) for one in (minutes, coarse))
    if share >= LEAST_SHARE * known:
        return None
    return Gap(
        minutes.metric,
        f"{share:.0%} of the minutes have a value, where the wider grid has {known:.0%}: "
        "set metrics.minute_window to four scrape intervals",
    )


def held(series: Series, reach: Window) -> Series:
    """Lay a coarser series onto the grid of `reach`: each value covers the step before it.

    The last value is held for one step more; where no value reaches, there is a gap.
    """
    behind = (reach.times() - series.start.timestamp()) / series.step.total_seconds()
    places = np.ceil(behind - 1e-9).astype(np.int64)
    values = np.full(reach.points, np.nan)
    inside = (behind > -1) & (places <= series.values.size)
    values[inside] = series.values[np.minimum(places[inside], series.values.size - 1)]
    return replace(series, start=reach.start, step=reach.step, values=values)

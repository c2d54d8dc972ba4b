"""What a service cost and how many of its requests went wrong, hour by hour: as measured, else as the ledger remembers.

The metrics reach back as far as their source keeps them; episodes reach back as far as the agent does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.metrics import ROUNDING
from ai_ops.report.service.hourly_amounts import SECONDS_PER_HOUR, amounts, hour_edges, painted, rates_of
from ai_ops.report.service.measured import GREATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.metrics import Series
    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service.hourly_amounts import Rates


@dataclass(frozen=True, slots=True)
class Known:
    """A sum over the hours of which anything is known, and how many those are."""

    amount: float
    hours: float

    @property
    def per_hour(self) -> float | None:
        """Mean over these hours; None where nothing is known."""
        return self.amount / self.hours if self.hours > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class HourlyRecord:
    """Amounts by hours that are counted from `start`; the last one ends with the span, and may be a part of an hour.

    Counting from the beginning of the span, and not from whole hours, lets a month begin at midnight on any clock.

    Parameters
    ----------
    start, end
        The span; aware UTC.
    lengths
        Length of each hour in hours, shape (n,): 1, and of the last one above 0 and at most 1.
    cost
        Money spent, shape (n,); NaN where it is not known.
    requests, bad_requests
        Requests of which it is known whether they were good, and those that were not, shape (n,); NaN for both where
        it is not known.
    """

    start: datetime
    end: datetime
    lengths: np.ndarray
    cost: np.ndarray
    requests: np.ndarray
    bad_requests: np.ndarray

    def sum_of(self, amount: np.ndarray) -> Known:
        """Add up one of the arrays."""
        known = np.isfinite(amount)
        return Known(float(amount[known].sum()), float(self.lengths[known].sum()))


def hourly_record(gathered: Gathered, since: datetime, until: datetime) -> HourlyRecord:
    """Amounts of every hour of a span, `until` later than `since`.

    Measured series count wherever they know; hours before they know anything are taken from the ledger, which spreads
    what an episode's window cost and served evenly over it. A moment that several episodes have judged counts once,
    as the last of them has it: a window may reach back over runs that were missed, and a period be decided again.
    """
    edges = hour_edges(since, until)
    requests, bad = _judged(gathered.series)
    episodes = [one for one in gathered.episodes if one.window.end > since and one.window.start < until]
    return HourlyRecord(
        start=since,
        end=until,
        lengths=np.diff(edges) / SECONDS_PER_HOUR,
        cost=_of_both(_cost(gathered.series), _remembered(episodes, _cost_of), edges),
        requests=_of_both(requests, _remembered(episodes, _requests_of), edges),
        bad_requests=_of_both(bad, _remembered(episodes, _bad_of), edges),
    )


def _of_both(measured: Rates | None, remembered: Rates, edges: np.ndarray) -> np.ndarray:
    """As measured; the hours before anything was measured as they are remembered."""
    by_ledger = amounts(remembered, edges)
    if measured is None:
        return by_ledger
    by_series = amounts(measured, edges)
    is_older = edges[:-1] < measured.known_since
    return np.where(np.isnan(by_series) & is_older, by_ledger, by_series)


def _cost(series: Mapping[str, Series]) -> Rates | None:
    cost = series.get("cost_per_hour")
    return None if cost is None else rates_of(cost, _plausible(cost.values))


def _judged(series: Mapping[str, Series]) -> tuple[Rates | None, Rates | None]:
    """Requests of which it was measured whether they were good, and bad ones: per hour."""
    rate, good = series.get("requests_per_second"), series.get("slo_good_ratio")
    if rate is None or good is None or rate.step != good.step or (good.start - rate.start) % rate.step:
        return None, None
    share = _on_the_grid_of(rate, good)
    share = np.where(np.abs(share - np.clip(share, 0.0, 1.0)) <= ROUNDING, np.clip(share, 0.0, 1.0), np.nan)
    requests = _plausible(rate.values) * SECONDS_PER_HOUR
    bad = np.where(requests == 0, 0.0, requests * (1.0 - share))  # without traffic the SLI is 0/0, and weighs nothing
    return rates_of(rate, np.where(np.isfinite(bad), requests, np.nan)), rates_of(rate, bad)


def _on_the_grid_of(grid: Series, series: Series) -> np.ndarray:
    """Values of `series` at the times of `grid`, which has the same step; NaN where it has none."""
    offset = (series.start - grid.start) // grid.step
    place = np.arange(grid.values.size) - offset
    is_inside = (place >= 0) & (place < series.values.size)
    values = np.full(grid.values.size, np.nan)
    values[is_inside] = series.values[place[is_inside]]
    return values


def _plausible(values: np.ndarray) -> np.ndarray:
    return np.where((values >= 0) & (values <= GREATEST), values, np.nan)


def _remembered(episodes: list[Episode], amount_of: Callable[[Episode], float | None]) -> Rates:
    """Amounts per hour by the ledger; where one episode does not know, an earlier one may."""
    known = ((one.window, amount) for one in episodes if (amount := amount_of(one)) is not None)
    return painted(
        [(window.start, window.end, amount / window.hours) for window, amount in known if 0 <= amount <= GREATEST]
    )


def _cost_of(episode: Episode) -> float | None:
    return episode.reward.cost


def _requests_of(episode: Episode) -> float | None:
    return episode.reward.requests if episode.reward.slo_good_percent is not None else None


def _bad_of(episode: Episode) -> float | None:
    requests, good_percent = _requests_of(episode), episode.reward.slo_good_percent
    return None if requests is None or good_percent is None else requests * (1.0 - good_percent / 100.0)

"""Burn rate: whether the error budget is being spent so fast, for so long, that somebody should look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.metrics import ROUNDING
from ai_ops.domain.slo import burn_rate

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Series
    from ai_ops.domain.slo import Slo


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """A pair of windows: the long one says that it matters, the short one that it is still going on.

    Parameters
    ----------
    factor
        Burn rate above which the pair alarms, in both windows.
    long, short
        Lengths of the two windows.
    pages
        Whether it wakes somebody; otherwise it is work for the next day.
    """

    factor: float
    long: timedelta
    short: timedelta
    pages: bool

    def on_grid(self, step: timedelta) -> BurnWindow:
        """Window as a grid of `step` can measure it: whole steps, at least one.

        >>> str(BURN_WINDOWS[0].on_grid(timedelta(minutes=10)).short)
        '0:10:00'
        """
        return replace(self, long=_steps(self.long, step) * step, short=_steps(self.short, step) * step)


BURN_WINDOWS = (
    BurnWindow(14.4, timedelta(hours=1), timedelta(minutes=5), pages=True),
    BurnWindow(6.0, timedelta(hours=6), timedelta(minutes=30), pages=True),
    BurnWindow(3.0, timedelta(days=1), timedelta(hours=2), pages=False),
    BurnWindow(1.0, timedelta(days=3), timedelta(hours=6), pages=False),
)
"""The SRE workbook's windows: 2 %, 5 %, 10 % and 10 % of a 30-day budget spent within 1 h, 6 h, 1 d and 3 d."""

LEAST_SHARE_KNOWN = 0.5
"""A long window of which less was measured has no burn rate: six hours of data say nothing of three days."""


@dataclass(frozen=True, slots=True, eq=False)
class Burn:
    """The burn rates of one service over time; n values, k windows.

    Parameters
    ----------
    windows
        As measured: on a 10-minute grid the short window of 5 minutes is one step of 10.
    long, short
        Burn rates, shape (k, n); 1 spends exactly what the SLO allows. NaN where it was not measured.
    score
        Largest of ``min(long, short) / factor``, shape (n,): above 1 is an alarm. NaN where no window can say.
    """

    windows: tuple[BurnWindow, ...]
    long: np.ndarray
    short: np.ndarray
    score: np.ndarray

    def loudest(self, at: int) -> BurnWindow | None:
        """Window that the score at index `at` comes from; None where none can say."""
        ratios = _ratios(self.windows, self.long, self.short)[:, at]
        return self.windows[int(np.nanargmax(ratios))] if np.isfinite(ratios).any() else None

    def sentence(self, at: int) -> str:
        """What a person should read of the value at index `at`."""
        if (window := self.loudest(at)) is None:
            return "the error budget cannot be judged: too few requests were measured"
        row = self.windows.index(window)
        return (
            f"the error budget is being spent {self.long[row, at]:.1f} times as fast as allowed over "
            f"{_words(window.long)} and {self.short[row, at]:.1f} times over {_words(window.short)} "
            f"(alarm above {window.factor:g} in both)"
        )


def burn(good_ratio: Series, requests_per_second: Series | None, slo: Slo) -> Burn:
    """Measure the burn rate over every window that ends at each value.

    Causal: a burn rate rests on its value and those before it. Points are weighted by their requests, and a long
    window with fewer than `slo.minimum_requests` has no burn rate, however bad its few requests were; the short
    window needs any at all. Without `requests_per_second` all points weigh the same and there is no such minimum.

    Parameters
    ----------
    good_ratio
        Share of good requests, 0 to 1; a value that is no share counts as not measured.
    requests_per_second
        The traffic; on another grid than `good_ratio` it says nothing, and then no window has a burn rate.
    slo
        The promise.

    References
    ----------
    Beyer et al., The Site Reliability Workbook (2018), chapter 5, "Multiwindow, Multi-Burn-Rate Alerts".
    """
    bad, requests, least = _weighted(good_ratio, requests_per_second, slo)
    windows = tuple(window.on_grid(good_ratio.step) for window in BURN_WINDOWS)
    known = np.isfinite(bad)
    unit = burn_rate(1.0, slo.target_percent)

    def rate(length: timedelta, least: float, share: float) -> np.ndarray:
        points = _steps(length, good_ratio.step)
        total = _sum_of_last(requests, points)
        enough = (total >= least) & (total > 0) & (_sum_of_last(known.astype(float), points) >= share * points)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(enough, unit * _sum_of_last(np.nan_to_num(bad), points) / total, np.nan)

    long = np.stack([rate(window.long, least, LEAST_SHARE_KNOWN) for window in windows])
    short = np.stack([rate(window.short, 0.0, 0.0) for window in windows])
    return Burn(windows, long, short, np.fmax.reduce(_ratios(windows, long, short)))


def _ratios(windows: tuple[BurnWindow, ...], long: np.ndarray, short: np.ndarray) -> np.ndarray:
    """How near each window is to its alarm, shape (k, n)."""
    return np.asarray(np.minimum(long, short) / np.array([[window.factor] for window in windows]))


def _weighted(good_ratio: Series, traffic: Series | None, slo: Slo) -> tuple[np.ndarray, np.ndarray, float]:
    """Bad requests and all requests of each point, shapes (n,), bad NaN where unknown; and how many are enough."""
    good = good_ratio.values
    requests, least = np.ones(good.size), 0.0
    if traffic is not None:
        is_same_grid = (traffic.start, traffic.step, traffic.values.size) == (
            good_ratio.start,
            good_ratio.step,
            good.size,
        )
        requests = traffic.values * good_ratio.step.total_seconds() if is_same_grid else np.full(good.size, np.nan)
        least = float(slo.minimum_requests)
    with np.errstate(invalid="ignore"):
        is_share = np.abs(good - np.clip(good, 0.0, 1.0)) <= ROUNDING
        # A point without traffic has no SLI (0/0), and weighs nothing.
        known = is_share & np.isfinite(requests) & (requests > 0)
    requests = np.where(known, requests, 0.0)
    return np.where(known, (1.0 - np.clip(good, 0.0, 1.0)) * requests, np.nan), requests, least


def _sum_of_last(values: np.ndarray, points: int) -> np.ndarray:
    """Sum of each value and the `points - 1` before it, shape (n,); fewer at the beginning."""
    running = np.concatenate([[0.0], np.cumsum(values)])
    first = np.maximum(np.arange(1, values.size + 1) - points, 0)
    return np.asarray(running[1:] - running[first])


def _steps(length: timedelta, step: timedelta) -> int:
    return max(1, round(length / step))


def _words(length: timedelta) -> str:
    """Read a length of time aloud.

    >>> _words(timedelta(minutes=10)), _words(timedelta(hours=1)), _words(timedelta(days=3))
    ('10 minutes', '1 hour', '3 days')
    """
    for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if length >= size and length % size == timedelta(0):
            return f"{length // size} {unit}{'s' if length // size > 1 else ''}"
    return f"{length.total_seconds():g} seconds"

"""The next weeks of demand: the peak of each week, its trend, and how far that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.warming_up import WarmingUp

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.twin.outlook.demand import Demand

WEEK = timedelta(days=7)
WEEKS_AHEAD = 8
LEAST_WEEKS = 3
"""Two weeks make a difference, and only a third one tells whether it was a trend."""

PEAK_QUANTILE = 0.995
"""What all but fifty minutes of a week stay below: regular jobs count, and one odd quarter of an hour does not."""

LEAST_KNOWN = 0.8
"""Share of a week that must have been measured to know its peak."""

LEVEL_SPEED, TREND_SPEED, DAMPING = 0.5, 0.2, 0.9
"""The level remembers about two weeks, the trend about five of its levels. Of a trend, nine tenths go on each week:
damped ones are the better bet beyond a few steps (Gardner and McKenzie, 1985; Hyndman and Athanasopoulos, 2021,
section 8.2)."""

SCEPTICAL_WEEKS = 4
"""The first trend is the usual growth from week to week, as if there had been a month without any growth as well: half
of it after five weeks, three quarters after thirteen."""

LEAST_SIGMA = 0.01
"""No service is so regular that its weekly peaks differ by less than 1 %."""

UPPER = 0.95
"""The interval holds nine of ten."""


@dataclass(frozen=True, slots=True, eq=False)
class WeeksAhead:
    """Weekly peaks that were, and that will probably be.

    Parameters
    ----------
    start
        End of the last known week; weeks are counted back and on from there.
    peaks
        Requests per second of the known weeks, oldest first, shape (k,).
    expected, lower, upper
        The same of the next weeks, shape (WEEKS_AHEAD,). Nine of ten lie between the last two.
    """

    start: datetime
    peaks: np.ndarray
    expected: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def growth_ratio(self) -> float:
        """By how much the expected peak of the last week ahead exceeds the last known one; negative when it falls."""
        return float(self.expected[-1] / self.peaks[-1] - 1.0)


def weekly_peaks(demand: Demand) -> np.ndarray:
    """Peak of each week, counted back from the end, oldest first; NaN where too little of it was measured."""
    spans = WEEK // demand.step
    missing = -demand.values.size % spans  # of the oldest week, which may lack its first hours
    weeks = np.concatenate([np.full(missing, np.nan), demand.values]).reshape(-1, spans)
    enough = np.isfinite(weeks).sum(axis=1) >= LEAST_KNOWN * spans
    return np.array([usual_peak(week) if is_known else np.nan for week, is_known in zip(weeks, enough, strict=True)])


def usual_peak(values: np.ndarray) -> float:
    """What all but half a percent of the values stay below; NaN when nothing was measured."""
    known = values[np.isfinite(values)]
    return float(np.quantile(known, PEAK_QUANTILE)) if known.size else np.nan


def weeks_ahead(demand: Demand) -> WeeksAhead | WarmingUp:
    """Forecast the peaks of the next weeks: Holt's damped trend on their logarithms, at speeds fixed beforehand.

    A handful of weeks cannot teach speeds of their own. The interval is that of the state-space model with additive
    errors, by Student's t.
    """
    peaks = weekly_peaks(demand)
    known = np.flatnonzero(peaks > 0)
    if known.size < LEAST_WEEKS:
        return WarmingUp(known.size, LEAST_WEEKS, "weeks")
    logs = np.interp(np.arange(known[0], peaks.size), known, np.log(peaks[known]))
    middle, errors = _holt(logs)
    wide = _half_widths(errors)
    return WeeksAhead(
        start=demand.end,
        peaks=np.exp(logs),
        expected=np.exp(middle),
        lower=np.exp(middle - wide),
        upper=np.exp(middle + wide),
    )


def _holt(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Forecast, shape (WEEKS_AHEAD,), and the one-week errors so far, same shape as `logs`."""
    from statsmodels.tsa.holtwinters import Holt

    changes = np.diff(logs)
    trend = float(np.median(changes)) * changes.size / (changes.size + SCEPTICAL_WEEKS)
    first = logs[0] - DAMPING * trend  # so that the first week is no surprise
    model = Holt(logs, damped_trend=True, initialization_method="known", initial_level=first, initial_trend=trend)
    with np.errstate(divide="ignore", invalid="ignore"):  # its likelihood is infinite where every week is the same
        fitted = model.fit(
            smoothing_level=LEVEL_SPEED, smoothing_trend=TREND_SPEED, damping_trend=DAMPING, optimized=False
        )
        return np.asarray(fitted.forecast(WEEKS_AHEAD)), np.asarray(fitted.resid)


def _half_widths(errors: np.ndarray) -> np.ndarray:
    """Half of the interval's width in each week ahead, by the one-week errors so far; shape (WEEKS_AHEAD,).

    References
    ----------
    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition (2021), table 8.8.
    """
    from scipy.special import stdtrit

    freedom = errors.size - 1  # the first error is 0 by the choice of the first level
    sigma = max(float(np.sqrt((errors**2).sum() / freedom)), LEAST_SIGMA)
    reach = np.cumsum(DAMPING ** np.arange(1, WEEKS_AHEAD))
    carried = np.concatenate(([0.0], np.cumsum((LEVEL_SPEED * (1.0 + TREND_SPEED * reach)) ** 2)))
    return np.asarray(stdtrit(freedom, UPPER) * sigma * np.sqrt(1.0 + carried))

"""Holt-Winters: level, damped trend and season, each followed at several speeds at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLIP = 3.0
"""A surprise counts for at most three of the spreads seen so far, so that a spike does not become the season
(Gelper, Fried and Croux, 2010). The spread grows with what it sees, so a shift that lasts is followed within hours."""

GROWTH = 3.0
"""The spread itself hears of a surprise up to three times as large: half as much again for each huge surprise."""

SPREAD_SPEED = 0.05
"""A memory of about a day."""

MEAN_ABSOLUTE_TO_SIGMA = 1.2533
"""sqrt(pi / 2): turns a mean absolute deviation into a standard deviation, for a normal distribution."""

SHARE_OF_SPREAD = 0.02
SHARE_OF_LEVEL = 0.001
"""The first spread is at least 2 % of the standard deviation and 0.1 % of the level: finer is rounding."""

FIRST_SEASONS = 2
"""Seasons that the first level and shape are taken from."""


@dataclass(frozen=True, slots=True, eq=False)
class Speeds:
    """How fast k variants forget; every field has the shape (k,).

    Parameters
    ----------
    level, trend, season
        Weight of what is new, 0 to 1: the alpha, beta* and gamma of Holt and Winters.
    damping
        What is left of the trend after each further step, 0 to 1.
    """

    level: np.ndarray
    trend: np.ndarray
    season: np.ndarray
    damping: np.ndarray


def holt_winters(values: np.ndarray, period: int, speeds: Speeds, horizon: int, clip: float = CLIP) -> np.ndarray:
    """Forecast the next values after each value, from the values up to it.

    A gap moves nothing: level and season stay, the trend goes on damped. Trend and season are additive.

    Parameters
    ----------
    values
        Shape (n,), at least `FIRST_SEASONS` periods; NaN where nothing was measured.
    period
        Values in a season.
    speeds
        The k variants.
    horizon
        How many values ahead; at most a period.
    clip
        Spreads a surprise counts for at most; infinity gives the textbook's recursion.

    Returns
    -------
    np.ndarray
        Shape (n, k, horizon): at [t, j, h] variant j's forecast of value t + 1 + h, made at t.

    References
    ----------
    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition (2021), section 8.3.
    """
    level, trend, season, spread = _first_states(values, period, speeds.level.size)
    reach = np.cumsum(speeds.damping[:, None] ** np.arange(1, horizon + 1), axis=1)
    ahead = np.arange(1, horizon + 1)
    made = np.empty((values.size, speeds.level.size, horizon))
    for t, value in enumerate(values):
        phase = t % period
        drifted = level + speeds.damping * trend
        surprise = value - drifted - season[:, phase] if np.isfinite(value) else np.zeros_like(level)
        if np.isfinite(value):
            most = np.where(spread > 0, clip * spread, np.inf)
            seen = np.minimum(np.abs(surprise), GROWTH * most)
            surprise = np.clip(surprise, -most, most)
            spread = spread + SPREAD_SPEED * (MEAN_ABSOLUTE_TO_SIGMA * seen - spread)
        before, level = level, drifted + speeds.level * surprise
        trend = speeds.damping * trend + speeds.trend * (level - before - speeds.damping * trend)
        season[:, phase] += speeds.season * surprise
        made[t] = level[:, None] + reach * trend[:, None] + season[:, (t + ahead) % period]
    return made


def _first_states(
    values: np.ndarray, period: int, variants: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Level, trend, season and spread to begin with: medians over the first seasons, no trend."""
    first = values[: FIRST_SEASONS * period].reshape(FIRST_SEASONS, period)
    known = first[np.isfinite(first)]
    level = float(np.median(known)) if known.size else 0.0
    shape = np.array([np.median(seen) if (seen := phase[np.isfinite(phase)]).size else level for phase in first.T])
    steps = np.abs(np.diff(first.ravel()))
    steps = steps[np.isfinite(steps)]
    usual = float(np.median(steps)) if steps.size else 0.0
    spread = max(usual, SHARE_OF_SPREAD * float(known.std()), SHARE_OF_LEVEL * abs(level)) if known.size else 0.0
    return (
        np.full(variants, level),
        np.zeros(variants),
        np.tile(shape - level, (variants, 1)),
        np.full(variants, spread),
    )

"""What else is in use, re-implemented here from its description, each as causal as its users have it.

A peer is a function `score(timestamps, values) -> scores`: timestamps datetime64 of shape (n,), values float64 of
shape (n,) with NaN for a gap; one score per row, higher is more unusual, NaN where it cannot say. Peers count in rows
of the usual distance between timestamps, as those do that run on a regular grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from timestamps import step_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    Peer = Callable[[np.ndarray, np.ndarray], np.ndarray]

DAY, HOUR = 86_400.0, 3_600.0
TINY = 1e-9
"""Relative to the level: keeps a division by a spread of zero finite, and no more than that."""


def rows_of(seconds: float, timestamps: np.ndarray, least: int = 2) -> int:
    """How many rows a span of time takes."""
    return max(least, round(seconds / max(step_seconds(timestamps), 1.0)))


def rolling_z(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """|x - mean| / sd of the last day, the point itself included: the naive formula."""
    day = _pandas(values).rolling(rows_of(DAY, timestamps), min_periods=2)
    return _ratio(values - day.mean().to_numpy(), day.std().to_numpy(), values)


def three_sigma(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """|x - mean| / sd of the day before, the point itself excluded: the textbook rule."""
    day = _pandas(values).shift(1).rolling(rows_of(DAY, timestamps), min_periods=2)
    return _ratio(values - day.mean().to_numpy(), day.std().to_numpy(), values)


def mad(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """|x - median| / MAD of the day before; each distance is from the median of its own time, as it streams in."""
    rows = rows_of(DAY, timestamps)
    middle = _pandas(values).shift(1).rolling(rows, min_periods=2).median()
    off = (_pandas(values) - middle).abs()
    spread = 1.4826 * off.shift(1).rolling(rows, min_periods=2).median()
    return _ratio(off.to_numpy(), spread.to_numpy(), values)


def ewma(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:  # noqa: ARG001  # a peer takes both
    """|x - ewma| / |ewma| with span 20, the point itself included: the naive formula."""
    level = _pandas(values).ewm(span=20, adjust=False).mean().to_numpy()
    return _ratio(values - level, np.abs(level), values)


def seasonal_replay(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """|residual| / sd of a daily `seasonal_decompose` of the last 14 days, run anew every six hours.

    A batch sees its own later rows, as an agent that wakes every six hours does; nothing sees the next batch.
    """
    from statsmodels.tsa.seasonal import seasonal_decompose

    day, batch = rows_of(DAY, timestamps), rows_of(DAY / 4, timestamps)
    filled = _pandas(values).ffill().bfill().to_numpy()
    scores = np.full(values.size, np.nan)
    for end in range(batch, values.size + batch, batch):
        seen = filled[max(0, end - 14 * day) : end]
        if seen.size < 2 * day:
            continue
        residual = seasonal_decompose(seen, period=day, extrapolate_trend=day).resid
        newest = residual[seen.size - (min(end, values.size) - (end - batch)) :]
        scores[end - batch : end] = np.abs(newest) / max(float(residual.std()), TINY * np.abs(seen).max(), 1e-300)
    return np.where(np.isfinite(values), scores, np.nan)


def naive_ensemble(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean of the three naive formulas in units of their thresholds (3, 0.3, 3), each cut at three of them.

    Uncut, a relative deviation near zero drowns the others; cut at one threshold, everything unusual ties.
    """
    parts = [rolling_z(timestamps, values) / 3.0, ewma(timestamps, values) / 0.3]
    parts.append(seasonal_replay(timestamps, values) / 3.0)
    mean = np.mean([np.minimum(np.nan_to_num(part, nan=0.0), 3.0) for part in parts], axis=0)
    return np.where(np.isfinite(values), mean, np.nan)


def record(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How far beyond the extremes of the last 1500 rows, in units of their range; silent for the first day."""
    before = _pandas(values).shift(1).rolling(1500, min_periods=rows_of(DAY, timestamps))
    high, low = before.max().to_numpy(), before.min().to_numpy()
    beyond = np.maximum(np.maximum(values - high, low - values), 0.0)
    return _ratio(beyond, high - low, values)


def grafana_adaptive(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Distance from the hourly mean in units of the band, for five minutes: grafana/promql-anomaly-detection, adaptive.

    The band is the widest of: the hourly mean +- 2 sd (26 h mean of those hourly sd that exceed half of the mean), the
    mean +- half of it, and mean +- 2 sd of the hour around this time one day and one week ago; never below zero.
    Values of zero are left out, as its rules do (`> 0`).
    """
    import pandas as pd

    x = _pandas(np.where(values > 0, values, np.nan))
    hour = x.rolling(rows_of(HOUR, timestamps, least=3), min_periods=2)
    mean, sd = hour.mean(), hour.std(ddof=0)
    smooth = sd.where(sd > 0.5 * mean).rolling(rows_of(26 * HOUR, timestamps), min_periods=1).mean()
    ago = [rows_of(back * HOUR, timestamps) for back in (23.5, 167.5)]
    upper = pd.concat([mean + 2 * smooth, 1.5 * mean, *((mean + 2 * sd).shift(rows) for rows in ago)], axis=1).max(
        axis=1
    )
    lower = pd.concat([mean - 2 * smooth, 0.5 * mean, *((mean - 2 * sd).shift(rows) for rows in ago)], axis=1).min(
        axis=1
    )
    off = (x - mean).to_numpy()
    reach = np.where(off >= 0, upper - mean, mean - lower.clip(lower=0.0))
    held = pd.Series(_ratio(off, reach, values)).rolling(1 + rows_of(300.0, timestamps, least=0)).min()
    return held.to_numpy()


def netdata_consensus(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Distance that even the most lenient of 18 k-means models finds, as Netdata's agent learns them.

    Features: the differences, smoothed over 3, with 5 lags. A model is k-means with k = 2 on 6 hours (here at least
    36 rows, since it was made for one row per second), a new one every 3 hours, the last 18 kept. A model's score is
    the mean distance to both centres, 0 at the smallest and 1 at the largest that it saw while learning; the smallest
    over the models is above a threshold only when all of them agree.
    """
    features = _difference_features(values)
    window, every = rows_of(6 * HOUR, timestamps, least=36), rows_of(3 * HOUR, timestamps)
    ends = np.arange(window, values.size, every)
    if not ends.size:
        return np.full(values.size, np.nan)
    learned = features[ends[:, None] - window + np.arange(window)]
    centres = _two_means(learned)
    seen = _mean_distance(learned, centres)
    low, high = seen.min(axis=1), seen.max(axis=1)
    scores = np.full(values.size, np.nan)
    for newest, start in enumerate(ends):
        known = slice(max(0, newest - 17), newest + 1)
        rows = np.broadcast_to(
            features[start : start + every], (newest + 1 - known.start, *features[start : start + every].shape)
        )
        far = _mean_distance(rows, centres[known]) - low[known, None]
        scores[start : start + every] = (far / np.maximum(high - low, TINY)[known, None]).min(axis=0)
    return np.where(np.isfinite(values), scores, np.nan)


def _difference_features(values: np.ndarray) -> np.ndarray:
    """Differences, smoothed over 3, with 5 lags: shape (n, 6)."""
    filled = _pandas(values).ffill().bfill()
    smooth = filled.diff().fillna(0.0).rolling(3, min_periods=1).mean().to_numpy()
    padded = np.concatenate([np.zeros(5), smooth])
    return np.lib.stride_tricks.sliding_window_view(padded, 6).copy()


def _two_means(points: np.ndarray, rounds: int = 30) -> np.ndarray:
    """Lloyd's k-means, k = 2, on many sets at once: (sets, n, d) -> centres (sets, 2, d); starts at far points."""
    first = _farthest(points, points.mean(axis=1))
    centres = np.stack([first, _farthest(points, first)], axis=1)
    for _ in range(rounds):
        nearest = _distances(points, centres).argmin(axis=2)
        for k in (0, 1):
            mine = (nearest == k)[..., None]
            count = mine.sum(axis=1)
            centres[:, k] = np.where(count > 0, (points * mine).sum(axis=1) / np.maximum(count, 1), centres[:, k])
    return centres


def _farthest(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Of each set, the point farthest from its centre."""
    return points[np.arange(len(points)), ((points - centre[:, None]) ** 2).sum(axis=2).argmax(axis=1)]


def _distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Euclidean, (sets, n, d) to (sets, k, d): shape (sets, n, k)."""
    return np.sqrt(((points[:, :, None] - centres[:, None]) ** 2).sum(axis=3))


def _mean_distance(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Mean over the centres, shape (sets, n)."""
    return _distances(points, centres).mean(axis=2)


def always_on(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """The same score everywhere: a scorer that likes it measures nothing."""
    return np.ones(values.size)


def random_scores(timestamps: np.ndarray, values: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Uniform noise, of its own for each series and the same in every run."""
    return np.random.default_rng(crc32(values.tobytes())).random(values.size)


def _pandas(values: np.ndarray) -> pd.Series:
    import pandas as pd

    return pd.Series(values)


def _ratio(off: np.ndarray, spread: np.ndarray, values: np.ndarray) -> np.ndarray:
    """|off| / spread; where the spread is nothing, a step beyond the rounding is as far as can be."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.abs(off) / np.maximum(spread, TINY * (np.abs(values) + TINY))


PEERS: Mapping[str, Peer] = {
    "naive z": rolling_z,
    "naive EWMA": ewma,
    "naive seasonal, 6 h replay": seasonal_replay,
    "naive ensemble, 6 h replay": naive_ensemble,
    "3 sigma": three_sigma,
    "MAD": mad,
    "Netdata-style consensus": netdata_consensus,
    "Grafana adaptive band": grafana_adaptive,
    "record of 1500 rows": record,
    "always on": always_on,
    "random": random_scores,
}

SHIPPED: Mapping[str, float] = {
    "naive z": 3.0,
    "naive EWMA": 0.3,
    "naive seasonal, 6 h replay": 3.0,
    "naive ensemble, 6 h replay": 1.0,
    "3 sigma": 3.0,
    "MAD": 3.5,  # Iglewicz and Hoaglin (1993)
    "Netdata-style consensus": 0.99,
    "Grafana adaptive band": 1.0,
    "record of 1500 rows": TINY,
    "always on": 1.0,
    "random": 0.99,
}
"""The threshold that a peer comes with."""

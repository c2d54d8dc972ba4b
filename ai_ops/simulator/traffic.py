"""Demand for a made-up service: shapes of a week, growth, crowds, spikes, and recorded traffic.

Every function gives requests per second of each minute, shape (days * 1440,). `peak` is the rate at the busiest
regular hour. Minutes count from a Monday, 00:00 UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

MINUTES_PER_DAY, MINUTES_PER_WEEK, SATURDAY = 1440, 10_080, 5
REGULAR_PEAK = 0.995
"""Recorded traffic is scaled so that all but the busiest half percent of its minutes stay below the peak."""


def flat(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give the same demand day and night, a little noisy."""
    return peak * _wobble(days * MINUTES_PER_DAY, rng, 0.03)


def daily(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give a smooth day: a fifth of the peak before dawn, the peak in the afternoon; each day has its own level."""
    hour = _minutes(days) % MINUTES_PER_DAY / 60.0
    rhythm = 0.6 + 0.4 * np.sin(2.0 * np.pi * (hour - 9.0) / 24.0)
    return np.asarray(peak * rhythm * _by_day(days, rng, 0.04) * _wobble(days * MINUTES_PER_DAY, rng, 0.03))


def weekly(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give an office service: a steep morning, a lunch dip, quiet evenings, weekends at a third."""
    minute = _minutes(days)
    hour = minute % MINUTES_PER_DAY / 60.0
    office = 0.15 + 0.85 * _rises(hour, 8.0) * (1.0 - _rises(hour, 18.0)) - 0.2 * np.exp(-(((hour - 12.5) / 0.7) ** 2))
    is_weekend = minute // MINUTES_PER_DAY % 7 >= SATURDAY
    rhythm = np.where(is_weekend, 0.35 * office + 0.05, office)
    return np.asarray(peak * np.maximum(rhythm, 0.1) * _by_day(days, rng, 0.05) * _wobble(minute.size, rng, 0.04))


def growing(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give a daily rhythm that grows by six tenths over the whole time, to `peak`."""
    trend = np.linspace(1.0, 1.6, days * MINUTES_PER_DAY) / 1.6
    return np.asarray(trend * daily(peak, days, rng))


def level_shift(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give a daily rhythm whose level rises by half within an hour, somewhere in the middle third of the time."""
    minute = _minutes(days)
    at = rng.uniform(1 / 3, 2 / 3) * minute.size
    return np.asarray((1.0 + 0.5 * np.clip((minute - at) / 60.0, 0.0, 1.0)) / 1.5 * daily(peak, days, rng))


def flash_crowds(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give a daily rhythm with crowds, one in five days: up within minutes, gone in an hour or two."""
    demand = daily(peak, days, rng)
    minute = _minutes(days)
    for begin in rng.integers(0, minute.size, rng.poisson(days / 5.0)):
        since = np.maximum(minute - begin, 0.0)
        rise, fade = rng.uniform(4.0, 15.0), rng.uniform(30.0, 60.0)
        demand = demand + peak * rng.uniform(0.3, 0.9) * (1.0 - np.exp(-since / rise)) * np.exp(-since / fade)
    return demand


def request_spikes(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give a daily rhythm with spikes of two to eight minutes, one or two in a day."""
    demand = daily(peak, days, rng)
    for begin in rng.integers(0, demand.size, rng.poisson(1.5 * days)):
        lasts = int(rng.integers(2, 9))
        demand[begin : begin + lasts] += peak * rng.uniform(0.15, 0.45)
    return demand


def daily_batch(peak: float, days: int, rng: np.random.Generator) -> np.ndarray:
    """Give a low plain demand with a job at 02:00 UTC each night that takes an hour and a half at full peak."""
    minute = _minutes(days)
    begins = 120.0 + rng.normal(0.0, 3.0, days)[minute // MINUTES_PER_DAY]
    lasts = rng.uniform(75.0, 105.0, days)[minute // MINUTES_PER_DAY]
    since = minute % MINUTES_PER_DAY - begins
    is_running = np.clip(since / 5.0, 0.0, 1.0) * np.clip((lasts - since) / 5.0, 0.0, 1.0)
    return np.asarray(0.3 * daily(peak, days, rng) + 0.75 * peak * is_running * _wobble(minute.size, rng, 0.05))


SHAPES = {
    "flat": flat,
    "daily": daily,
    "weekly": weekly,
    "growing": growing,
    "level shift": level_shift,
    "flash crowds": flash_crowds,
    "request spikes": request_spikes,
    "daily batch": daily_batch,
}
"""The generated shapes by name."""


def recorded(path: Path, peak: float, rng: np.random.Generator, *, noise: float = 0.03) -> np.ndarray:
    """Read recorded traffic and scale it to `peak`.

    Parameters
    ----------
    path
        A csv file with the columns `timestamp` and `requests_per_second`, at one minute or coarser.
    peak, noise
        See `by_minute`.

    Returns
    -------
    numpy.ndarray
        Requests per second of each minute from the first Monday 00:00 UTC of the file on.
    """
    import pandas as pd

    table = pd.read_csv(path)
    seconds = pd.to_datetime(table["timestamp"], utc=True).to_numpy("datetime64[s]").astype(np.int64)
    return by_minute(seconds, table["requests_per_second"].to_numpy(dtype=np.float64), peak, rng, noise=noise)


def by_minute(
    seconds: np.ndarray, rates: np.ndarray, peak: float, rng: np.random.Generator, *, noise: float = 0.03
) -> np.ndarray:
    """Bring recorded traffic to minutes, from its first Monday 00:00 UTC on, and scale it to `peak`.

    Parameters
    ----------
    seconds, rates
        Epoch seconds and requests per second, the mean over the bin that begins there; shape (n,), evenly spaced.
    peak
        Requests per second that all but the busiest half percent of the minutes stay below.
    noise
        Standard deviation of the correlated noise that coarser bins get for what their means hide; a ratio.
    """
    from scipy.interpolate import PchipInterpolator

    if seconds.size < 2:  # noqa: PLR2004  # one row has no step
        raise ValueError("recorded traffic needs at least two rows")
    step_seconds = float(np.median(np.diff(seconds)))
    end = seconds[-1] + step_seconds
    minutes = np.arange(seconds[0], end, 60)
    minutes = minutes[np.argmax(((minutes // 86_400 + 3) % 7 == 0) & (minutes % 86_400 < 60)) :]  # noqa: PLR2004
    if step_seconds > 60:  # noqa: PLR2004  # the middle of a bin is where its mean belongs
        middles = np.concatenate(([seconds[0]], seconds + step_seconds / 2, [end]))
        curve = PchipInterpolator(middles, np.concatenate((rates[:1], rates, rates[-1:])))
        demand = curve(minutes + 30.0) * _wobble(minutes.size, rng, noise)
    else:
        demand = np.interp(minutes, seconds, rates)
    return np.asarray(np.maximum(demand, 0.0) * (peak / np.quantile(demand, REGULAR_PEAK)))


def _minutes(days: int) -> np.ndarray:
    return np.arange(days * MINUTES_PER_DAY)


def _rises(hour: np.ndarray, at: float) -> np.ndarray:
    """From 0 to 1 around the hour `at`, within about two hours."""
    return np.asarray(1.0 / (1.0 + np.exp(-(hour - at) * 2.5)))


def _by_day(days: int, rng: np.random.Generator, sigma: float) -> np.ndarray:
    """A level for each day, drawn at its midnight and drifting smoothly to the next; shape (days * 1440,)."""
    levels = np.exp(rng.normal(0.0, sigma, days + 1))
    return np.asarray(np.interp(_minutes(days) / MINUTES_PER_DAY, np.arange(days + 1), levels))


def _wobble(minutes: int, rng: np.random.Generator, sigma: float) -> np.ndarray:
    """Noise around 1 that remembers about ten minutes; shape (minutes,)."""
    from scipy.signal import lfilter

    keep = 0.9
    shocks = rng.normal(0.0, sigma * np.sqrt(1.0 - keep**2), minutes)
    return np.asarray(np.exp(lfilter([1.0], [1.0, -keep], shocks)))

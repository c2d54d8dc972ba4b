"""What a CPU means for users: the share of bad requests, and the slowest twentieth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BIN_PERCENT = 2.0
"""Width of a bin of CPU."""

LEAST_MINUTES = 8
"""Bins with fewer minutes are joined with the one below: a busy minute is rare, and worth most."""

LEAST_BAD_RATIO = 1e-6
"""A logarithm needs a floor; one bad request in a million is below what any promise speaks of."""

DECADES_PER_POINT = 1.0 / 5.0
"""Beyond the data, every five points of CPU make requests at least ten times as often bad: what is unknown is dear."""

DOUBLINGS_PER_POINT = 1.0 / 10.0
"""Beyond the data, every ten points of CPU at least double the latency."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A quantity by CPU, straight between its knots in log10 space, rising.

    Parameters
    ----------
    cpus, logs
        Knots, shape (k,): percent, log10 of the quantity.
    slope
        Decades per point of CPU beyond the last knot.
    known_up_to_percent
        The highest CPU at which it was really seen.
    """

    cpus: np.ndarray
    logs: np.ndarray
    slope: float
    known_up_to_percent: float

    def at(self, cpu: np.ndarray) -> np.ndarray:
        """Value at each CPU, which may exceed 100."""
        logs = np.interp(cpu, self.cpus, self.logs) + np.maximum(cpu - self.cpus[-1], 0.0) * self.slope
        return np.asarray(10.0 ** np.minimum(logs, 12.0))


def fit_bad_ratio(cpu: np.ndarray, bad: np.ndarray, requests: np.ndarray) -> Curve | str:
    """Share of bad requests by CPU: means of bins, made monotone so that their total stays what it was.

    Parameters
    ----------
    cpu, bad, requests
        Percent, share from 0 to 1, and number of requests of the same minutes; shape (n,), finite.
    """
    if cpu.size < LEAST_MINUTES:
        return "no CPU was seen for long enough to say how many requests go wrong at it"
    bins = _bins(cpu)
    total = np.maximum(np.bincount(bins, requests), 1.0)
    ratio = _isotonic(np.bincount(bins, bad * requests) / total, total)
    return _extended(_centres(cpu, bins), np.log10(np.maximum(ratio, LEAST_BAD_RATIO)), DECADES_PER_POINT)


def fit_latency(cpu: np.ndarray, latency_ms: np.ndarray) -> Curve | None:
    """95th percentile of the latency by CPU: medians of bins; None when it was hardly measured."""
    known = np.isfinite(latency_ms) & (latency_ms > 0)
    cpu, latency = cpu[known], latency_ms[known]
    if cpu.size < LEAST_MINUTES:
        return None
    bins = _bins(cpu)
    medians = np.array([np.median(latency[bins == index]) for index in range(bins.max() + 1)])
    smooth = _isotonic(np.log10(medians), np.bincount(bins))
    return _extended(_centres(cpu, bins), smooth, DOUBLINGS_PER_POINT * np.log10(2.0))


def _bins(cpu: np.ndarray) -> np.ndarray:
    """Bin of each minute, counted from 0 without holes, shape (n,)."""
    raw = (cpu / BIN_PERCENT).astype(np.int64)
    counts = np.bincount(raw)
    joined = np.zeros(counts.size, dtype=np.int64)
    current, held = 0, 0
    for index in range(counts.size - 1, -1, -1):  # from the top, where minutes are few
        joined[index] = current
        held += counts[index]
        if held >= LEAST_MINUTES:
            current, held = current + 1, 0
    if held:  # too few are left at the bottom: they join the bin above
        joined[joined == current] = max(current - 1, 0)
    numbers = joined.max() - joined
    return np.unique(numbers[raw], return_inverse=True)[1]


def _centres(cpu: np.ndarray, bins: np.ndarray) -> np.ndarray:
    return np.asarray(np.bincount(bins, cpu) / np.bincount(bins))


def _isotonic(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from sklearn.isotonic import IsotonicRegression

    return np.asarray(IsotonicRegression().fit_transform(np.arange(values.size), values, sample_weight=weight))


def _extended(centres: np.ndarray, logs: np.ndarray, least_slope: float) -> Curve:
    """Go on beyond the bins at least as steeply as their last ten points of CPU did."""
    near = centres >= centres[-1] - 10.0
    run = centres[-1] - centres[near][0]
    own = (logs[-1] - logs[near][0]) / run if run > 0 else 0.0
    return Curve(centres, logs, max(least_slope, float(own)), float(centres[-1]))

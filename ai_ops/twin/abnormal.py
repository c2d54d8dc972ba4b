"""Minutes that say nothing of what a CPU means: deploys, incidents elsewhere, anomalies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.twin.telemetry import Telemetry

BIN_PERCENT = 5.0
FAR = 5.0
"""Robust standard deviations from what is usual at this CPU. A Gaussian minute is this far once in 3.5 million."""

LEAST_FACTOR = 1.5
"""However quiet the service, a latency within half of the usual one is no incident."""

BAD_FACTOR, LEAST_BAD_RATIO = 10.0, 2e-3
"""Requests go wrong this many times as often as usual at this CPU, and often enough to be felt."""

SUSTAINED_MINUTES = 3
"""One or two slow minutes are chance; three in a row have a cause."""

BUSY_QUANTILE = 0.97
"""Above the CPU that only three of a hundred minutes exceed, slowness is the load's own doing and is kept."""

AROUND_MINUTES = 2
"""Its first and last minutes are only partly inside an incident, and look half normal."""


def abnormal_minutes(telemetry: Telemetry) -> np.ndarray:
    """Which minutes were slow, or failed, although the CPU was not high: boolean, shape (minutes,).

    What load does to users is what the twin must learn, so that a minute counts as abnormal only where the CPU, now
    and in the minutes before, cannot explain it.
    """
    cpu = telemetry.get("cpu_percent")
    bad = 1.0 - np.clip(telemetry.get("slo_good_ratio"), 0.0, 1.0)
    latency = telemetry.get("latency_p95_ms")
    bins = np.clip((np.nan_to_num(cpu) / BIN_PERCENT).astype(np.int64), 0, 20)
    known = np.isfinite(cpu)
    slow = _far_above(np.log(np.where(latency > 0, latency, np.nan)), bins, known, np.log(LEAST_FACTOR))
    usual = np.maximum(BAD_FACTOR * _by_bin(bad, bins, known, np.nanmean)[bins], LEAST_BAD_RATIO)
    usual_median = np.maximum(BAD_FACTOR * _by_bin(bad, bins, known, np.nanmedian)[bins], LEAST_BAD_RATIO)
    failing = bad > np.minimum(usual, usual_median)
    busy = np.quantile(cpu[known], BUSY_QUANTILE) if known.any() else 100.0
    was_busy = _any_before(known & (cpu >= busy), SUSTAINED_MINUTES)
    return _around(_sustained((slow | failing) & known & ~was_busy), AROUND_MINUTES)


def _far_above(values: np.ndarray, bins: np.ndarray, known: np.ndarray, least: float) -> np.ndarray:
    centre = _by_bin(values, bins, known, np.nanmedian)[bins]
    spread = 1.4826 * np.nanmedian(np.abs(values - centre)) if np.isfinite(values - centre).any() else 0.0
    return np.asarray(values - centre > max(FAR * spread, least))


def _by_bin(values: np.ndarray, bins: np.ndarray, known: np.ndarray, figure: object) -> np.ndarray:
    """One figure for each bin of CPU, shape (21,); NaN where nothing was measured."""
    result = np.full(21, np.nan)
    for index in np.unique(bins[known]):
        inside = values[known & (bins == index)]
        if np.isfinite(inside).any():
            result[index] = figure(inside)  # type: ignore[operator]  # one of numpy's reductions
    return result


def _sustained(flags: np.ndarray) -> np.ndarray:
    """Keep only runs of at least `SUSTAINED_MINUTES`."""
    runs = np.convolve(flags, np.ones(SUSTAINED_MINUTES, dtype=np.int64), mode="valid") == SUSTAINED_MINUTES
    kept = np.zeros(flags.size, dtype=bool)
    for offset in range(SUSTAINED_MINUTES):
        kept[offset : offset + runs.size] |= runs
    return kept


def _any_before(flags: np.ndarray, minutes: int) -> np.ndarray:
    """Whether the flag was up now or in the `minutes` before."""
    return _around(flags, minutes, after=0)


def _around(flags: np.ndarray, before_and_after: int, after: int | None = None) -> np.ndarray:
    """Widen every run: to later minutes by the first figure, to earlier ones by `after` (the same when None)."""
    wide = flags.copy()
    for shift in range(1, before_and_after + 1):
        wide[shift:] |= flags[:-shift]
    for shift in range(1, (before_and_after if after is None else after) + 1):
        wide[:-shift] |= flags[shift:]
    return wide

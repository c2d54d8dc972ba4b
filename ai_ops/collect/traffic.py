"""Recorded traffic that a person brings, as weeks of demand for a made-up service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.collect.recorded import read_recorded
from ai_ops.domain.errors import DataUnavailable
from ai_ops.simulator.traffic import MINUTES_PER_DAY, MINUTES_PER_WEEK, by_minute

if TYPE_CHECKING:
    from pathlib import Path

TRAFFIC = "requests_per_second"
LEAST_WEEKS = 2
"""With fewer, every week would be an echo of the first, and a tuner that learns weeks would be flattered."""

LARGEST_GAP_RATIO = 0.05
WIDEST_STEP_SECONDS = 3600
"""Wider rows hide the rhythm of a day, and every ramp on which promises are broken."""


def recorded_demand(path: Path, days: int, peak: float, seed: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Requests per second of each minute, from the file's first Monday on, scaled to `peak`.

    Parameters
    ----------
    path
        CSV or JSON with `timestamp` and `requests_per_second`, evenly spaced by whole minutes, at most an hour apart.
    days
        How many are needed. Where the file ends, its whole weeks come again.
    peak
        Requests per second that all but the busiest half percent of the minutes stay below.

    Returns
    -------
    tuple
        The demand, shape (days * 1440,), and what a reader should know of it.

    Raises
    ------
    DataUnavailable
        When the file is not what it should be, or too short; the message says where and what to do.
    """
    seconds, rates = _rates(path)
    if seconds.size < 2:  # noqa: PLR2004  # one row has no step
        raise DataUnavailable(f"{path}: holds {seconds.size} rows; {LEAST_WEEKS} whole weeks are needed")
    demand = by_minute(seconds, rates, peak, np.random.default_rng(seed))
    weeks, wanted = demand.size // MINUTES_PER_WEEK, days * MINUTES_PER_DAY
    if weeks < LEAST_WEEKS:
        raise DataUnavailable(
            f"{path}: holds {demand.size / MINUTES_PER_DAY:.1f} days from its first Monday 00:00 UTC on; "
            f"{LEAST_WEEKS} whole weeks are needed, and {days} days would do without repeating any"
        )
    notes = [f"the requests of {path} are scaled so that the busiest regular hour asks for {peak:.4g} a second"]
    if demand.size < wanted:
        notes.append(f"the file has {weeks} whole weeks of the {days} days; they come again")
        demand = np.resize(demand[: weeks * MINUTES_PER_WEEK], wanted)
    return demand[:wanted], tuple(notes)


def _rates(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Epoch seconds and requests per second, holes in the values bridged; shape (n,) each."""
    frame = read_recorded(path, is_any_step=True)
    rates = frame[TRAFFIC].to_numpy(dtype=np.float64)
    seconds = frame.index.to_numpy("datetime64[s]").astype(np.int64)
    known = np.isfinite(rates)
    if known.mean() < 1.0 - LARGEST_GAP_RATIO:
        raise DataUnavailable(
            f"{path}: {1.0 - known.mean():.0%} of {TRAFFIC} is empty, at most {LARGEST_GAP_RATIO:.0%} may be"
        )
    if not (rates[known] > 0.0).any():
        raise DataUnavailable(f"{path}: {TRAFFIC} is 0 everywhere; there is nothing to serve")
    if seconds.size > 1 and seconds[1] - seconds[0] > WIDEST_STEP_SECONDS:
        raise DataUnavailable(
            f"{path}: its rows are {(seconds[1] - seconds[0]) / 60:g} minutes apart; an hour is the most"
        )
    return seconds, np.interp(seconds, seconds[known], rates[known])

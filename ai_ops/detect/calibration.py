"""Thresholds that meet a false-alarm budget on the series' own past."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

LEAST_THRESHOLD = 3.0
"""Below three sigmas nothing is worth a person's attention, however quiet the past was (S001-91)."""

BLOCK = timedelta(hours=1)
"""Exceedances within an hour are one alarm, not several."""


def alarms_per_week(sensitivity: float) -> float:
    """False alarms that a metric may raise in a week.

    >>> round(alarms_per_week(0.92), 2), round(alarms_per_week(0.85), 2)
    (1.0, 0.53)
    """
    return 0.08 / (1.0 - sensitivity)


def calibrated_threshold(past: np.ndarray, step: timedelta, budget_per_week: float) -> float:
    """Lowest threshold that would have kept to the budget, and at least `LEAST_THRESHOLD`.

    The past is cut into hours; the budget allows k of them to alarm, so the threshold is the highest score of
    the hour ranked k + 1.

    Parameters
    ----------
    past
        Scores before the judged window, shape (n,), NaN where the detector could not say.
    step
        Distance between two scores.
    budget_per_week
        Alarms allowed in a week.
    """
    block = max(1, round(BLOCK / step))
    whole = past[past.size % block :].reshape(-1, block)
    known = whole[np.isfinite(whole).any(axis=1)]
    if not known.size:
        return LEAST_THRESHOLD
    hourly = np.sort(np.nanmax(known, axis=1))[::-1]
    weeks = hourly.size * BLOCK / timedelta(weeks=1)
    allowed = int(budget_per_week * weeks)
    return max(LEAST_THRESHOLD, float(hourly[min(allowed, hourly.size - 1)]))

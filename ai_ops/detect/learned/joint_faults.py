"""Faults that no metric shows alone: each value is one that the metric often has, their meeting is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.detect.self_test.faults import Dose
    from ai_ops.domain.metrics import Series

HALF_A_DAY = timedelta(hours=12)

COUPLED = 0.5
"""Rank correlation from which two metrics count as moving together: at it, one tells a quarter of the other."""


class JointFault(StrEnum):
    """A way in which metrics that belong together come apart."""

    OTHER_TIME = "other time of day"
    """One metric takes the values that it had half a day before, or after where there is no before."""
    AGAINST = "against its partner"
    """A metric that moves with another moves the other way: where it would be high it is as low, and the reverse."""


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """All values that one metric has had, in order.

    Parameters
    ----------
    ordered
        Shape (m,), the known ones.
    """

    ordered: np.ndarray

    def mirrored(self, values: np.ndarray) -> np.ndarray:
        """For each value the one as far from the other end: the greatest for the least; same shape, NaN stays."""
        if not self.ordered.size:
            return values
        rank = np.searchsorted(self.ordered, values) + np.searchsorted(self.ordered, values, side="right") - 1
        opposite = np.clip(self.ordered.size - 1 - rank // 2, 0, self.ordered.size - 1)
        return np.where(np.isfinite(values), self.ordered[opposite], np.nan)


def are_coupled(values: np.ndarray) -> np.ndarray:
    """Which columns move with another one, shape (d,) of bool, for `values` of shape (n, d)."""
    import pandas as pd

    moving = np.array([np.unique(column[np.isfinite(column)]).size > 1 for column in values.T], dtype=bool)
    coupled = np.zeros(moving.size, dtype=bool)
    if moving.sum() > 1:
        together = pd.DataFrame(values[:, moving]).corr("spearman", min_periods=3).abs().to_numpy(copy=True)
        np.fill_diagonal(together, 0.0)
        coupled[moving] = np.nan_to_num(together).max(axis=0) >= COUPLED
    return coupled


def inject_joint(series: Series, fault: JointFault, start: int, end: int, dose: Dose) -> np.ndarray | None:
    """What stands in the rows of the fault, shape (end - start,); None where the change is too small to be one.

    Parameters
    ----------
    series
        The untouched metric.
    start, end
        Rows of the fault, half-open.
    dose
        How far the mean over the fault must move at least, and which way harms.
    """
    before = series.values[start:end]
    if fault is JointFault.OTHER_TIME:
        wrong = _half_a_day_away(series, start, end)
    else:
        wrong = Values(np.sort(series.values[np.isfinite(series.values)])).mirrored(before)
    if wrong is None or not np.isfinite(wrong).all():
        return None
    change = float(((wrong - before) / dose.sigmas[start:end]).mean())
    harm = dose.direction * change if dose.direction else abs(change)
    return wrong if harm >= dose.size else None


def _half_a_day_away(series: Series, start: int, end: int) -> np.ndarray | None:
    half = round(HALF_A_DAY / series.step)
    for away in (-half, half):
        if start + away >= 0 and end + away <= series.values.size:
            return series.values[start + away : end + away]
    return None

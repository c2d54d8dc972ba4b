"""The loss of a model of what is usual: how far it is from right about how often each surprise occurs.

A likelihood has no scale: it says neither how good a model is nor how good it could be. So each held-out surprise is
turned into the share of the training's that were smaller. If the model is right, these shares are spread evenly
between 0 and 1, and the loss is their Kolmogorov distance from that: 0 is perfect, 1 is the worst.

A perfect model, too, shows a loss, by chance: sqrt(pi / 2) ln 2 / sqrt(n) = 0.869 / sqrt(n) on average over n rows that
do not depend on each other. With the 48 rows of a first day that is 0.125, with the held-out rows of two weeks at ten
minutes 0.039, with four weeks of rows at ten minutes 0.014. Neighbouring rows do resemble each other, so that real
models stay above these figures.

References
----------
Rosenblatt, Ann. Math. Statist. 23 (1952), 470-472; Marsaglia, Tsang and Wang, J. Statistical Software 8 (2003), 18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.training_record import Learning
from ai_ops.learn.day_bootstrap import interval_of_difference, resampled_days

if TYPE_CHECKING:
    from ai_ops.domain.examined import Examined
    from ai_ops.domain.self_test import Estimate

CONVERGED, CONVERGING = 0.02, 0.05
"""S001-108."""

GRID = np.linspace(0.0, 1.0, 201)
"""Where a resample's distribution is looked at: its spread is wanted, not its last digit."""


def kolmogorov_loss(pit: np.ndarray) -> float:
    """Kolmogorov distance of the values from uniform, 0 to 1.

    Parameters
    ----------
    pit
        Probability-integral values, 0 to 1, shape (n,), not empty.

    Raises
    ------
    ValueError
        When there is none.

    Examples
    --------
    >>> kolmogorov_loss(np.array([0.25, 0.5, 0.75]))
    0.25
    """
    if not pit.size:
        raise ValueError("without held-out rows there is no loss")
    ordered, steps = np.sort(pit), np.arange(pit.size + 1) / pit.size
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def learning(loss: float) -> Learning:
    """How far the training has come (S001-108)."""
    if loss < CONVERGED:
        return Learning.CONVERGED
    return Learning.CONVERGING if loss < CONVERGING else Learning.TRAINING


def loss_rise(candidate: Examined, other: Examined, seed: int) -> Estimate | None:
    """Loss of the candidate less that of another model on the same days, with its 95 % interval; positive is worse.

    None where one of them has no probability-integral values.
    """
    if not candidate.pit.size or not other.pit.size:
        return None
    days = np.union1d(candidate.pit_days, other.pit_days)
    drawn = resampled_days(days.size, seed)
    rise = _resampled(candidate, days, drawn) - _resampled(other, days, drawn)
    return interval_of_difference(kolmogorov_loss(candidate.pit) - kolmogorov_loss(other.pit), rise, days.size)


def _resampled(examined: Examined, days: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Loss when each day counts as often as it was drawn, shape (resamples,); NaN where no drawn day has a row."""
    below = np.stack([np.searchsorted(np.sort(examined.pit[examined.pit_days == day]), GRID, "right") for day in days])
    counts = np.einsum("rd,dg->rg", drawn, below.astype(np.float64))
    rows = counts[:, -1:]
    share = np.divide(counts, rows, out=np.full(counts.shape, np.nan), where=rows > 0.0)
    return np.asarray(np.abs(share - GRID).max(axis=1))

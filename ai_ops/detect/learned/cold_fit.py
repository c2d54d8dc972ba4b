"""Fitting a model on the history alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.detect.learned.baseline import Anchor
from ai_ops.detect.learned.components import best_mixture
from ai_ops.detect.learned.density import surprise
from ai_ops.detect.learned.levels import levels_of, threshold_of
from ai_ops.detect.learned.mixture import Mixture, baseline
from ai_ops.detect.learned.row_weights import counted
from ai_ops.detect.learned.scaling import fit_scaling
from ai_ops.domain.model_version import LEAST_SAMPLES
from ai_ops.domain.warming_up import WarmingUp

if TYPE_CHECKING:
    from datetime import timedelta

    import numpy as np

LEAST_ROWS = LEAST_SAMPLES // 2
"""Of the fewest samples two blocks of two hours may be held out, where midnight lies between them."""


def fit(
    values: np.ndarray,
    step: timedelta,
    *,
    weights: np.ndarray | None = None,
    budget_per_week: float = 1.0,
    most_components: int = 1,
    at: str | None = None,
) -> Mixture | WarmingUp:
    """Fit one full-covariance Gaussian, or a mixture where that explains unseen rows better.

    One Gaussian beat mixtures on both server data sets it was tried on, so a mixture has to show on the last
    quarter of the training rows, which it has not seen, that its log-likelihood is higher by more than noise.
    Unusual training rows are kept unless their weight says otherwise: the nightly backup is a part of normal life.

    Parameters
    ----------
    values
        Shape (n, d), on a regular grid, in the order of time; NaN where nothing was measured.
    step
        Distance between two rows; the budget is one of time.
    weights
        Shape (n,), 0 to 1: how much each row teaches; 1 without. A row of weight 0 might as well not be there.
    budget_per_week
        False alarms that a normal week may raise.
    most_components
        At most so many Gaussians; 1 tries no mixture.
    at
        When it is fitted, as ISO text, for the model's memory.

    Returns
    -------
    Mixture or WarmingUp
        The latter with fewer than `LEAST_ROWS` rows.
    """
    values, weights = counted(values, weights)
    known = int((weights > 0.0).sum())
    if known < LEAST_ROWS:
        return WarmingUp(known, LEAST_ROWS, "rows")
    scaling = fit_scaling(values)
    scaled = scaling.apply(values)
    moments = best_mixture(scaled, weights, scaling.floor, most_components)
    surprises = surprise(moments, scaling.floor, scaled)
    threshold = threshold_of(surprises, step, budget_per_week)
    anchor = Anchor(baseline(scaling, moments), threshold, at)
    return Mixture(scaling, moments, threshold, levels_of(surprises, weights), anchor)

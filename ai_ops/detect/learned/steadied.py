"""Covariances that can be trusted: those of few rows claim more than they know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.detect.learned.moments import Moments


def steadied(moments: Moments, floor: np.ndarray) -> np.ndarray:
    """Covariances by which rows are judged, shape (k, d, d), positive definite.

    Correlations of few rows are exaggerated, and the directions that seem steadiest are mostly chance. They are shrunk
    towards none by the oracle approximating share; each column keeps its own variance. The share is at most about
    ``(d^2 + t) / (n (t - d))``, with t the sum of all squared correlations: with two weeks of rows nothing is left of
    it. Then `floor` is added to each variance.

    References
    ----------
    Chen, Wiesel, Eldar and Hero, "Shrinkage algorithms for MMSE covariance estimation", IEEE Transactions on Signal
    Processing 58 (2010), equation 23; correlations instead of covariances as Schäfer and Strimmer (2005), target D.
    """
    variances = np.diagonal(moments.covariances, axis1=1, axis2=2)
    shrunk = np.stack(
        [
            _shrunk(covariance, moments.rows * weight)
            for covariance, weight in zip(moments.covariances, moments.weights, strict=True)
        ]
    )
    each = np.arange(floor.size)
    shrunk[:, each, each] = np.maximum(variances, 0.0) + floor
    return shrunk


def _shrunk(covariance: np.ndarray, rows: float) -> np.ndarray:
    """The covariance with smaller correlations, shape (d, d); its diagonal means nothing."""
    deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    moving = deviation > 0.0
    columns = int(moving.sum())
    scale = np.outer(deviation[moving], deviation[moving])
    squares = float(((covariance[np.ix_(moving, moving)] / scale) ** 2).sum())
    return np.asarray(covariance * (1.0 - _shrinking_share(columns, squares, rows)))


def _shrinking_share(columns: int, squares: float, rows: float) -> float:
    """How much of the correlations is given up, 0 to 1; `squares` is the sum of all of them squared."""
    if columns < 2 or squares <= columns:  # noqa: PLR2004  # one column has no correlation, and of none nothing is given up
        return 0.0
    certain = (rows + 1.0 - 2.0 / columns) * (squares - columns**2 / columns)
    return min(1.0, ((1.0 - 2.0 / columns) * squares + columns**2) / certain)

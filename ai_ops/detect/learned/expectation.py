"""What rows teach a mixture: whose they are, and what their gaps would have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.learned.density import density, patterns
from ai_ops.detect.learned.moments import Moments
from ai_ops.detect.learned.steadied import steadied

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLED = 1e-4
"""Of a robust spread, and of a share: what moves less has settled."""

MOST_STEPS = 50


def expected(moments: Moments, floor: np.ndarray, scaled: np.ndarray, weights: np.ndarray) -> Moments | None:
    """Moments of rows as a mixture sees them (the E step); None when no row counts.

    Each row belongs to the Gaussians by how well they explain it. A gap is filled with what the known columns let one
    expect, and the doubt about it is a part of the covariance, so that gaps neither pull to the mean nor seem certain.

    Parameters
    ----------
    scaled
        Shape (n, d); NaN where nothing was measured.
    weights
        Shape (n,), 0 to 1.

    References
    ----------
    Dempster, Laird and Rubin (1977); Little and Rubin, Statistical Analysis with Missing Data (2002), section 11.2.
    """
    counts = (weights > 0.0) & np.isfinite(scaled).any(axis=1)
    if not counts.any():
        return None
    scaled, weights = scaled[counts], weights[counts]
    of = density(moments, floor, scaled)
    owned = np.exp(of.each - of.total) * weights
    parts = [
        _of_one(moments.means[index], covariance, judged, scaled, owned[index])
        for index, (covariance, judged) in enumerate(zip(moments.covariances, steadied(moments, floor), strict=True))
    ]
    shares = owned.sum(axis=1)
    means, covariances = (np.stack(kind) for kind in zip(*parts, strict=True))
    return Moments(float(weights.sum()), shares / shares.sum(), means, covariances)


def settle(start: Moments, step: Callable[[Moments], Moments]) -> Moments:
    """Repeat a step until nothing moves any more, or it has been tried often enough."""
    current = start
    for _ in range(MOST_STEPS):
        before, current = current, step(current)
        moved = max(np.abs(current.means - before.means).max(), np.abs(current.weights - before.weights).max())
        if moved < SETTLED:
            break
    return current


def _of_one(
    mean: np.ndarray, covariance: np.ndarray, judged: np.ndarray, scaled: np.ndarray, owned: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the rows as far as one Gaussian owns them; its own where it owns none."""
    total = owned.sum()
    if not total > 0.0:
        return mean, covariance
    filled, doubt = scaled.copy(), np.zeros_like(covariance)
    for rows, known in patterns(scaled):
        if not known.all():
            filled[np.ix_(rows, ~known)], unsure = _filled(mean, covariance, judged, scaled[rows], known)
            doubt[np.ix_(~known, ~known)] += owned[rows].sum() * unsure
    middle = owned @ filled / total
    apart = filled - middle
    return middle, ((apart * owned[:, None]).T @ apart + doubt) / total


def _filled(
    mean: np.ndarray, covariance: np.ndarray, judged: np.ndarray, rows: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Expected values of the unknown columns, shape (n, unknown), and the covariance that remains of them.

    Slopes come from the covariance that is judged by, which is steady; the doubt from the rows' own, or what keeps the
    slopes steady would be taken for something that was seen.
    """
    slopes = np.linalg.solve(judged[np.ix_(known, known)], judged[np.ix_(known, ~known)])
    values = mean[~known] + (rows[:, known] - mean[known]) @ slopes
    across = slopes.T @ covariance[np.ix_(known, ~known)]
    unsure = covariance[np.ix_(~known, ~known)] - across - across.T
    return values, unsure + slopes.T @ covariance[np.ix_(known, known)] @ slopes

"""How far a sample lies from the distribution that the training had, by three measures.

All take residuals in sigmas of the training, shape (n,), all known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ai_ops.learn.drift.reference import LEVELS, bin_shares, quantiles


@dataclass(frozen=True, slots=True)
class Farthest:
    """Where two distributions are farthest apart.

    Parameters
    ----------
    distance
        Kolmogorov-Smirnov, 0 to 1.
    level
        The value at which it is reached.
    is_inclusive
        Whether rows up to and including the level are counted, or only those below it.
    share
        Of the training's rows that are counted so.
    """

    distance: float
    level: float
    is_inclusive: bool
    share: float

    def counts(self, residual: np.ndarray) -> np.ndarray:
        """Which rows are counted, shape (n,)."""
        return np.asarray(residual <= self.level if self.is_inclusive else residual < self.level)


def farthest(reference: np.ndarray, residual: np.ndarray) -> Farthest:
    """Kolmogorov-Smirnov distance from a distribution of which 101 quantiles are known.

    At least a share p of the training lies at or below its quantile of p, and less than p lies below it; what is
    reported is the distance that is certain from that. It is exact at the quantiles of a continuous distribution, and
    never too large where values repeat.

    Parameters
    ----------
    reference
        Quantiles at `LEVELS`.
    """
    ordered = np.sort(residual)
    too_few = LEVELS - np.searchsorted(ordered, reference, side="right") / residual.size
    too_many = np.searchsorted(ordered, reference, side="left") / residual.size - LEVELS
    is_inclusive = bool(too_few.max() >= too_many.max())
    gaps = too_few if is_inclusive else too_many
    at = int(np.argmax(gaps))
    return Farthest(float(max(gaps[at], 0.0)), float(reference[at]), is_inclusive, float(LEVELS[at]))


def p_value(distance: float, rows: float, reference_rows: float) -> float:
    """Probability of at least this distance by chance, for so many independent rows on either side.

    As in `scipy.stats.ks_2samp`: two samples of m and n rows are worth one of m n / (m + n), rounded down.
    """
    from scipy.stats import kstwo

    worth = int(rows * reference_rows / (rows + reference_rows))
    return float(kstwo.sf(distance, worth)) if worth else 1.0


def population_stability(edges: np.ndarray, shares: np.ndarray, residual: np.ndarray) -> float:
    """Population stability index: ``sum (r - e) ln(r / e)`` over the bins, recent share r and expected share e.

    An empty bin counts as half a row. By custom below 0.1 is stable and above 0.25 is another population.

    References
    ----------
    Siddiqi, Credit Risk Scorecards (2006); Yurdakul, Statistical Properties of the Population Stability Index (2018).
    """
    least = 0.5 / residual.size
    recent, expected = (np.maximum(one, least) for one in (bin_shares(edges, residual), shares))
    return float(((recent - expected) * np.log(recent / expected)).sum())


def wasserstein(reference: np.ndarray, residual: np.ndarray) -> float:
    """First Wasserstein distance between the inner 98 % of both: how far a row has to be moved on average.

    The outer hundredth on either side is left out: of a heavy tail, the 101 quantiles know one extreme value.

    Parameters
    ----------
    reference
        Quantiles at `LEVELS`.
    """
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(reference[1:-1], quantiles(residual)[1:-1]))

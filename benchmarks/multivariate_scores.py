"""How well rows of metrics are scored: average precision of `score_matrix` beside what anybody would write first.

All learn from the first half and are judged on the second. The score of a row of ours rests on the four rows before it
as well; "Gaussian, 5 rows" is the plain one with the same right, so that one sees what comes from that alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from multivariate_series import REGIMES, make_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multivariate_series import Rows

    Scorer = Callable[["Rows"], np.ndarray]

OURS = "score_matrix"
ROWS = 5


def ours(rows: Rows) -> np.ndarray:
    """Let `score_matrix` do it."""
    from ai_ops.detect.learned.score_matrix import score_matrix

    return score_matrix(rows.seconds, rows.values)


def gaussian(rows: Rows) -> np.ndarray:
    """Distance from one Gaussian, with the sample covariance."""
    scaled = _scaled(rows)
    known = scaled[: rows.training]
    away = scaled - known.mean(axis=0)
    return np.einsum("ij,jk,ik->i", away, np.linalg.inv(np.cov(known.T)), away)


def smoothed_gaussian(rows: Rows) -> np.ndarray:
    """Mean of that distance over a row and the four before it."""
    return np.convolve(gaussian(rows), np.ones(ROWS) / ROWS)[: len(rows.values)]


def mean_z(rows: Rows) -> np.ndarray:
    """Mean distance of the metrics from their means, in standard deviations."""
    return np.abs(_scaled(rows)).mean(axis=1)


def mixture_of_three(rows: Rows) -> np.ndarray:
    """Negative log-likelihood by scikit-learn's mixture of three Gaussians, standardised."""
    from sklearn.mixture import GaussianMixture

    scaled = _scaled(rows)
    return -GaussianMixture(3, random_state=0).fit(scaled[: rows.training]).score_samples(scaled)


SCORERS: Mapping[str, Scorer] = {
    OURS: ours,
    "Gaussian, 5 rows": smoothed_gaussian,
    "one Gaussian": gaussian,
    "mean |z|": mean_z,
    "GMM k=3": mixture_of_three,
}


def average_precisions(series: int, seed: int) -> dict[str, dict[str, float]]:
    """Mean average precision by regime and scorer, over so many series of each regime."""
    return {
        name: _means([_judged(make_rows(regime, np.random.default_rng([seed, place, one]))) for one in range(series)])
        for place, (name, regime) in enumerate(REGIMES.items())
    }


def _judged(rows: Rows) -> dict[str, float]:
    from sklearn.metrics import average_precision_score

    judged = slice(rows.training, None)
    truth = rows.is_fault[judged]
    return {name: float(average_precision_score(truth, score(rows)[judged])) for name, score in SCORERS.items()} | {
        "chance": float(truth.mean())
    }


def _means(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in figures])) for name in figures[0]}


def _scaled(rows: Rows) -> np.ndarray:
    known = rows.values[: rows.training]
    return np.asarray((rows.values - known.mean(axis=0)) / known.std(axis=0))

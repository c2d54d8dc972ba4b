"""Thresholds that meet a false-alarm budget on the series' own past."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

LEAST_THRESHOLD = 3.0
"""Below three sigmas nothing is worth a person's attention, however quiet the past was (S001-91)."""

BLOCK = timedelta(hours=6)
"""Exceedances within six hours are one alarm: that is how often anybody looks."""

BLOCKS = 56
"""Two weeks of blocks: long enough for the quartile, short enough to follow a service that changes."""

WEEK = timedelta(weeks=1)

NEEDED_BLOCKS = 4
"""A whole day, so that its busy hours are among them."""

CALIBRATED = NEEDED_BLOCKS * BLOCK
"""Time until a threshold is known."""

GUMBEL_MEDIAN, GUMBEL_QUARTILE = 0.36651, 1.24590
"""-ln(-ln p) at p = 1/2 and p = 3/4."""

PRIOR_BLOCKS, PRIOR_SCALE = 8, 0.17
"""Two days of the scale that deviations of normal noise have at ten minutes: of a few blocks the quartile is chance."""

QUIET = 1.0
"""In sigmas: a block within one sigma is quiet, and by how much says nothing about the tail."""


def alarms_per_week(sensitivity: float) -> float:
    """False alarms that a metric may raise in a week.

    >>> round(alarms_per_week(0.92), 2), round(alarms_per_week(0.85), 2)
    (1.0, 0.53)
    """
    return 0.08 / (1.0 - sensitivity)


def calibrated_thresholds(scores: np.ndarray, step: timedelta, budget_per_week: float) -> np.ndarray:
    """Threshold at each column that a normal week exceeds `budget_per_week` times, and at least `LEAST_THRESHOLD`.

    The largest score of a block follows an extreme-value distribution, and scores of operations metrics have heavy
    tails, so it is a Fréchet distribution: the logarithm of the maximum is Gumbel-distributed. Its two
    parameters come from the median and the upper quartile of the blocks, so that incidents of the past, up to a
    quarter of the blocks, neither raise the threshold nor lower it. The threshold is the quantile that the budget
    leaves.

    Parameters
    ----------
    scores
        Shape (..., n), in sigmas, NaN where the detector could not say.
    step
        Distance between two columns.
    budget_per_week
        Alarms allowed in a week.

    Returns
    -------
    numpy.ndarray
        Shape (..., n). Every threshold is learned from the blocks before it; NaN until four blocks are known.

    References
    ----------
    Fisher and Tippett (1928); Gumbel, Statistics of Extremes (1958), chapter 5; Coles, An Introduction to
    Statistical Modeling of Extreme Values (2001), chapter 3.
    """
    width, size = max(1, round(BLOCK / step)), scores.shape[-1]
    maxima = _block_maxima(scores, width)
    learned = _frechet_quantile(_pasts(maxima), budget_per_week * (width * step / WEEK))
    return np.asarray(np.maximum(np.repeat(learned, width, axis=-1)[..., :size], LEAST_THRESHOLD))


def calibrated_threshold(past: np.ndarray, step: timedelta, budget_per_week: float) -> float:
    """The one threshold that all of `past`, shape (n,), teaches; `LEAST_THRESHOLD` when it is too short."""
    width = max(1, round(BLOCK / step))
    whole = past[past.size % width :]
    if not whole.size:
        return LEAST_THRESHOLD
    learned = float(_frechet_quantile(_block_maxima(whole, width), budget_per_week * (width * step / WEEK)))
    return LEAST_THRESHOLD if np.isnan(learned) else max(learned, LEAST_THRESHOLD)


def _pasts(maxima: np.ndarray) -> np.ndarray:
    """The blocks before each block, shape (..., blocks, BLOCKS), gaps where there is none."""
    before = np.concatenate([np.full((*maxima.shape[:-1], BLOCKS), np.nan), maxima[..., :-1]], axis=-1)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(before, BLOCKS, axis=-1))


def _block_maxima(scores: np.ndarray, width: int) -> np.ndarray:
    """Largest score of each block, shape (..., blocks); NaN where a block has none."""
    size = scores.shape[-1]
    whole = np.full((*scores.shape[:-1], size + -size % width), np.nan)
    whole[..., :size] = scores
    return np.asarray(np.fmax.reduce(whole.reshape(*scores.shape[:-1], -1, width), axis=-1))


def _frechet_quantile(maxima: np.ndarray, budget_per_block: float) -> np.ndarray:
    """Level that the maximum of a block exceeds as often as the budget allows, shape of `maxima` without its last."""
    logs = np.sort(np.log(np.maximum(maxima, QUIET)), axis=-1)
    known = np.isfinite(logs).sum(axis=-1)
    median, quartile = (_sorted_quantile(logs, known, share) for share in (0.5, 0.75))
    scale = (quartile - median) / (GUMBEL_QUARTILE - GUMBEL_MEDIAN)
    scale = (known * scale + PRIOR_BLOCKS * PRIOR_SCALE) / (known + PRIOR_BLOCKS)
    extreme = -np.log(-np.log1p(-min(0.5, budget_per_block)))
    return np.where(known >= NEEDED_BLOCKS, np.exp(median + scale * (extreme - GUMBEL_MEDIAN)), np.nan)


def _sorted_quantile(ordered: np.ndarray, known: np.ndarray, share: float) -> np.ndarray:
    """Linear quantile of the first `known` values of each sorted row; gaps are sorted behind them."""
    position = share * np.maximum(known - 1, 0)
    below = np.floor(position).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(known - 1, 0))
    left, right = (np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in (below, above))
    return np.asarray(left + (position - below) * (right - left))

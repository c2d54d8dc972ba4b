"""How well scores tell windows with a fault from quiet ones, and how far that figure can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.learn.day_bootstrap import interval_of_difference, interval_of_share, resampled_days

if TYPE_CHECKING:
    from ai_ops.domain.examined import Examined
    from ai_ops.domain.self_test import Estimate


def auc(quiet: np.ndarray, faulty: np.ndarray) -> float:
    """Probability that a window with a fault scores higher than a quiet one, ties counting half: Mann and Whitney's U.

    Parameters
    ----------
    quiet, faulty
        Scores, shapes (q,) and (f,), neither empty.

    Raises
    ------
    ValueError
        When one of them is empty.

    Examples
    --------
    >>> auc(np.array([0.1, 0.2, 0.7]), np.array([0.7, 0.9]))
    0.9166666666666666
    """
    if not quiet.size or not faulty.size:
        raise ValueError(f"{quiet.size} quiet and {faulty.size} faulty windows cannot be told apart")
    ordered = np.sort(quiet)
    below, up_to = (np.searchsorted(ordered, faulty, side=side) for side in ("left", "right"))
    return float((below + up_to).sum() / (2.0 * quiet.size * faulty.size))


def auc_estimate(examined: Examined, seed: int) -> Estimate:
    """AUC with its 95 % interval over days, see `day_bootstrap`."""
    days, wins, pairs = _by_days(examined)
    drawn = resampled_days(days.size, seed)
    value, resolution = auc(examined.quiet, examined.faulty), 0.5 / examined.quiet.size
    return interval_of_share(value, _resampled(wins, pairs, drawn), days.size, resolution)


def auc_gain(candidate: Examined, other: Examined, seed: int) -> Estimate:
    """AUC of the candidate less that of another model that sat the same examination, with its 95 % interval.

    The same days are drawn for both, so what makes a day hard for both cancels out.

    Raises
    ------
    ValueError
        When they sat different examinations.
    """
    if candidate.kinds != other.kinds or not all(
        np.array_equal(getattr(candidate, name), getattr(other, name)) for name in ("quiet_days", "faulty_days")
    ):
        raise ValueError("the two models were examined on different windows")
    days, wins, pairs = _by_days(candidate)
    gained = wins - _by_days(other)[1]
    value = auc(candidate.quiet, candidate.faulty) - auc(other.quiet, other.faulty)
    return interval_of_difference(value, _resampled(gained, pairs, resampled_days(days.size, seed)), days.size)


def _by_days(examined: Examined) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The D days; for each two of them how often a faulty window of one beats a quiet one of the other, of how often.

    Returns
    -------
    Shapes (D,), (D, D) and (D, D).
    """
    days = np.unique(np.concatenate((examined.quiet_days, examined.faulty_days)))
    of_quiet, of_faulty = (np.searchsorted(days, one) for one in (examined.quiet_days, examined.faulty_days))
    higher = (examined.faulty[:, None] > examined.quiet) + 0.5 * (examined.faulty[:, None] == examined.quiet)
    pair = (of_faulty[:, None] * days.size + of_quiet).ravel()
    shape = (days.size, days.size)
    wins = np.bincount(pair, weights=higher.ravel(), minlength=days.size**2).reshape(shape)
    return days, wins, np.bincount(pair, minlength=days.size**2).reshape(shape).astype(np.float64)


def _resampled(wins: np.ndarray, pairs: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Wins by pairs when each day counts as often as it was drawn, shape (resamples,); NaN without a pair."""
    # So small a product takes longer to share among threads than to compute: einsum does not.
    won, of = (np.einsum("rd,de,re->r", drawn, table, drawn) for table in (wins, pairs))
    return np.asarray(np.divide(won, of, out=np.full(won.size, np.nan), where=of > 0.0))

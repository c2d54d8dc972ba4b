"""The entry for several metrics at once: one score per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    import numpy as np
    from numpy.typing import ArrayLike


def score_matrix(timestamps: ArrayLike, values_2d: ArrayLike, *, budget_per_week: float = 1.0) -> np.ndarray:
    """Score rows of metrics that belong together; the first half is what normal looks like.

    A Gaussian with a full covariance is fitted to the first half (`cold_fit.py`). Scores of the second half are causal:
    each rests on the fit, its own row and the four before it. Scores of the first half are in-sample, shown so that a
    reader sees what was taken for normal.

    Parameters
    ----------
    timestamps
        Shape (n,): whatever pandas reads as times, or numbers of seconds. Rows need not be in order.
    values_2d
        Shape (n, d); NaN or infinite where nothing was measured. A row with gaps is judged by the rest of it.
    budget_per_week
        False alarms that a normal week may raise.

    Returns
    -------
    np.ndarray
        Shape (n,), float64, in the order given, in units of the model's own threshold: above 1 is abnormal. Zero, and
        never NaN, where nothing can be said: a row without values, or a first half with fewer than 48 rows.

    Raises
    ------
    ValueError
        When `values_2d` has not two dimensions, or another length than `timestamps`; when a row has no timestamp, or
        the budget is not above zero.
    """
    import numpy as np

    from ai_ops.detect.learned.cold_fit import fit
    from ai_ops.detect.timestamps import seconds_of
    from ai_ops.domain.model_version import LEAST_SAMPLES
    from ai_ops.domain.warming_up import WarmingUp

    values = np.asarray(values_2d, dtype=np.float64)
    seconds = seconds_of(timestamps)
    if values.ndim != 2 or seconds.shape != (len(values),):  # noqa: PLR2004  # rows and columns
        raise ValueError(f"values of shape (n, d) and n timestamps are needed, not {values.shape} and {seconds.shape}")
    if not budget_per_week > 0.0:
        raise ValueError(f"budget_per_week must be above zero, not {budget_per_week}")
    order, scores = np.argsort(seconds, kind="stable"), np.zeros(len(values))
    past = values[order[: len(values) // 2]]
    if len(past) < LEAST_SAMPLES:
        return scores
    model = fit(past, _step(seconds[order]), budget_per_week=budget_per_week)
    if not isinstance(model, WarmingUp):
        scores[order] = np.nan_to_num(model.score(values[order]))
    return scores


def _step(seconds: np.ndarray) -> timedelta:
    """Usual distance between two rows; a minute where the times do not tell."""
    from datetime import timedelta

    import numpy as np

    gaps = np.diff(seconds)
    usual = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 60.0
    return timedelta(seconds=usual)

"""Following the service between two trainings: small steps, worked out anew from the champion each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.learned.bounds import bounded
from ai_ops.detect.learned.expectation import expected
from ai_ops.detect.learned.moments import blended
from ai_ops.detect.learned.row_weights import counted

if TYPE_CHECKING:
    from ai_ops.detect.learned.mixture import Mixture

BATCH = timedelta(hours=6)
"""As often as the agent looks."""


def adapted(
    model: Mixture, values: np.ndarray, step: timedelta, learning_rate: float, weights: np.ndarray | None = None
) -> Mixture:
    """Let a model take one small step for each whole batch of rows that came after its training.

    A step replaces the share `learning_rate` of the model's statistics by those of the batch, less where a part of the
    batch does not count (stepwise EM). Nothing is kept: the same rows give the same model. Together the steps move it
    no farther than a training over the same time may. Threshold and levels stay as they were calibrated.

    Parameters
    ----------
    values
        Shape (n, d), from the end of the training on, on a regular grid; NaN where nothing was measured. A batch that
        is not whole is left out.
    learning_rate
        0 to 1 (R41); 0 changes nothing.
    weights
        Shape (n,), 0 to 1; 1 without. Rows above the model's threshold teach nothing, whatever they weigh.

    References
    ----------
    Cappé and Moulines, "On-line expectation-maximization algorithm for latent data models", Journal of the Royal
    Statistical Society B 71 (2009).
    """
    if not 0.0 <= learning_rate <= 1.0:
        raise ValueError(f"a learning rate is a share, not {learning_rate}")
    width = max(1, round(BATCH / step))
    values, weights = counted(values, weights)
    weights = np.where(np.nan_to_num(model.score(values)) > 1.0, 0.0, weights)
    scaled, floor = model.scaling.apply(values), model.scaling.floor
    moments = model.moments
    batches = len(values) // width
    for start in range(0, batches * width, width):
        batch = expected(moments, floor, scaled[start : start + width], weights[start : start + width])
        if batch is not None:
            moments = blended(moments, batch, learning_rate * batch.rows / width, moments.rows)
    moments, _ = bounded(model.moments, moments, floor, batches * width * step / timedelta(days=1))
    return replace(model, moments=moments)

"""One night's training, both ways, as the product does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from metric_rows import ROWS_PER_DAY, STEP

if TYPE_CHECKING:
    from metric_rows import MetricRows

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.detect.learned.warm_start import WarmStart

HISTORY_DAYS = 14


def cold_night(history: MetricRows) -> Mixture:
    """Fit on two weeks alone."""
    from ai_ops.detect.learned.cold_fit import fit
    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.held_out import is_held_out

    model = fit(history.values, STEP, weights=(~is_held_out(history.times)).astype(float))
    if not isinstance(model, Mixture):
        raise TypeError(f"two weeks must suffice: {model}")
    return model


def warm_night(champion: Mixture, history: MetricRows, days: float = 1.0) -> WarmStart:
    """Go on with the last day of two weeks; `days` is what may have passed by the bounds, greater for none."""
    from ai_ops.detect.learned.row_weights import row_weights
    from ai_ops.detect.learned.warm_start import Rows, warm_start
    from ai_ops.domain.held_out import is_held_out

    may_teach = ~is_held_out(history.times)
    is_new = np.arange(history.times.size) >= history.times.size - ROWS_PER_DAY
    abnormal = is_new & (np.nan_to_num(champion.score(history.values)) > 1.0)
    new = Rows(history.values, np.where(may_teach & is_new, row_weights(history.times, abnormal), 0.0))
    return warm_start(champion, new, Rows(history.values, may_teach.astype(float)), STEP, days=days)

"""Judge a series: every detector's scores in units of its own threshold, joined into two alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.judgement import Judgement

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Panel, Series


def judge(grid: Series | Panel, *, budget_per_week: float = 1.0, floor: np.ndarray | None = None) -> Judgement:
    """Judge every value against the values before it; later points never change a score.

    Parameters
    ----------
    grid
        One series, or many on one grid; each row is judged alone.
    budget_per_week
        False alarms that one row may raise in a week, over all alarms together.
    floor
        Smallest spread that means anything at each value, in the metric's unit, broadcastable to the values;
        None derives it from the values.
    """
    from ai_ops.detect.ewma import Ewma
    from ai_ops.domain.metrics import Panel as _Panel, Series as _Series

    if isinstance(grid, _Panel):
        rows = [judge(grid.row(i), budget_per_week=budget_per_week) for i in range(len(grid.names))]
        return Judgement(
            *(np.stack([getattr(r, f) for r in rows]) for f in ("deviation", "novelty", "expected", "lower", "upper"))
        )
    assert isinstance(grid, _Series)
    spread = np.full(grid.values.shape, 1e-9) if floor is None else floor
    scores = Ewma().score(grid, spread)
    ratio = scores.values / 6.0
    reach = np.abs(grid.values - scores.expected) / np.where(ratio > 0, ratio, np.nan)
    return Judgement(ratio, np.zeros_like(ratio), scores.expected, scores.expected - reach, scores.expected + reach)

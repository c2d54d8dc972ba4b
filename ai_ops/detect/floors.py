"""The smallest spread that means anything, so that a flat or a rare series does not explode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Series

SHARE_OF_SCALE = 0.02
SHARE_OF_LEVEL = 0.001
"""2 % of the running scale plus 0.1 % of the level: finer differences are rounding, not behaviour."""

RATIOS = {"error_percent": 100.0, "slo_good_ratio": 1.0}
"""Metrics that are shares of requests, each with the value that means all of them."""


def spread_floor(series: Series, requests_per_second: Series | None) -> np.ndarray:
    """Smallest meaningful spread at each value, shape (n,), in the metric's unit; always positive.

    A share of requests cannot be steadier than its binomial standard deviation sqrt(n p (1 - p)) / n, with n
    the requests behind one value. One request is added to the variance, so that after a flawless past a single
    failure is one sigma and a storm is many.

    Parameters
    ----------
    series
        The metric.
    requests_per_second
        The traffic on the same grid, for shares of requests; None when it was not measured.
    """
    import pandas as pd

    values = pd.Series(series.values)
    scale = values.expanding(min_periods=2).std().shift(1)
    level = values.abs().expanding(min_periods=1).mean().shift(1)
    # A value is not known better than its resolution: the smallest step seen, one instance for a cost in instances.
    resolution = values.diff().abs().replace(0.0, np.nan).expanding(min_periods=1).min().shift(1)
    shares = SHARE_OF_SCALE * scale.fillna(0.0) + SHARE_OF_LEVEL * level.fillna(0.0)
    floor = np.maximum(np.asarray(shares.to_numpy()), np.asarray(resolution.fillna(0.0).to_numpy()))
    if (whole := RATIOS.get(series.metric)) is not None and requests_per_second is not None:
        floor = np.maximum(floor, _binomial_spread(series, requests_per_second, whole))
    return np.asarray(np.maximum(floor, np.finfo(np.float64).tiny ** 0.5))


def _binomial_spread(series: Series, requests_per_second: Series, whole: float) -> np.ndarray:
    import pandas as pd

    if requests_per_second.values.shape != series.values.shape:
        return np.zeros(series.values.size)
    requests = np.nan_to_num(requests_per_second.values) * series.step.total_seconds()
    hits = np.nan_to_num(series.values) / whole * requests
    seen = pd.Series(requests).cumsum().shift(1).fillna(0.0).to_numpy()
    share = pd.Series(hits).cumsum().shift(1).fillna(0.0).to_numpy() / np.maximum(seen, 1.0)
    variance = requests * share * np.clip(1.0 - share, 0.0, 1.0) + 1.0
    return np.asarray(whole * np.sqrt(variance) / np.maximum(requests, 1.0))

"""What the formulas as first written make of data in which nothing is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series

from ai_ops.detect.ewma import LiteralEwma
from ai_ops.detect.seasonal import LiteralSeasonal

POINTS = 4032


@pytest.mark.parametrize(
    ("requests_per_second", "share", "flagged"), [(10, 0.001, 0.49), (2, 0.0005, 0.95)], ids=["busy", "quiet"]
)
def test_the_literal_ewma_flags_a_small_error_rate_without_reason(requests_per_second, share, flagged):
    """A relative deviation means nothing near zero, which is why it is not the default (R2)."""
    requests = requests_per_second * 600
    percent = 100.0 * np.random.default_rng(5).binomial(requests, share, POINTS) / requests
    scores = LiteralEwma().score(a_series("error_percent", percent), np.zeros(POINTS)).values
    assert (scores[np.isfinite(scores)] > 0.3).mean() == pytest.approx(flagged, abs=0.02)


@pytest.mark.parametrize("values", [np.ones(144), np.r_[np.ones(500), np.nan, np.ones(500)]], ids=["a day", "a gap"])
def test_the_literal_seasonal_has_no_say_on_one_day_or_with_a_gap(values):
    """A season of a day cannot show in one, and a decomposition takes no gaps (R3)."""
    scores = LiteralSeasonal().score(a_series("cpu_percent", values), np.zeros(values.size)).values
    assert not np.isfinite(scores).any()

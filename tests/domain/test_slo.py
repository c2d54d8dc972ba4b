"""The error budget: what was spent of it, and when nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from examples import SLO, a_series, an_observation
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.slo import Attainment, attainment


def judged(*good: float) -> Attainment | None:
    """The window's judgement when its last points were so `good`, and all others perfect."""
    ratio = np.ones(36)
    ratio[-len(good) :] = good
    rate = a_series("requests_per_second", np.full(36, 100.0))
    return attainment(an_observation({"slo_good_ratio": a_series("slo_good_ratio", ratio), rate.metric: rate}), SLO)


@pytest.mark.parametrize("impossible", [60.0, 1.01, -0.5])
def test_an_sli_that_is_no_share_is_unknown(impossible):
    """Good requests counted in another unit than all of them must not read as a promise kept."""
    assert judged(impossible) is None


@given(st.floats(-1e-6, 1 + 1e-6))
def test_no_window_spends_less_than_nothing(ratio):
    """Rounding never makes a burn negative, nor a share greater than all."""
    known = judged(ratio)
    assert known is not None
    assert known.burn >= 0
    assert 0 <= known.good_percent <= 100

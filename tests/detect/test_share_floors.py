"""The smallest spread of a share of requests, with and without its traffic."""

from __future__ import annotations

import numpy as np
import pytest
from examples import NOON, STEP, a_series

from ai_ops.detect.floors import SHARE_OF_LEVEL, spread_floor
from ai_ops.detect.judge import judge
from ai_ops.domain.metrics import Panel

POINTS = 2016


def flawless_until(percent):
    """Two weeks without a single error, then an hour with some."""
    values = np.zeros(POINTS)
    values[-6:] = percent
    return values


@pytest.mark.parametrize(("percent", "is_abnormal"), [(0.05, False), (2.0, True)])
def test_the_first_errors_of_a_flawless_service_count_also_where_nobody_knows_its_traffic(percent, is_abnormal):
    """In a scan of a fleet there is no traffic beside; a step of one, as if errors were counted, would hide 2 %."""
    fleet = Panel("error_percent", ("web",), NOON, STEP, flawless_until(percent)[None])
    scores = judge(fleet, floor=spread_floor(fleet, None)).score
    assert bool((scores[0, -6:] > 1.0).any()) is is_abnormal
    assert np.nanmax(scores) < 100.0


def test_a_share_is_measured_in_its_own_unit():
    """One in a thousand is 0.1 percent of a hundred and 0.001 of one."""
    percent, ratio = (a_series(name, np.full(9, 0.5)) for name in ("error_percent", "slo_good_ratio"))
    np.testing.assert_allclose(spread_floor(percent, None), 100.0 * SHARE_OF_LEVEL)
    np.testing.assert_allclose(spread_floor(ratio, None), SHARE_OF_LEVEL)


def test_traffic_on_another_grid_says_nothing():
    """Then the share is judged as if it were not known, instead of trusting every digit."""
    share, other = a_series("error_percent", flawless_until(1.0)), a_series("requests_per_second", np.ones(5))
    np.testing.assert_array_equal(spread_floor(share, other), spread_floor(share, None))


def test_the_more_requests_the_finer_a_share_is_known():
    """A single failure among ten thousand is chance, one among ten is not finer known than that."""
    share = a_series("error_percent", flawless_until(1.0))
    few, many = (a_series("requests_per_second", np.full(POINTS, rate)) for rate in (0.01, 100.0))
    assert (spread_floor(share, few) > 100 * spread_floor(share, many)).all()

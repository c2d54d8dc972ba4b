"""Burn rate: a promise that is being broken pages soon, a blip and a handful of requests never."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP, a_series
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.detect.burn_rate import BURN_WINDOWS, Burn, burn
from ai_ops.domain.metrics import Series
from ai_ops.domain.slo import Slo

SLO = Slo(target_percent=99.9, latency_ms=400, minimum_requests=1000)
DAYS = 4
POINTS = round(timedelta(days=DAYS) / STEP)


def spent(bad_ratio: np.ndarray | float, per_second: np.ndarray | float = 100.0, step: timedelta = STEP) -> Burn:
    """The burn of a service that was so bad at so much traffic."""
    size = np.size(bad_ratio) if np.ndim(bad_ratio) else POINTS
    good = 1.0 - np.broadcast_to(bad_ratio, size)
    rate = np.broadcast_to(np.asarray(per_second, dtype=float), size)
    start = NOON - size * step
    return burn(Series("slo_good_ratio", start, step, good), Series("requests_per_second", start, step, rate), SLO)


@pytest.mark.parametrize(("row", "factor"), [(0, 14.4), (1, 6.0), (2, 3.0), (3, 1.0)])
def test_each_window_alarms_just_above_its_factor(row, factor):
    """The golden factors of the SRE workbook, at a promise of 99.9 %: 1.44 % bad is a burn of 14.4."""
    assert BURN_WINDOWS[row].factor == factor
    for times, alarms in ((0.99, False), (1.01, True)):
        result = spent(times * factor * 0.001)
        ratio = min(result.long[row, -1], result.short[row, -1]) / factor
        assert ratio == pytest.approx(times)
        assert (ratio > 1) == alarms


def test_spending_exactly_what_is_allowed_is_no_alarm():
    """A burn of one is the promise; the score says so, give or take rounding."""
    assert spent(0.001).score[-1] == pytest.approx(1.0)
    assert spent(0.00099).score[-1] < 1


def test_a_fast_burn_pages_at_once_and_stops_with_it():
    """A tenth of all requests failing pages at the first bad point; the short window ends it at the last."""
    bad = np.zeros(POINTS)
    bad[-40:-34] = 0.1
    fast = spent(bad)
    assert np.flatnonzero(fast.score > 1)[0] == POINTS - 40
    window = fast.loudest(POINTS - 36)
    assert window is not None
    assert window.pages
    hot = np.flatnonzero(np.minimum(fast.long[0], fast.short[0]) > 14.4)
    assert hot.tolist() == list(range(POINTS - 40, POINTS - 34))


def test_a_blip_wakes_nobody():
    """One point at 1 % bad is over before the hour's burn reaches 14.4."""
    bad = np.zeros(POINTS)
    bad[-20] = 0.01
    assert np.nanmax(spent(bad).score) < 1


def test_a_slow_leak_is_found_by_the_long_windows():
    """Twice the allowed spending for three days never looks dramatic, and empties the budget in two weeks."""
    result = spent(0.002)
    window = result.loudest(POINTS - 1)
    assert result.score[-1] == pytest.approx(2.0)
    assert window is not None
    assert (window.factor, window.pages) == (1.0, False)


def test_too_few_requests_never_alarm():
    """Two failures among three requests at night are no broken promise (R6)."""
    assert np.isnan(spent(0.66, per_second=0.003).score).all()


def test_the_minimum_counts_over_the_long_window():
    """At 0.1 requests a second an hour is too short to judge, six hours are long enough (R6)."""
    result = spent(0.02, per_second=0.1)
    assert np.isnan(result.long[0]).all()
    assert result.long[1, -1] == pytest.approx(20.0)


def test_points_weigh_by_their_requests():
    """A bad night with little traffic spends less than a bad noon."""
    bad, rate = np.zeros(POINTS), np.full(POINTS, 100.0)
    bad[-6:], rate[-6:] = [0.06, 0, 0, 0, 0, 0], [1000, 100, 100, 100, 100, 100]
    assert spent(bad, rate).long[0, -1] == pytest.approx(60.0 * 1000 / 1500)


def test_without_traffic_all_points_weigh_the_same():
    """A team that measures only the ratio still has a burn rate, without a minimum of requests."""
    good = a_series("slo_good_ratio", np.full(POINTS, 0.98))
    assert burn(good, None, SLO).score[-1] == pytest.approx(20.0)


def test_traffic_on_another_grid_says_nothing():
    """Requests that cannot be counted are not assumed to be enough (R6)."""
    good = a_series("slo_good_ratio", np.full(POINTS, 0.5))
    shorter = a_series("requests_per_second", np.full(POINTS - 1, 100.0))
    assert np.isnan(burn(good, shorter, SLO).score).all()


def test_a_share_that_is_no_share_and_a_gap_count_as_not_measured():
    """60 good requests for each one are another unit, not 60 times as good."""
    bad = np.full(POINTS, 0.02)
    bad[-6:-3] = [-59.0, np.nan, 2.0]
    result = spent(bad)
    assert result.long[0, -1] == pytest.approx(20.0)
    bad[-6:] = np.nan
    assert np.isnan(spent(bad).long[0, -1])


def test_a_window_that_was_hardly_measured_has_no_burn_rate():
    """Six hours of data say nothing of three days."""
    young = spent(np.full(36, 0.0021))
    assert np.isfinite(young.long[1, -1])
    assert np.isnan(young.long[2:, -1]).all()
    assert young.score[-1] < 1


def test_short_windows_become_one_step_of_a_coarse_grid():
    """Ten minutes is what there is to see of five; the result says what it measured."""
    short = [str(window.short) for window in spent(0.0).windows]
    assert short == ["0:10:00", "0:30:00", "2:00:00", "6:00:00"]
    assert str(spent(0.0, step=timedelta(minutes=1)).windows[0].short) == "0:05:00"


def test_the_sentence_names_both_windows():
    """The reader sees how fast, over how long, and what would have been an alarm."""
    result = spent(0.02)
    assert result.sentence(POINTS - 1) == (
        "the error budget is being spent 20.0 times as fast as allowed over 3 days and 20.0 times over 6 hours "
        "(alarm above 1 in both)"
    )
    silent = spent(0.66, per_second=0.003)
    assert silent.sentence(-1) == "the error budget cannot be judged: too few requests were measured"


@pytest.mark.parametrize("size", [0, 1, 2])
def test_next_to_no_data_is_no_alarm(size):
    """A new service has no burn rate yet."""
    result = spent(np.full(size, 0.5))
    assert result.score.shape == (size,)
    assert not (result.score > 1).any()


@given(st.lists(st.floats(0, 1) | st.just(np.nan), min_size=30, max_size=200), st.integers(1, 29))
def test_later_points_never_change_a_score(bad, cut):
    """The burn rate is causal: what was said stays said."""
    whole, part = spent(np.array(bad)).score, spent(np.array(bad)[:-cut]).score
    np.testing.assert_array_equal(whole[: part.size], part)

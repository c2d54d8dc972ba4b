"""How far a model may move: whatever rows come, no faster than is stated (H04, H41)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ai_ops.detect.learned.baseline import is_far
from ai_ops.detect.learned.bounds import (
    MOST_RATIO_PER_DAY,
    MOST_SIGMAS_PER_DAY,
    bounded,
    bounded_threshold,
)
from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.mixture import Mixture
from ai_ops.detect.learned.moments import Moments, blended
from ai_ops.detect.learned.online import adapted
from ai_ops.detect.learned.warm_start import Rows, WarmStart, warm_start

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = timedelta(minutes=10)
DAY = 144
METRICS = ("cpu_percent", "latency_p95_ms", "memory_percent")
A_LITTLE = 1e-6


def normal_days(days: float, seed: int) -> np.ndarray:
    """CPU and latency that follow one load, and memory that never moves; shape (n, 3)."""
    rng = np.random.default_rng(seed)
    count = round(days * DAY)
    load = rng.normal(size=count)
    return np.column_stack([40 + 5 * load, 200 + 25 * load + 10 * rng.normal(size=count), np.full(count, 50.0)])


def champion(components: int = 1) -> Mixture:
    """A model of two weeks."""
    model = fit(normal_days(14, seed=1), STEP, most_components=components)
    assert isinstance(model, Mixture)
    return model


CHAMPION = champion()


def assert_within(after: WarmStart, days: float) -> None:
    """Check every bound that is promised."""
    most = MOST_RATIO_PER_DAY**days * (1 + A_LITTLE)
    for one in after.moved(METRICS):
        assert abs(one.sigmas) <= MOST_SIGMAS_PER_DAY * days * (1 + A_LITTLE)
        assert 1 / most <= one.spread_ratio <= most
    assert 1 / most <= after.model.threshold / after.champion.threshold <= most
    assert 0.0 <= after.allowed_ratio <= 1.0
    again = Mixture.from_json(after.model.to_json(), after.model.scaling.to_json())
    assert np.isfinite(again.score(normal_days(0.1, seed=9))).all()


ATTACKS = st.one_of(
    arrays(float, (60, 3), elements=st.floats(width=64)),
    st.floats(-100, 100).map(lambda slope: normal_days(0.5, 5) + slope * np.linspace(0, 1, 72)[:, None]),
    st.floats(-1e3, 1e3).map(lambda level: np.full((50, 3), level)),
    st.floats(0.1, 10).map(lambda wide: CHAMPION.baseline.means + wide * (normal_days(0.5, 6) - [40, 200, 50])),
)


@settings(max_examples=150, deadline=None)
@given(ATTACKS, st.floats(0, 3), st.integers(1, 5))
def test_whatever_rows_come_a_training_moves_the_model_no_farther_than_stated(rows, days, weight):
    """Ramps, spikes, constants, gaps: what is promised to operators holds for all of them."""
    repeated = np.tile(rows, (weight * 4, 1))
    taught = Rows(repeated, np.ones(len(repeated)))
    assert_within(warm_start(CHAMPION, taught, taught, STEP, days=days), days)


@settings(max_examples=60, deadline=None)
@given(ATTACKS, st.floats(0, 1))
def test_whatever_rows_come_between_trainings_the_bounds_hold_by_the_time_that_passed(rows, learning_rate):
    """A great learning rate is no way round them (R41)."""
    repeated = np.tile(rows, (5, 1))
    days = len(repeated) // 36 * 0.25
    after = adapted(CHAMPION, repeated, STEP, learning_rate)
    assert_within(WarmStart(CHAMPION, after, 1.0), days)


MOMENTS = st.builds(
    lambda means, roots: Moments(100.0, np.array([0.3, 0.7]), means, np.einsum("kij,klj->kil", roots, roots)),
    arrays(float, (2, 3), elements=st.floats(-20, 20)),
    arrays(float, (2, 3, 3), elements=st.floats(-5, 5)),
)


@settings(max_examples=200, deadline=None)
@given(MOMENTS, MOMENTS, st.floats(0.1, 30))
def test_the_longest_way_that_keeps_the_bounds_is_taken(before, wanted, days):
    """Two Gaussians a side, any means and covariances: inside the bounds, and a little farther would be outside."""
    floor = np.full(3, 0.01)
    after, share = bounded(before, wanted, floor, days)
    assert inside(before, after, floor, days)
    if share < 1.0:
        farther = blended(before, wanted, min(1.0, share * 1.001 + 1e-6), 100.0)
        assert not inside(before, farther, floor, days, slack=0.0)


def inside(before: Moments, after: Moments, floor: np.ndarray, days: float, slack: float = A_LITTLE) -> bool:
    """Whether the state after lies within the bounds of the one before."""
    spread = np.sqrt(before.variance + floor)
    ratio = np.sqrt(after.variance + floor) / spread
    most = MOST_RATIO_PER_DAY**days * (1 + slack)
    moved = np.abs(after.mean - before.mean) / spread
    is_near = (moved <= MOST_SIGMAS_PER_DAY * days * (1 + slack) + 1e-9 * (slack > 0)).all()
    return bool(is_near and (ratio <= most).all() and (ratio >= 1 / most).all())


def test_what_does_not_reach_the_bounds_is_not_shortened():
    """The bounds are for what is too fast; a normal day is learned whole."""
    day = normal_days(1, seed=2)
    after = warm_start(CHAMPION, Rows(day, np.ones(DAY)), Rows(day, np.ones(DAY)), STEP, days=1.0)
    assert after.allowed_ratio == 1.0


def attacked(level: Callable[[int, np.ndarray], float], days: int = 60) -> tuple[list[WarmStart], list[float]]:
    """Train every day on rows that somebody pushes; the trainings, and the share of each day that raises alarms.

    `level` says how far, in spreads of the first champion, by the day and how far the model itself has gone.
    """
    first, spreads = CHAMPION.baseline.means, CHAMPION.baseline.deviations * [1, 1, 0]
    model, history, trainings, alarms = CHAMPION, normal_days(14, seed=1), [], []
    for day in range(days):
        gone = (model.baseline.means - first) / CHAMPION.baseline.deviations
        rows = normal_days(1, seed=100 + day) + level(day, gone) * spreads
        history = np.concatenate([history, rows])[-14 * DAY :]
        alarms.append(float((model.score(rows) > 1).mean()))
        one = warm_start(model, Rows(rows, np.ones(DAY)), Rows(history, np.ones(len(history))), STEP, days=1.0)
        trainings.append(one)
        model = one.model
    return trainings, alarms


@pytest.mark.parametrize("per_day", [0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0])
def test_a_ramp_moves_the_baseline_no_faster_than_stated(per_day):
    """Somebody raises everything by a share of its spread every day for sixty days, and somebody is told (H04)."""
    trainings, alarms = attacked(lambda day, _: per_day * day)
    for one in trainings:
        assert_within(one, 1.0)
    told = next((day for day, one in enumerate(trainings) if any(map(is_far, one.drifted(METRICS)))), None)
    seen = next((day for day, share in enumerate(alarms) if share > 0.1), None)
    assert min(day for day in (told, seen) if day is not None) * per_day <= max(5.0, 2.0 * per_day)
    assert max(one.model.threshold / one.model.anchor.threshold for one in trainings) <= 1.5 + A_LITTLE


def test_who_pushes_as_hard_as_goes_unnoticed_is_reported_within_two_weeks():
    """Always three spreads beyond what the model takes for usual: no row is abnormal, and every bound is reached."""
    trainings, alarms = attacked(lambda _, gone: float(gone[:2].max()) + 3.0, days=16)
    assert max(alarms) < 0.1
    for one in trainings:
        assert_within(one, 1.0)
    told = next(day for day, one in enumerate(trainings, 1) if any(map(is_far, one.drifted(METRICS))))
    assert 10 <= told <= 14


def test_without_bounds_the_same_rows_would_move_it_at_once():
    """The test above proves something: unbounded, a week of rows twenty spreads away is learned in a day."""
    far = normal_days(7, seed=3)
    far[:, :2] += 0.9 * CHAMPION.baseline.deviations[:2]
    taught = Rows(far, np.ones(len(far)))
    slow = warm_start(CHAMPION, taught, taught, STEP, days=1.0)
    free = warm_start(CHAMPION, taught, taught, STEP, days=1000.0)
    assert free.allowed_ratio == 1.0
    assert slow.allowed_ratio < 0.6
    assert max(abs(one.sigmas) for one in free.moved(METRICS)) > 0.2


def test_the_threshold_is_held_as_well():
    """Who cannot move the baseline may try to make the model deaf."""
    assert bounded_threshold(4.0, 8.0, 1.0, 4.0) == pytest.approx(4.12)
    assert bounded_threshold(4.0, 3.0, 2.0, 4.0) == pytest.approx(4.0 / 1.0609)
    assert bounded_threshold(4.0, 4.1, 1.0, 4.0) == 4.1


@pytest.mark.parametrize("days", [-1.0, np.nan, np.inf])
def test_a_time_that_cannot_have_passed_is_refused(days):
    """A clock that was set back must not open the bounds."""
    with pytest.raises(ValueError, match="days older"):
        bounded_threshold(4.0, 4.0, days, 4.0)

"""Seasonal: the time of day and of the week, learned by medians; and the formula as first written."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP, a_series, steady
from rhythms import DAY, demand

from ai_ops.detect.calibration import LEAST_THRESHOLD
from ai_ops.detect.seasonal import LiteralSeasonal, Seasonal, usual


def scored(detector, values):
    """Scores of one row with no floor to speak of."""
    return detector.score(a_series("cpu_percent", values), np.full(values.size, 0.01))


def test_the_seasonal_detector_needs_two_days():
    """One period cannot show a season (R3)."""
    series = steady("cpu_percent", 40.0, days=3, noise=0.1)
    scores = Seasonal().score(series, np.full(series.values.size, 0.01)).values
    assert np.isnan(scores[:288]).all()
    assert np.isfinite(scores[-100:]).all()


def test_the_seasonal_detector_knows_the_time_of_day():
    """A level that is normal at noon is abnormal at night (S001-06, S002-11)."""
    day = 50.0 + 40.0 * np.sin(np.linspace(0, 2 * np.pi, 144, endpoint=False))
    values = np.tile(day, 14) + np.random.default_rng(1).normal(size=2016)
    values[-2] = 90.0
    found = scored(Seasonal(), values)
    assert found.values[-2] > 10
    assert found.expected[-2] == pytest.approx(day[-2], abs=3)


def test_a_value_within_the_usual_span_deviates_by_nothing():
    """A score of zero, not a small one: whatever is as usual needs no threshold."""
    values = demand(10, noise=0.01)
    low, high = usual(values, STEP)
    inside = np.flatnonzero((values >= low) & (values <= high))
    known = inside[inside >= 4 * DAY]
    assert known.size > 2 * DAY
    assert (scored(Seasonal(), values).values[known] == 0.0).all()


@pytest.mark.parametrize(("columns", "is_usual"), [(-2, True), (2, True), (-6, False), (6, False)])
def test_a_job_that_starts_a_little_early_or_late_is_usual(columns, is_usual):
    """Twenty minutes to either side are the same time of day; an hour is not."""
    job = np.where((np.arange(DAY) >= 36) & (np.arange(DAY) < 48), 60.0, 20.0)
    values = np.tile(job, 9)
    values[8 * DAY :] = np.roll(job, columns)
    values += np.random.default_rng(1).normal(size=values.size)
    worst = scored(Seasonal(), values).values[8 * DAY :].max()
    assert worst < LEAST_THRESHOLD if is_usual else worst > 20.0


def test_the_second_saturday_is_usual():
    """What came a week ago is in the span, so half the traffic surprises on one weekend only (R3)."""
    weekend = (np.arange(21 * DAY) // DAY) % 7 >= 5
    values = demand(21) * np.where(weekend, 0.5, 1.0)
    scores = scored(Seasonal(), values).values
    first, second = (scores[day * DAY : day * DAY + 36] for day in (5, 12))
    assert np.median(first) > 5.0
    assert np.median(second) < 1.0


def test_an_incident_of_hours_does_not_move_what_is_usual_for_the_rest_of_the_day():
    """Two hours of 600 more would raise the mean of a day by 50, and every value after would look too low."""
    values = demand(10)
    values[9 * DAY : 9 * DAY + 12] += 600.0
    quiet, after = (usual(row, STEP)[1][9 * DAY + 24 :] for row in (demand(10), values))
    assert np.abs(after - quiet).max() < 15.0


def test_a_service_that_grows_is_not_compared_with_the_level_of_last_week():
    """The shape of the day is compared, beside the level of the last day."""
    values = demand(14) * (1.0 + 0.03 * np.arange(14 * DAY) / DAY)
    low, high = usual(values, STEP)
    error = (low + high)[-DAY:] / 2.0 - values[-DAY:]
    assert abs(error.mean()) < 0.05 * values[-DAY:].mean()


def test_a_step_of_a_day_or_more_has_no_neighbours():
    """Daily values are judged by the days before them, without a time of day."""
    days = a_series("cost_per_hour", np.arange(20.0))
    scores = Seasonal().score(type(days)("cost_per_hour", days.start, DAY * STEP, days.values), np.ones(20)).values
    assert scores.shape == (20,)
    assert not np.isinf(scores).any()


def test_the_literal_seasonal_finds_what_a_daily_rhythm_does_not_explain():
    """Residual of a decomposition over 24 h (S001-88)."""
    values = np.tile(50.0 + 10.0 * np.sin(np.linspace(0, 2 * np.pi, 144, endpoint=False)), 7)
    values += np.random.default_rng(2).normal(0, 0.5, values.size)
    values[500] += 20.0
    scores = scored(LiteralSeasonal(), values).values
    assert int(np.argmax(scores)) == 500
    assert scores[500] > LiteralSeasonal().threshold == 3.0


def test_the_literal_seasonal_formula_sees_the_future():
    """Why it is not the default, and keeps no causal promise: the evening changes the scores of the morning."""
    calm, stormy = demand(4), demand(4)
    stormy[3 * DAY :] *= 5.0
    morning = slice(0, 2 * DAY)
    change = scored(LiteralSeasonal(), calm).values[morning] - scored(LiteralSeasonal(), stormy).values[morning]
    assert np.abs(change).max() > 0.5


@pytest.mark.parametrize("values", [demand(1.9), np.where(np.arange(3 * DAY) == 5, np.nan, demand(3))])
def test_the_literal_seasonal_formula_needs_two_whole_days(values):
    """A decomposition cannot pass over a gap (R3)."""
    assert np.isnan(scored(LiteralSeasonal(), values).values).all()

"""Forecast: better than yesterday's value where that can be shown, and never a claim beyond what was shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP

from ai_ops.detect.forecast.forecast import HOLT_WINTERS, HORIZON, LEVELS, NAIVE, Forecast, forecast
from ai_ops.detect.forecast.hourly import hourly
from ai_ops.detect.forecast.predicted_anomaly import predicted_anomaly
from ai_ops.domain.metrics import Series
from ai_ops.domain.warming_up import WarmingUp

HOUR = timedelta(hours=1)


def by_the_hour(values: np.ndarray, metric: str = "latency_p95_ms") -> Series:
    """Hourly values that end at noon."""
    return Series(metric, NOON - values.size * HOUR, HOUR, values)


def rhythm(days: float = 14, noise: float = 5.0, seed: int = 0) -> np.ndarray:
    """Hours of a latency around 100 ms with a daily rhythm."""
    hours = np.arange(round(days * 24))
    return 100.0 + 30.0 * np.sin(hours * 2 * np.pi / 24) + noise * np.random.default_rng(seed).normal(size=hours.size)


def made_of(values: np.ndarray, metric: str = "latency_p95_ms") -> Forecast:
    """The forecast of a history that suffices."""
    made = forecast(by_the_hour(values, metric))
    assert isinstance(made, Forecast)
    return made


def losses(values: np.ndarray, origins: range) -> tuple[float, float]:
    """Pinball loss of the forecast, and of yesterday's values with the quantiles of their own errors."""
    levels = np.array(LEVELS)
    ours, naive = [], []
    for origin in origins:
        past, future = values[:origin], values[origin : origin + HORIZON]
        yesterday = past[-24 : HORIZON - 24][:, None] + np.quantile(past[24:] - past[:-24], levels)
        for quantiles, kept in ((made_of(past).quantiles, ours), (yesterday, naive)):
            beyond = future[:, None] - quantiles
            kept.append(np.maximum(levels * beyond, (levels - 1) * beyond).mean())
    return float(np.mean(ours)), float(np.mean(naive))


def test_it_beats_seasonal_naive_on_a_noisy_rhythm():
    """Yesterday's value carries yesterday's noise; Holt-Winters averages it out (S001-134)."""
    ours, naive = losses(rhythm(), range(200, 330, 7))
    assert ours < 0.9 * naive
    made = made_of(rhythm())
    assert made.method == HOLT_WINTERS
    assert made.skill == pytest.approx(1 - ours / naive, abs=0.15)


def test_it_falls_back_where_yesterday_cannot_be_beaten():
    """A perfect rhythm repeats itself exactly: there is nothing to add, and no skill is claimed (S001-134)."""
    made = made_of(rhythm(noise=0.0))
    assert (made.method, made.skill) == (NAIVE, 0.0)
    np.testing.assert_allclose(made.median, rhythm(noise=0.0)[: 14 * 24][-24 : HORIZON - 24])


def test_a_random_walk_of_days_is_no_worse_than_naive():
    """Each hour of the day wanders alone, the case that yesterday's value is made for: the loss stays within 5 %."""
    rng = np.random.default_rng(3)
    days = 100.0 + np.cumsum(rng.normal(size=(28, 24)), axis=0)
    ours, naive = losses(days.ravel(), range(200, 660, 19))
    assert ours < 1.05 * naive


def test_a_working_week_is_forecast_from_fourteen_days():
    """Sunday to Monday: what came a week ago is one of the voices, and soon the loudest."""
    hours = np.arange(14 * 24)
    weekend = (hours // 24 % 7 >= 5) * 60.0
    values = rhythm(noise=1.0) - weekend * (1 + np.sin(hours * 2 * np.pi / 24) / 2)
    made = made_of(values)
    assert made.method == HOLT_WINTERS
    np.testing.assert_allclose(made.median, values[-168 : HORIZON - 168], atol=8.0)


def test_six_weeks_show_a_weekly_season():
    """With three weeks or more a season of 168 hours is followed too."""
    hours = np.arange(42 * 24)
    values = rhythm(days=42, noise=2.0) - (hours // 24 % 7 >= 5) * 60.0
    ours, naive = losses(values[: 42 * 24], range(900, 1002, 25))
    assert ours < 0.7 * naive


def test_the_quantiles_cover_what_they_say():
    """Nine of ten values lie in the interval from 5 % to 95 %, give or take chance."""
    values, inside = rhythm(days=42), []
    for origin in range(400, 1000, 12):
        quantiles = made_of(values[origin - 336 : origin]).quantiles
        future = values[origin : origin + HORIZON]
        inside.extend((quantiles[:, 0] <= future) & (future <= quantiles[:, -1]))
    assert 0.84 < np.mean(inside) < 0.95


def test_quantiles_are_in_order():
    """The 5 % quantile is never above the median."""
    assert (np.diff(made_of(rhythm(noise=20.0)).quantiles, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("hours", "have"), [(0, 0), (1, 1), (100, 100), (167, 167)], ids=["empty", "one", "four days", "nearly"]
)
def test_a_short_history_says_how_far_it_is(hours, have):
    """An honest count instead of a guess."""
    answer = forecast(by_the_hour(rhythm()[:hours]))
    assert answer == WarmingUp(have, 168, "hours")
    assert str(answer) == f"warming up: {have} of 168 hours"


def test_a_week_of_holes_is_not_a_week():
    """A history of which two thirds are missing says nothing yet, however old it is."""
    values = rhythm()
    values[np.arange(values.size) % 3 > 0] = np.nan
    assert forecast(by_the_hour(values)) == WarmingUp(112, 168, "hours")
    assert forecast(by_the_hour(np.full(400, np.nan))) == WarmingUp(0, 168, "hours")


def test_gaps_are_survived():
    """A collector that slept for a night, and one hour in ten missing: still a forecast, near the one without gaps."""
    values = rhythm()
    whole = made_of(values).median
    values[np.random.default_rng(1).random(values.size) < 0.1] = np.nan
    values[-40:-30] = np.nan
    made = made_of(values)
    assert np.isfinite(made.quantiles).all()
    np.testing.assert_allclose(made.median, whole, atol=12.0)


def test_a_gap_at_the_end_is_survived():
    """The newest hours missing, the forecast still begins where the series ends."""
    values = rhythm()
    values[-5:] = np.nan
    made = made_of(values)
    assert made.start == NOON
    np.testing.assert_allclose(made.median, made_of(rhythm()).median, atol=12.0)


def test_a_past_outage_does_not_spoil_the_forecast():
    """An incident three days ago is not expected again."""
    values = rhythm()
    clean = made_of(values).median
    values[-75:-71] = 5000.0
    np.testing.assert_allclose(made_of(values).median, clean, atol=15.0)


def test_nothing_below_zero_and_no_more_than_all_of_it():
    """A latency is never negative and a CPU never busier than busy."""
    values = np.abs(rhythm(noise=30.0) - 100.0)
    assert (made_of(values).quantiles >= 0).all()
    busy = np.clip(rhythm(noise=20.0), 0.0, 100.0)
    assert (made_of(busy, "cpu_percent").quantiles <= 100).all()
    assert made_of(busy, "requests_per_second").quantiles.max() > 100


@pytest.mark.parametrize("level", [0.0, 7.0, 1e12])
def test_a_constant_is_forecast_as_itself(level):
    """A flat line goes on flat, without a claim of skill."""
    made = made_of(np.full(336, level))
    assert (made.quantiles == level).all()
    assert made.method == NAIVE


def test_ten_minute_steps_become_hours():
    """The grid of the agent: six values an hour, and an hour of which less than half is known is a gap."""
    values = np.repeat(rhythm(), 6)
    fine = Series("latency_p95_ms", NOON - values.size * STEP, STEP, values)
    np.testing.assert_allclose(hourly(fine), rhythm())
    made = forecast(fine)
    assert isinstance(made, Forecast)
    assert made.start == NOON
    values[-4:] = np.nan
    assert np.isnan(hourly(fine)[-1])
    values[-3] = 1.0
    assert hourly(fine)[-1] == pytest.approx((2 * rhythm()[-1] + 1.0) / 3)


def test_a_step_that_is_no_part_of_an_hour_is_refused():
    """A wrong grid is a mistake of the caller, and said at once."""
    with pytest.raises(ValueError, match="no part of an hour"):
        forecast(Series("cpu_percent", NOON, timedelta(minutes=7), np.zeros(5000)))


def a_forecast(*medians: float) -> Forecast:
    """A forecast of these medians, ten to either side."""
    quantiles = np.array(medians)[:, None] + np.array([-10.0, -4.0, 0.0, 4.0, 10.0])
    return Forecast("latency_p95_ms", NOON, quantiles, HOLT_WINTERS, skill=0.21, origins=288)


def test_a_forecast_beyond_its_limit_is_a_predicted_anomaly():
    """The alert of the requirement: when, how bad, how sure (S001-134)."""
    alert = predicted_anomaly(a_forecast(400, 480, 520, 640, 560, 450), limit=500.0)
    assert alert is not None
    assert (alert.since, alert.at) == (NOON + 2 * HOUR, NOON + 3 * HOUR)
    assert (alert.value, alert.lower, alert.upper) == (640.0, 630.0, 650.0)
    assert alert.sentence == (
        "Predicted anomaly in 6 hours: latency_p95_ms is forecast to be above 500 from 14:00 UTC on, at worst 640 at "
        "15:00 UTC (nine times of ten between 630 and 650; Holt-Winters, 21% better than seasonal-naive so far)"
    )


@pytest.mark.parametrize("limit", [640.0, np.nan, np.inf])
def test_a_forecast_within_its_limit_is_none(limit):
    """The limit itself is allowed, and an unknown limit is no limit (S001-134)."""
    assert predicted_anomaly(a_forecast(400, 480, 520, 640, 560, 450), limit) is None


def test_where_low_is_bad_the_limit_is_below():
    """A share of good requests alarms when it is forecast to fall."""
    sinking = replace(a_forecast(99, 98, 97, 95, 96, 97), metric="slo_good_ratio", method=NAIVE, skill=0.0)
    assert predicted_anomaly(sinking, 94.0, worse=-1) is None
    alert = predicted_anomaly(sinking, 97.5, worse=-1)
    assert alert is not None
    assert (alert.since, alert.value) == (NOON + 2 * HOUR, 95.0)
    assert "below 97.5 from 14:00 UTC on, at worst 95 at 15:00 UTC" in alert.sentence
    assert "seasonal-naive, what came a day before" in alert.sentence

"""What is usual at an hour of the day, learned for rules that run without the agent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from examples import STEP, a_series

from ai_ops.detect.floors import spread_floor
from ai_ops.detect.rules_export.hourly_band import HourlyBand, Sides, decimals, learn_band, rounded
from ai_ops.domain.warming_up import WarmingUp

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
BOTH, RISE, FALL = Sides(0, 1.0, 2), Sides(+1, 1.0, 2), Sides(-1, 1.0, 2)
DAY = 144  # points


def learned(values: np.ndarray, sides: Sides = BOTH) -> HourlyBand:
    """The band of values that end on a Monday at midnight; there has to be one."""
    series = a_series("cpu_percent", values, MONDAY)
    band = learn_band(series, spread_floor(series, None), sides)
    assert isinstance(band, HourlyBand), band
    return band


def flat(days: int, seed: int = 1) -> np.ndarray:
    """A level with noise."""
    return 50.0 + 2.0 * np.random.default_rng(seed).normal(size=days * DAY)


def busy_weekdays(days: int, seed: int = 1) -> np.ndarray:
    """A daily rhythm, which is half as high on Saturdays and Sundays; the last day is a Sunday."""
    point = np.arange(days * DAY)
    weekend = ((point // DAY - days) % 7) >= 5
    rhythm = 100.0 + 60.0 * np.sin(2 * np.pi * point / DAY)
    return rhythm * np.where(weekend, 0.5, 1.0) + 3.0 * np.random.default_rng(seed).normal(size=point.size)


def alarms_in(band: HourlyBand, values: np.ndarray) -> int:
    """How often two values in a row lie outside, from a Monday at midnight on."""
    point = np.arange(values.size)
    row = np.where(point // DAY % 7 >= 5, band.expected.shape[0] - 1, 0)
    column = np.where(band.expected.shape[1] > 1, point % DAY // 6, 0)
    outside = (values > band.upper[row, column]) | (values < band.lower[row, column])
    held = outside & np.concatenate([[False], outside[:-1]])
    return int((held & ~np.concatenate([[False], held[:-1]])).sum())


def test_a_level_without_a_rhythm_has_one_band_for_all_hours():
    """Two numbers are reviewed sooner than forty-eight."""
    band = learned(flat(14))
    assert band.expected.shape == (1, 1)
    assert 40.0 < band.lower.item() < 46.0
    assert 54.0 < band.upper.item() < 60.0


def test_weekends_have_their_own_row_when_two_of_them_are_known():
    """Half the traffic is an outage on Tuesday and a usual Sunday."""
    band = learned(busy_weekdays(14))
    assert band.expected.shape == (2, 24)
    assert band.upper[1, 5] < band.lower[0, 5]


def test_one_weekend_is_not_enough_to_know_weekends():
    """What happened on one Sunday would become what Sundays are like."""
    assert learned(busy_weekdays(8)).expected.shape[0] == 1


@pytest.mark.parametrize(("sides", "sees_rise", "sees_fall"), [(BOTH, 1, 1), (RISE, 1, 0), (FALL, 0, 1)])
def test_a_side_that_is_no_harm_has_no_bound(sides, sees_rise, sees_fall):
    """An error rate that falls wakes nobody."""
    band = learned(flat(14), sides)
    assert np.isfinite(band.upper).all() == bool(sees_rise)
    assert np.isfinite(band.lower).all() == bool(sees_fall)


def test_labels_widen_the_band_as_they_do_in_a_run():
    """What people called a false alarm is none in Prometheus either."""
    plain, heard = learned(flat(14)), learned(flat(14), replace(BOTH, factor=1.5))
    assert np.allclose(heard.upper - heard.expected, 1.5 * (plain.upper - plain.expected))


def test_less_than_a_week_is_warming_up():
    """The table would know nothing of weekends (R3)."""
    series = a_series("cpu_percent", flat(6), MONDAY)
    assert learn_band(series, spread_floor(series, None), BOTH) == WarmingUp(6, 7, "days")


def test_gaps_do_not_count_as_history():
    """Two weeks of which two thirds are missing are five days."""
    values = flat(15)
    values[: 10 * DAY] = np.nan
    series = a_series("cpu_percent", values, MONDAY)
    assert str(learn_band(series, spread_floor(series, None), BOTH)) == "warming up: 5 of 7 days"


@pytest.mark.parametrize("value", [0.0, 37.5])
def test_what_never_varies_has_no_band(value):
    """Any bound around a constant is somebody's decision, not something learned."""
    series = a_series("memory_percent", np.full(14 * DAY, value), MONDAY)
    assert "never varies" in str(learn_band(series, spread_floor(series, None), BOTH))


def test_a_flawless_share_of_errors_has_a_band():
    """The best service would else be the one that nothing watches while the agent is away."""
    series = a_series("error_percent", np.zeros(14 * DAY), MONDAY)
    band = learn_band(series, spread_floor(series, None), RISE)
    assert isinstance(band, HourlyBand)
    assert 0.0 < band.upper.item() < 1.0


def test_an_incident_of_the_past_hardly_widens_the_band():
    """Or else the next incident of that kind would be usual."""
    values = flat(14)
    calm = learned(values)
    values[5 * DAY : 5 * DAY + 30] = 95.0
    assert learned(values).upper.item() < calm.upper.item() + 2.0
    assert learned(values).alarms == calm.alarms + 1


def test_a_new_level_is_said_to_be_outside_now():
    """Whoever loads the rules would otherwise be paged by them at once."""
    values = flat(14)
    values[-12:] += 40.0
    assert learned(values).is_outside_now
    assert not learned(flat(14)).is_outside_now


def test_one_value_alone_is_no_alarm():
    """`for:` waits; so does the count of what would have alarmed."""
    values = flat(14)
    values[1000] = 95.0
    assert learned(values).alarms == learned(flat(14)).alarms


def test_a_gap_starts_the_wait_anew():
    """As it does in Prometheus, where an absent series resets `for:`."""
    values = flat(14)
    values[1000:1003] = 95.0, np.nan, 95.0
    assert learned(values).alarms == learned(flat(14)).alarms


@pytest.mark.parametrize("made", [flat, busy_weekdays])
def test_the_weeks_to_come_stay_within_the_budget(made):
    """At most one false alarm per metric and week, on weeks that were not learned from."""
    alarms = [alarms_in(learned(made(14, seed)), made(28, seed + 100)) for seed in range(6)]
    assert sum(alarms) <= 6 * 4


def test_rounding_only_ever_widens_and_leaves_few_digits():
    """A renewal shows what changed, not the noise of the last digits."""
    band = learned(busy_weekdays(14))
    short = rounded(band)
    assert (short.lower <= band.lower + 1e-9).all()
    assert (short.upper >= band.upper - 1e-9).all()
    reach = np.median(np.concatenate([band.upper - band.expected, band.expected - band.lower]))
    assert 0.01 <= 10.0 ** -decimals(band) / reach <= 0.1
    assert np.allclose(short.upper * 10.0 ** decimals(band) % 1, 0.0)


def test_a_small_ratio_keeps_the_digits_it_needs():
    """0.9995 rounded to a whole number would be an alarm for ever."""
    band = replace(
        learned(flat(14)), expected=np.array([[0.9999]]), lower=np.array([[0.99937]]), upper=np.array([[np.inf]])
    )
    assert rounded(band).lower.item() == pytest.approx(0.99937, abs=1e-9)


def test_history_of_another_step_is_learned_as_well():
    """`metrics.step_minutes` is the team's choice."""
    values = flat(14)[::3]
    series = replace(a_series("cpu_percent", values, MONDAY), step=3 * STEP, start=MONDAY - values.size * 3 * STEP)
    band = learn_band(series, spread_floor(series, None), BOTH)
    assert isinstance(band, HourlyBand)
    assert band.learned_at == MONDAY
    assert band.days == pytest.approx(14.0)

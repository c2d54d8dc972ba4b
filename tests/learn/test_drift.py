"""Drift: what is named has changed, what has not changed is not named, and the gauge is the one that was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from drifting import DAY, METRICS, MONDAY, STEP_SECONDS, TRAINING, day_shape, noise, rows_of, split, times
from scipy.stats import false_discovery_control, norm

from ai_ops.learn.drift.distances import p_value
from ai_ops.learn.drift.drift import ROWS, drift_of
from ai_ops.learn.drift.features import Features
from ai_ops.learn.drift.reference import reference_of
from ai_ops.simulator.profiles import WEB, default_thresholds
from ai_ops.simulator.service import SimulatedService
from ai_ops.simulator.traffic import weekly


def report_of(values: np.ndarray, step_seconds: float = STEP_SECONDS, training: int = TRAINING):
    """What is said of the rows after two weeks of training."""
    before, after = split(rows_of(values, step_seconds), training)
    return drift_of(reference_of(before), after)


def names(report) -> set[str]:
    """What has drifted."""
    return {one.feature for one in report.drifted}


def one_of(report, feature: str):
    """One feature of a report."""
    return next(one for one in report.features if one.feature == feature)


def test_the_gauge_is_the_largest_distance_of_a_mean_in_standard_deviations_of_the_training():
    """Raw, over all features, without any profile (S004-14)."""
    values = noise(TRAINING + ROWS, 3, phi=0.5) + day_shape(times(TRAINING + ROWS))[:, None]
    values[TRAINING:, 0] += 1.3
    before, after = split(rows_of(values))
    expected = np.abs(after.values.mean(axis=0) - before.values.mean(axis=0))
    deviations = np.array([one.std for one in reference_of(before).features])
    np.testing.assert_allclose(deviations[:4], before.values.std(axis=0)[:4])
    assert deviations[4] == 0.0  # all three metrics were always measured
    largest = max(expected[index] / before.values.std(axis=0)[index] for index in (0, 1, 2, 3, 5))
    assert drift_of(reference_of(before), after).drift_score == pytest.approx(largest, rel=1e-12)


@pytest.mark.parametrize("phi", [0.0, 0.9])
@pytest.mark.parametrize("season", [0.0, 2.0], ids=["flat", "daily season"])
def test_where_nothing_has_changed_hardly_any_window_names_a_feature(phi, season):
    """Twelve windows of a thousand rows: three of them by chance has a probability of 2 % at a rate of 5 %."""
    rows = TRAINING + ROWS
    wrong = sum(
        bool(names(report_of(noise(rows, 3, phi=phi, seed=seed) + season * day_shape(times(rows))[:, None])))
        for seed in range(12)
    )
    assert wrong <= 2


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_half_a_sigma_of_one_metric_is_found_within_two_windows(phi):
    """The shift begins within the first window; at the end of the second it has been named, and only it."""
    for seed in range(3):
        values = noise(TRAINING + 2 * ROWS, 3, phi=phi, seed=seed)
        values[TRAINING + 600 :, 1] += 0.5
        report = report_of(values)
        assert names(report) - {"score"} == {METRICS[1]}
        assert one_of(report, METRICS[1]).shift_sigmas == pytest.approx(0.5, abs=0.25)


def test_rows_that_hardly_change_are_worth_few():
    """At 0.9 a thousand are worth about a hundred; counted as a thousand, most quiet windows would be named."""
    quiet = [one_of(report_of(noise(TRAINING + ROWS, 1, phi=0.9, seed=seed)), METRICS[0]) for seed in range(10)]
    assert all(one.effective_rows < 120 for one in quiet)
    assert sum(p_value(one.ks, 1000, TRAINING) < 0.05 for one in quiet) > 5
    assert not any(one.has_drifted for one in quiet)


def test_of_a_slow_walk_two_weeks_are_a_single_observation():
    """At 0.995 not even the autocorrelation can be known: nothing is claimed, and the gauge shows how far it went."""
    walks = [report_of(noise(TRAINING + ROWS, 1, phi=0.995, seed=seed)) for seed in range(10)]
    assert max(report.drift_score for report in walks) > 0.5
    assert max(one_of(report, METRICS[0]).ks for report in walks) > 0.4
    assert not any(one_of(report, METRICS[0]).has_drifted for report in walks)


def test_it_is_said_when_it_began():
    """A step of one sigma in the middle of the window is dated to a few hours."""
    values = noise(TRAINING + ROWS, 3, phi=0.3, seed=8)
    values[TRAINING + 500 :, 2] -= 1.0
    since = one_of(report_of(values), METRICS[2]).since
    truth = datetime.fromtimestamp(times(TRAINING + 501)[-1], UTC)
    assert abs(since - truth) <= timedelta(hours=4)


def test_what_began_before_the_window_is_dated_to_its_first_hours():
    """Never before the rows that were looked at."""
    values = noise(TRAINING + 2 * ROWS, 3, seed=8)
    values[TRAINING:, 2] += 1.0
    report = report_of(values)
    first = datetime.fromtimestamp(times(TRAINING + ROWS + 1)[-1], UTC)
    assert first <= one_of(report, METRICS[2]).since <= first + timedelta(hours=4)


def test_a_spread_that_has_doubled_is_found_though_no_mean_has_moved():
    """What the gauge cannot see (R21): the distribution counts, not its mean alone; and its beginning is dated."""
    values = noise(TRAINING + ROWS, 3, seed=4)
    values[TRAINING + 400 :, 0] *= 2.0
    report = report_of(values)
    assert METRICS[0] in names(report)
    assert abs(one_of(report, METRICS[0]).shift_sigmas) < 0.2
    truth = datetime.fromtimestamp(times(TRAINING + 401)[-1], UTC)
    assert abs(one_of(report, METRICS[0]).since - truth) <= timedelta(hours=24)


@pytest.mark.parametrize(("shift", "is_drift"), [(0.17, False), (0.24, True)])
def test_what_is_certain_but_small_is_no_drift(shift, is_drift):
    """Rows that are exactly normal but for the shift, in a random order: significant, yet below a fifth of a sigma."""
    rng = np.random.default_rng(1)
    training = 14 * 1440
    before, after = (rng.permutation(norm.ppf((np.arange(n) + 0.5) / n)) for n in (training, ROWS))
    report = report_of(np.concatenate([before, after + shift])[:, None], 60.0, training)
    one = one_of(report, METRICS[0])
    assert false_discovery_control([other.ks_p for other in report.features], method="by")[0] < 0.05
    assert one.wasserstein == pytest.approx(shift, abs=0.02)
    assert one.has_drifted is is_drift


@pytest.mark.parametrize("step_seconds", [60.0, 300.0, 600.0, 900.0])
def test_the_hour_of_day_is_no_drift_because_a_window_is_no_whole_number_of_days(step_seconds):
    """Of 17 hours, 3.5, 6.9 and 10.4 days, days with a rhythm (S004-12): neither the hour nor a metric is named."""
    training = round(14 * 86_400 / step_seconds)
    rows = training + ROWS
    values = noise(rows, 3, phi=0.5, seed=2) + 2.0 * day_shape(times(rows, step_seconds))[:, None]
    report = report_of(values, step_seconds, training)
    assert "hour_of_day" in {one.feature for one in report.features}
    assert names(report) == set()


def test_rows_that_come_only_in_one_hour_of_the_day_are_named():
    """A thousand rows of nothing but the hour after midnight: the model sees the rest of the day no more."""
    before, _ = split(rows_of(noise(TRAINING, 3)))
    later = rows_of(noise(167 * DAY, 3, seed=5))
    at_night = later.times % 86_400 < 3600
    night = Features(later.names, later.times[at_night] + 14 * 86_400, later.values[at_night])
    assert "hour_of_day" in names(drift_of(reference_of(before), night))


def test_a_weekend_is_no_drift():
    """Two days of half the traffic, though most of the training was working days."""
    rows = TRAINING + 7 * DAY
    values = noise(rows, 3, phi=0.5, seed=6) * 0.3 + 2.0 * day_shape(times(rows), weekend=0.5)[:, None]
    before, after = split(rows_of(values))
    weekend = Features(after.names, after.times[5 * DAY :], after.values[5 * DAY :])
    report = drift_of(reference_of(before), weekend)
    assert report.features
    assert names(report) == set()


def test_a_healthy_simulated_service_has_not_drifted():
    """Three weeks of a web service with weekends and an autoscaler, which is no process out of a textbook."""
    rng = np.random.default_rng(1)
    demand = weekly(WEB.peak_for(12), 21, rng)
    service = SimulatedService(WEB, demand, datetime.fromtimestamp(MONDAY, UTC), default_thresholds(WEB, 24), 1)
    service.advance(21 * 1440)
    history = service.history(21).resample("10min").mean()
    report = report_of(history[[*METRICS]].to_numpy())
    assert len(report.features) == 6
    assert names(report) == set()


def test_a_metric_that_is_no_longer_measured_shows_in_the_known_columns():
    """It has no values to compare, so nothing is said of it; that there is one fewer is said."""
    values = noise(TRAINING + ROWS, 3)
    values[TRAINING:, 0] = np.nan
    report = report_of(values)
    assert METRICS[0] not in {one.feature for one in report.features}
    known = one_of(report, "known_columns")
    assert known.has_drifted
    assert known.shift_sigmas == pytest.approx(-1.0 / 0.3)
    assert known.psi > 1.0


def test_too_few_rows_are_not_judged():
    """And the report says why."""
    report = report_of(noise(TRAINING + 99, 3))
    assert (report.features, report.drift_score) == ((), 0.0)
    assert report.reason == "100 rows with the same feature are needed, and there are 99 rows"
    short = drift_of(reference_of(rows_of(noise(60, 3))), rows_of(noise(ROWS, 3)))
    assert short.reason == "the training had 60 rows; 100 with the same feature are needed"


def test_only_the_newest_thousand_rows_count():
    """What was long ago is not what recent rows are like (S004-13)."""
    values = noise(TRAINING + 3 * ROWS, 3)
    values[TRAINING : TRAINING + 2 * ROWS] += 5.0
    report = report_of(values)
    assert (report.rows, names(report)) == (ROWS, set())
    assert report.at == datetime.fromtimestamp(times(len(values))[-1], UTC)


def test_it_is_said_what_the_drift_does_to_detection():
    """The share of rows above the model's threshold, now and in training."""
    values = noise(TRAINING + ROWS, 3)
    before, after = split(rows_of(values))
    reference = reference_of(before, threshold=0.5)
    after.values[:, 3] += 0.2
    report = drift_of(reference, after)
    assert report.expected_alarm_share == pytest.approx((before.values[:, 3] > 0.5).mean())
    assert report.alarm_share == pytest.approx((after.values[:, 3] > 0.5).mean())
    assert report.alarm_share > 2 * report.expected_alarm_share


def test_rows_of_another_model_are_refused():
    """A feature of the training must be among those of the rows."""
    before, _ = split(rows_of(noise(TRAINING, 3)))
    with pytest.raises(ValueError, match="the rows have no requests_per_second, only"):
        drift_of(reference_of(before), rows_of(noise(ROWS, 2)))

"""Detect: one alarm, one finding, in the direction that hurts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP, a_series, a_window, an_observation, healthy_series, steady

from ai_ops.detect.detect import Detection
from ai_ops.detect.ewma import Ewma, LiteralEwma
from ai_ops.detect.seasonal import LiteralSeasonal, Seasonal
from ai_ops.detect.zscore import LiteralZScore, ZScore
from ai_ops.domain.finding import Severity
from ai_ops.domain.metrics import Series

CALIBRATED = Detection((ZScore(), Ewma(), Seasonal()), budget_per_week=1.0)


def with_spike(metric: str, level: float, spike: float, points: int = 3) -> Series:
    """Fourteen steady days that end with a spike, half an hour before noon."""
    series = steady(metric, level)
    values = series.values.copy()
    values[-3 - points : -3] = spike
    return Series(metric, series.start, series.step, values)


def test_a_spike_is_one_finding_with_what_was_expected_and_since_when():
    """A finding says what came, what was expected and since when (S001-75)."""
    series = healthy_series() | {"latency_p95_ms": with_spike("latency_p95_ms", 150.0, 450.0)}
    (finding,) = CALIBRATED.find(an_observation(series))
    assert finding.metric == "latency_p95_ms"
    assert finding.value == pytest.approx(450.0)
    assert finding.expected == pytest.approx(150.0, rel=0.05)
    assert finding.since == NOON - 6 * STEP
    assert finding.severity is Severity.CRITICAL
    assert finding.score > 1
    assert set(finding.detectors) == {"z-score", "EWMA", "seasonal"}


def test_quiet_days_raise_nothing():
    """Fourteen quiet days end without a finding."""
    assert CALIBRATED.find(an_observation()) == ()


@pytest.mark.parametrize(
    ("metric", "level", "better"),
    [("latency_p95_ms", 150.0, 20.0), ("error_percent", 2.0, 0.0), ("slo_good_ratio", 0.9, 1.0)],
)
def test_getting_better_is_no_alarm(metric, level, better):
    """An error rate that falls wakes nobody."""
    series = healthy_series() | {metric: with_spike(metric, level, better)}
    assert [f.metric for f in CALIBRATED.find(an_observation(series))] == []


def test_the_fleet_and_its_cost_are_not_judged():
    """The autoscaler moves them on purpose: one more instance in the evening is no anomaly."""
    series = healthy_series() | {"cost_per_hour": with_spike("cost_per_hour", 0.09, 0.9)}
    assert CALIBRATED.find(an_observation(series)) == ()


def test_an_anomaly_before_the_window_is_not_reported_again():
    """Only what is abnormal inside the window is a finding."""
    series = steady("latency_p95_ms", 150.0)
    values = series.values.copy()
    values[-300:-290] = 500.0
    old = healthy_series() | {"latency_p95_ms": Series(series.metric, series.start, series.step, values)}
    assert CALIBRATED.find(an_observation(old)) == ()


def test_a_finding_that_began_before_the_window_says_since_when():
    """An incident that is still going on keeps its true beginning."""
    series = steady("latency_p95_ms", 150.0)
    values = series.values.copy()
    values[-40:] = np.linspace(400.0, 6000.0, 40)
    growing = healthy_series() | {"latency_p95_ms": Series(series.metric, series.start, series.step, values)}
    (finding,) = CALIBRATED.find(an_observation(growing))
    assert finding.since == NOON - 40 * STEP


def test_the_first_error_in_a_flawless_past_is_judged_by_its_requests():
    """A rate of zero has no spread; a handful of failures among many requests is chance, a storm is not (R2)."""
    flawless = np.zeros(2016)
    few, many = flawless.copy(), flawless.copy()
    few[-5] = 100.0 * 1 / 120_000
    many[-5] = 100.0 * 600 / 120_000
    for values, expected in ((few, []), (many, ["error_percent"])):
        series = healthy_series() | {"error_percent": a_series("error_percent", values)}
        assert [f.metric for f in CALIBRATED.find(an_observation(series))] == expected


def test_the_false_alarm_budget_holds_on_pure_noise():
    """On clean noise the findings stay near the budget, over a quarter of windows (R1)."""
    rng = np.random.default_rng(3)
    weeks = 12
    values = 100.0 + rng.normal(size=(weeks + 2) * 1008)
    found = 0
    for k in range(weeks * 28):
        end = NOON + k * timedelta(hours=6)
        seen = a_series("latency_p95_ms", values[k * 36 : k * 36 + 2016], end)
        observation = an_observation({"latency_p95_ms": seen}, window=a_window(end=end))
        found += len(CALIBRATED.find(observation))
    assert found / weeks <= 1.5


@pytest.mark.parametrize("detector", [ZScore(), Ewma(), Seasonal()], ids=lambda one: one.name)
def test_a_score_does_not_change_when_later_points_arrive(detector):
    """Detectors are causal."""
    series = steady("cpu_percent", 40.0, days=5, noise=0.1)
    half = Series(series.metric, series.start, series.step, series.values[:400])
    floor = np.full(series.values.size, 0.01)
    whole, part = detector.score(series, floor), detector.score(half, floor[:400])
    np.testing.assert_array_equal(whole.values[:400], part.values)


@pytest.mark.parametrize("detector", [ZScore(), Ewma(), Seasonal()], ids=lambda one: one.name)
def test_too_little_history_gives_no_score(detector):
    """A detector that is warming up says nothing (R3)."""
    short = steady("cpu_percent", 40.0, days=0.1)
    assert np.isnan(detector.score(short, np.full(short.values.size, 0.01)).values).all()


def test_the_seasonal_detector_needs_two_days():
    """One period cannot show a season (R3)."""
    series = steady("cpu_percent", 40.0, days=3, noise=0.1)
    scores = Seasonal().score(series, np.full(series.values.size, 0.01)).values
    assert np.isnan(scores[:288]).all()
    assert np.isfinite(scores[-100:]).all()


def test_the_seasonal_detector_knows_the_time_of_day():
    """A level that is normal at noon is abnormal at night."""
    day = 50.0 + 40.0 * np.sin(np.linspace(0, 2 * np.pi, 144, endpoint=False))
    rng = np.random.default_rng(1)
    values = np.tile(day, 14) + rng.normal(size=2016)
    values[-2] = 90.0
    series = a_series("cpu_percent", values)
    scores = Seasonal().score(series, np.full(2016, 0.01))
    assert scores.values[-2] > 10
    assert scores.expected[-2] == pytest.approx(day[-2], abs=3)


@pytest.mark.parametrize("detector", [ZScore(), Ewma(), Seasonal()], ids=lambda one: one.name)
@pytest.mark.parametrize("values", [np.zeros(600), np.full(600, 1e9), np.full(600, np.nan), np.r_[np.zeros(599), 1.0]])
def test_flat_empty_and_huge_series_give_finite_scores_or_none(detector, values):
    """No division by zero, no infinity."""
    scores = detector.score(a_series("cpu_percent", values), np.full(600, 1e-6)).values
    assert not np.isinf(scores).any()


def test_the_literal_z_score_keeps_its_golden_value():
    """`3.0 * (1 - 0.92)` is 0.24, as first written (S001-86, R1)."""
    detector = LiteralZScore(0.92)
    assert detector.threshold == pytest.approx(0.24)
    values = np.tile([9.0, 11.0], 73)
    values[-1] = 13.0
    scores = detector.score(a_series("cpu_percent", values), np.zeros(146)).values
    assert scores[-1] == pytest.approx(3.0, rel=0.01)


def test_the_literal_thresholds_flag_most_of_a_clean_series():
    """Why they are not the default: 81 % of normal points exceed 0.24 sigmas (R1)."""
    rng = np.random.default_rng(5)
    scores = LiteralZScore(0.92).score(a_series("cpu_percent", rng.normal(50, 5, 4032)), np.zeros(4032)).values
    assert np.nanmean(scores > 0.24) == pytest.approx(0.81, abs=0.02)


def test_the_literal_ewma_keeps_its_golden_value():
    """`|current - ewma| / ewma`, abnormal above 0.3 (S001-87)."""
    values = np.full(100, 10.0)
    values[-1] = 14.0
    detector = LiteralEwma()
    assert detector.threshold == 0.3
    assert detector.score(a_series("cpu_percent", values), np.zeros(100)).values[-1] == pytest.approx(0.4)


def test_the_literal_seasonal_finds_what_a_daily_rhythm_does_not_explain():
    """Residual of a decomposition over 24 h (S001-88)."""
    values = np.tile(50.0 + 10.0 * np.sin(np.linspace(0, 2 * np.pi, 144, endpoint=False)), 7)
    values += np.random.default_rng(2).normal(0, 0.5, values.size)
    values[500] += 20.0
    scores = LiteralSeasonal().score(a_series("cpu_percent", values), np.zeros(values.size)).values
    assert int(np.argmax(scores)) == 500
    assert scores[500] > 3.0

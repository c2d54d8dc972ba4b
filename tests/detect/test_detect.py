"""Detect: one alarm, one finding, in the direction that hurts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP, a_series, a_window, an_observation, healthy_series, steady
from rhythms import DAY, demand, level

from ai_ops.detect.change_point import ChangePoint
from ai_ops.detect.detect import Detection
from ai_ops.detect.ewma import Ewma
from ai_ops.detect.iqr import Iqr
from ai_ops.detect.novelty import Novelty
from ai_ops.detect.seasonal import Seasonal
from ai_ops.detect.zscore import ZScore
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.metrics import Series

CALIBRATED = Detection((ZScore(), Ewma(), Seasonal()), budget_per_week=1.0)
WITNESSED = Detection((*CALIBRATED.witnesses, Iqr(), Novelty(), ChangePoint()), budget_per_week=1.0)


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


def at_noon(values: np.ndarray) -> list[Finding]:
    """Findings of traffic that ends at noon, by all six witnesses."""
    return list(WITNESSED.find(an_observation({"requests_per_second": a_series("requests_per_second", values)})))


def busy_days() -> np.ndarray:
    """Two weeks that are busy from six hours into the day to its end, which is noon."""
    is_busy = np.arange(14 * DAY) % DAY >= 36
    return np.where(is_busy, 80.0, 20.0) + np.random.default_rng(3).normal(size=is_busy.size)


def without_a_busy_day() -> np.ndarray:
    """The last day stays at the level of the night; every value of it is a usual one, at another time."""
    values = busy_days()
    values[-108:] -= 60.0
    return values


def climbing() -> np.ndarray:
    """A level with little noise that climbs all day to where it never was."""
    values = level(14, seed=2, sigma=1.0)
    values[-DAY:] += np.linspace(0.0, 20.0, DAY)
    return values


def at_the_wrong_hour() -> np.ndarray:
    """Half an hour at the height of the day, when it should be low; well within all that was seen."""
    values = demand(14)
    values[-20:-17] = 138.0
    return values


@pytest.mark.parametrize(
    ("make", "alarm", "words"),
    [
        (without_a_busy_day, Alarm.NOVELTY, "which this time of day has never brought"),
        (climbing, Alarm.NOVELTY, "which this time of day has never brought"),
        (at_the_wrong_hour, Alarm.DEVIATION, "which is far off"),
    ],
)
def test_a_finding_says_why_it_is_abnormal(make, alarm, words):
    """What drifts away slowly is known by its level, what leaps by its distance (S002-12)."""
    (finding,) = at_noon(make())
    assert finding.alarm is alarm
    assert words in finding.reason


def test_the_reason_is_one_sentence_with_all_figures():
    """It is what a teammate reads over coffee: what, instead of what, how far, since when, who agrees (S001-75)."""
    (finding,) = at_noon(at_the_wrong_hour())
    assert finding.reason.startswith("requests_per_second was 138 where ")
    assert f"{finding.score:.1f} times the threshold, since {finding.since:%Y-%m-%d %H:%M} UTC" in finding.reason
    assert finding.reason.endswith("EWMA, seasonal, novelty agree")
    assert "\n" not in finding.reason


def test_only_the_detectors_that_agree_are_named():
    """On a metric with a rhythm a plain z-score sees nothing in a value of the wrong hour (S001-06)."""
    (finding,) = at_noon(at_the_wrong_hour())
    assert finding.detectors == ("EWMA", "seasonal", "novelty")


def test_without_witnesses_the_judgement_stands_alone():
    """Whoever configures no detector still hears of a spike."""
    alone = Detection((), budget_per_week=1.0)
    series = a_series("requests_per_second", at_the_wrong_hour())
    (finding,) = alone.find(an_observation({"requests_per_second": series}))
    assert finding.detectors == ()
    assert finding.reason.endswith("UTC")


@pytest.mark.parametrize(
    ("sigmas", "severity"),
    [(3.4, Severity.MEDIUM), (4.5, Severity.HIGH), (6.0, Severity.CRITICAL)],
)
def test_the_severity_follows_from_the_score(sigmas, severity):
    """The threshold stands for three sigmas, so one and two thirds of it is critical (S001-89, S001-90, S001-91)."""
    values = level(16)
    assert at_noon(values) == []
    at_this_hour = [values[-5 - DAY * day - 6 : -5 - DAY * day + 7].max() for day in range(1, 15)]
    margin = 0.2 * np.ptp(values[-2016:])
    values[-5] = max(at_this_hour) + sigmas / 3.0 * margin
    (finding,) = at_noon(values)
    assert finding.alarm is Alarm.NOVELTY
    assert finding.severity is severity


def test_the_way_back_from_a_lucky_phase_is_no_alarm():
    """Latency that was low for three hours and returns to what is usual has got no worse than usual (S001-75)."""
    values = steady("latency_p95_ms", 150.0, noise=0.05).values.copy()
    values[-36:-18] -= 25.0
    assert CALIBRATED.find(an_observation({"latency_p95_ms": a_series("latency_p95_ms", values)})) == ()


def test_the_loudest_finding_comes_first():
    """Whoever reads one line reads the worst."""
    series = healthy_series() | {
        "latency_p95_ms": with_spike("latency_p95_ms", 150.0, 250.0),
        "db_latency_ms": with_spike("db_latency_ms", 20.0, 400.0),
    }
    found = CALIBRATED.find(an_observation(series))
    assert [finding.metric for finding in found] == ["db_latency_ms", "latency_p95_ms"]


@pytest.mark.parametrize("values", [np.full(2016, np.nan), np.full(2016, 5.0), np.ones(1)])
def test_a_metric_without_news_has_no_finding(values):
    """Nothing measured, nothing moved, nothing to compare with."""
    assert CALIBRATED.find(an_observation({"latency_p95_ms": a_series("latency_p95_ms", values)})) == ()

"""What the error budget, the forecast and a learned model find, and how it becomes one finding a metric."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from examples import NOON, SLO, STEP, a_finding, a_series, a_window, an_observation, healthy_series, steady

from ai_ops.detect.burn_alarm import BurnAlarm
from ai_ops.detect.forecast.foresight import Foresight
from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.learned_alarm import LearnedAlarm
from ai_ops.detect.learned.mixture import Mixture
from ai_ops.detect.together import Together
from ai_ops.domain.finding import Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.metrics import Observation, Series


def good_ratio(bad: float, points: int) -> np.ndarray:
    """Two flawless weeks whose last points have a share of bad requests."""
    values = np.ones(2016)
    values[-points:] = 1.0 - bad
    return values


def test_a_budget_that_burns_wakes_somebody():
    """2 % of errors for an hour are forty times what 99.95 % allows (SRE workbook, S001-75)."""
    series = healthy_series() | {"slo_good_ratio": a_series("slo_good_ratio", good_ratio(0.02, 6))}
    (finding,) = BurnAlarm(SLO).find(an_observation(series))
    assert (finding.metric, finding.alarm, finding.severity) == ("slo_good_ratio", Alarm.BURN_RATE, Severity.CRITICAL)
    assert finding.is_harm
    assert finding.at == NOON - STEP
    assert "times as fast as allowed" in finding.reason


def test_a_slow_burn_is_work_for_the_next_day():
    """1.5 times the allowed rate for three days never pages, and still spends the budget."""
    series = healthy_series() | {"slo_good_ratio": a_series("slo_good_ratio", good_ratio(0.00075, 3 * 144))}
    (finding,) = BurnAlarm(SLO).find(an_observation(series))
    assert finding.severity is Severity.MEDIUM


@pytest.mark.parametrize("bad", [0.0, 0.0001])
def test_a_budget_that_lasts_raises_nothing(bad):
    """A fifth of the allowed rate is what budgets are for."""
    series = healthy_series() | {"slo_good_ratio": a_series("slo_good_ratio", good_ratio(bad, 2016))}
    assert BurnAlarm(SLO).find(an_observation(series)) == ()


def test_a_burn_before_the_window_is_not_reported_again():
    """The burn of the day before yesterday was a finding then."""
    values = np.ones(2016)
    values[-300:-294] = 0.9
    series = healthy_series() | {"slo_good_ratio": a_series("slo_good_ratio", values)}
    found = BurnAlarm(SLO).find(an_observation(series))
    assert all(finding.severity is Severity.MEDIUM for finding in found)  # only the three-day window remembers it


def test_planned_work_burns_no_budget():
    """Requests that fail while the service is being moved were announced."""
    series = healthy_series() | {"slo_good_ratio": a_series("slo_good_ratio", good_ratio(0.5, 6))}
    planned = ((NOON - timedelta(hours=1), NOON),)
    assert BurnAlarm(SLO, planned).find(an_observation(series)) == ()


def test_a_service_without_an_sli_has_no_burn():
    """Nothing is made up for what was not measured."""
    series = healthy_series()
    del series["slo_good_ratio"]
    assert BurnAlarm(SLO).find(an_observation(series)) == ()


def rising(metric: str, per_day: float) -> np.ndarray:
    """A rhythm that rises every day."""
    hours = np.arange(2016) / 6.0
    return 200.0 + per_day * hours / 24.0 + 40.0 * np.sin(2 * np.pi * hours / 24.0)


def soon(values: np.ndarray | None = None, end: datetime = NOON) -> tuple[Foresight, Observation]:
    """A latency that rises, and a limit that lies a little above its newest value."""
    series = a_series("latency_p95_ms", rising("latency_p95_ms", 10.0) if values is None else values, end)
    newest = series.values[np.isfinite(series.values)][-1]
    return Foresight({"latency_p95_ms": float(newest) + 5.0}), an_observation({"latency_p95_ms": series})


def test_a_limit_that_will_be_exceeded_is_found_before_it_is():
    """The alarm of tomorrow's noon is worth more today (S001-134)."""
    foresight, seen = soon()
    (finding,) = foresight.find(seen)
    assert finding.alarm is Alarm.FORECAST
    assert finding.at >= NOON
    assert "Predicted anomaly in 6 hours" in finding.reason


def test_what_is_only_forecast_has_hurt_nobody():
    """The tuner must not take a forecast for harm that users felt."""
    foresight, seen = soon()
    assert [finding.is_harm for finding in foresight.find(seen)] == [False]


def test_a_limit_that_is_exceeded_already_is_not_predicted():
    """That it will be slow in an hour is no news to somebody who waits now."""
    foresight, seen = soon()
    ((metric, limit),) = foresight.limits.items()
    assert Foresight({metric: limit - 6.0}).find(seen) == ()


@pytest.mark.parametrize(("silent", "count"), [(5, 1), (6, 0), (30, 0)])
def test_nothing_is_foreseen_of_a_metric_that_fell_silent(silent, count):
    """A forecast from what was known hours ago would be said as if it were from now."""
    values = rising("latency_p95_ms", 10.0)
    values[-silent:] = np.nan
    foresight, seen = soon(values)
    assert len(foresight.find(seen)) == count


def test_a_series_that_ends_early_fell_silent_too():
    """A source leaves out what it does not have."""
    foresight, seen = soon(end=NOON - timedelta(hours=1))
    assert foresight.find(seen) == ()


def test_nothing_is_forecast_from_planned_work():
    """The load test of yesterday afternoon was announced, and does not come again today."""
    values = np.full(2016, 200.0) + np.random.default_rng(4).normal(size=2016)
    yesterday = slice(2016 - 144 + 6, 2016 - 144 + 30)
    values[yesterday] = 900.0
    seen = an_observation({"latency_p95_ms": a_series("latency_p95_ms", values)})
    planned = ((NOON - timedelta(hours=23), NOON - timedelta(hours=19)),)
    limits = {"latency_p95_ms": 400.0}
    assert (len(Foresight(limits).find(seen)), Foresight(limits, planned).find(seen)) == (1, ())


def test_planned_work_that_goes_on_is_no_silence_and_no_excess():
    """What the work does to the latency says nothing of the hours after it."""
    values = rising("latency_p95_ms", 10.0)
    values[-12:] = 900.0
    planned = ((NOON - timedelta(hours=2), NOON),)
    seen = an_observation({"latency_p95_ms": a_series("latency_p95_ms", values)})
    assert len(Foresight({"latency_p95_ms": float(values[-13]) + 5.0}, planned).find(seen)) == 1


@pytest.mark.parametrize("minutes", [7, 45])
def test_a_step_that_is_no_part_of_an_hour_has_no_forecast(minutes):
    """The forecast speaks of hours, and would refuse."""
    step = timedelta(minutes=minutes)
    odd = replace(steady("latency_p95_ms", 500.0), step=step, start=NOON - 2016 * step)
    assert Foresight({"latency_p95_ms": 1000.0}).find(an_observation({"latency_p95_ms": odd})) == ()


def test_nothing_is_forecast_of_a_window_of_the_past():
    """`detect --days 14` looks at many windows of one history; what followed the older ones is no forecast."""
    foresight, seen = soon()
    yesterday = replace(seen, window=a_window(end=NOON - timedelta(days=1)))
    assert (len(foresight.find(seen)), foresight.find(yesterday)) == (1, ())


def coupled(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """CPU that follows the traffic."""
    traffic = 200.0 + 50.0 * np.sin(np.arange(2016) / 144 * 2 * np.pi) + rng.normal(size=2016)
    return traffic, 0.2 * traffic + rng.normal(0.0, 0.3, 2016)


def the_model(traffic: np.ndarray, cpu: np.ndarray) -> Mixture:
    """A model of both, fitted on all but the last day."""
    model = fit(np.stack([traffic, cpu], axis=1)[:-144], STEP, budget_per_week=1.0)
    assert isinstance(model, Mixture)
    return model


def test_metrics_that_stop_moving_together_are_found_by_the_model():
    """CPU at its evening level with the traffic of the night is within the range of both."""
    traffic, cpu = coupled(np.random.default_rng(1))
    alarm = LearnedAlarm(the_model(traffic, cpu), ("requests_per_second", "cpu_percent"))
    series = {
        "requests_per_second": a_series("requests_per_second", traffic),
        "cpu_percent": a_series("cpu_percent", cpu),
    }
    assert alarm.find(an_observation(series)) == ()
    stuck = cpu.copy()
    stuck[-18:] = np.where(traffic[-18:] > 200.0, 30.0, 50.0)
    (finding,) = alarm.find(an_observation(series | {"cpu_percent": a_series("cpu_percent", stuck)}))
    assert finding.alarm is Alarm.LEARNED
    assert finding.score > 1
    assert finding.metric in series


def test_a_model_without_its_metrics_is_silent():
    """A metric that is no longer collected is a gap, not an anomaly."""
    alarm = LearnedAlarm(the_model(*coupled(np.random.default_rng(1))), ("requests_per_second", "memory_percent"))
    assert alarm.find(an_observation({})) == ()


def three_coupled() -> dict[str, Series]:
    """Traffic, and CPU and latency that follow it."""
    traffic, cpu = coupled(np.random.default_rng(1))
    latency = 100.0 + 0.5 * traffic + np.random.default_rng(2).normal(size=2016)
    cpu[-18:] = np.where(traffic[-18:] > 200.0, 30.0, 50.0)
    values = {"requests_per_second": traffic, "cpu_percent": cpu, "latency_p95_ms": latency}
    return {metric: a_series(metric, one) for metric, one in values.items()}


def of_three(series: Mapping[str, Series]) -> LearnedAlarm:
    """A model of three metrics, fitted on all but the last day."""
    model = fit(np.stack([one.values for one in series.values()], axis=1)[:-144], STEP)
    assert isinstance(model, Mixture)
    return LearnedAlarm(model, tuple(series))


def test_the_model_goes_on_with_the_metrics_that_are_left():
    """An exporter that was switched off hides no fault of the others."""
    series = three_coupled()
    alarm = of_three(series)
    left = {metric: one for metric, one in series.items() if metric != "latency_p95_ms"}
    (finding,) = alarm.find(an_observation(left))
    assert finding.metric in left
    assert finding.expected == pytest.approx(float(series[finding.metric].values.mean()), rel=0.2)


def test_with_less_than_half_of_its_metrics_the_model_says_nothing():
    """How metrics fit each other cannot be said of one; and the threshold is one of them all."""
    series = three_coupled()
    alarm = of_three(series)
    assert alarm.find(an_observation({"cpu_percent": series["cpu_percent"]})) == ()
    silent = {metric: replace(one, values=np.full(2016, np.nan)) for metric, one in series.items()}
    assert alarm.find(an_observation(silent)) == ()


def test_a_metric_that_ends_early_is_judged_at_its_own_times():
    """Its newest values belong beside those of the same moment, not beside the newest of the others."""
    series = three_coupled()
    alarm = of_three(series)
    early = series | {"latency_p95_ms": replace(series["latency_p95_ms"], values=series["latency_p95_ms"].values[:-6])}
    (finding,), (late,) = (alarm.find(an_observation(one)) for one in (series, early))
    assert (late.metric, late.since) == (finding.metric, finding.since)


def test_several_finders_make_one_finding_a_metric():
    """One alarm, one finding: the more severe speaks, and names all that agree."""
    quiet = a_finding(severity=Severity.MEDIUM, detectors=("burn rate",), since=NOON - timedelta(hours=5), score=9.0)
    loud = a_finding(severity=Severity.CRITICAL, detectors=("EWMA",), score=2.0)
    (finding,) = Together((lambda _: (quiet,), lambda _: (loud,))).find(an_observation())
    assert (finding.severity, finding.score) == (Severity.CRITICAL, 2.0)
    assert finding.detectors == ("EWMA", "burn rate")
    assert finding.since == quiet.since


def test_a_forecast_gives_way_to_what_has_happened():
    """Nobody needs to be told that the incident of this hour is likely in the next."""
    happened = a_finding(severity=Severity.LOW)
    forecast = a_finding(severity=Severity.LOW, score=99.0, alarm=Alarm.FORECAST, detectors=("forecast",))
    for finders in ((happened, forecast), (forecast, happened)):
        (finding,) = Together(tuple(lambda _, one=one: (one,) for one in finders)).find(an_observation())
        assert finding.alarm is happened.alarm
        assert finding.detectors == happened.detectors


def test_what_has_happened_comes_before_what_is_forecast():
    """The first line is read first."""
    forecast = a_finding("cpu_percent", score=50.0, alarm=Alarm.FORECAST)
    happened = a_finding("latency_p95_ms", score=1.5)
    found = Together((lambda _: (forecast,), lambda _: (happened,))).find(an_observation())
    assert [finding.metric for finding in found] == ["latency_p95_ms", "cpu_percent"]

"""The formulas as first written, side by side."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, a_series, an_observation, healthy_series, steady

from ai_ops.detect.ewma import LiteralEwma
from ai_ops.detect.literal import LiteralDetection
from ai_ops.detect.seasonal import LiteralSeasonal
from ai_ops.detect.zscore import LiteralZScore
from ai_ops.domain.finding import Severity

FORMULAS = LiteralDetection((LiteralZScore(0.0), LiteralEwma(), LiteralSeasonal()))


def found_in(metric, values, detection=FORMULAS):
    """Findings of one metric that ends at noon."""
    return detection.find(an_observation({metric: a_series(metric, values)}))


def with_spike(metric, level, spike):
    """Fourteen steady days with a spike an hour before noon."""
    values = steady(metric, level, noise=0.05).values.copy()
    values[-6] = spike
    return values


def test_what_any_formula_flags_is_one_finding_in_their_words():
    """One metric, one finding; the loudest formula is quoted and all that agree are named (S001-86, S001-87)."""
    (finding,) = found_in("latency_p95_ms", with_spike("latency_p95_ms", 150.0, 450.0))
    assert finding.value == 450.0
    assert finding.severity is Severity.CRITICAL
    assert {"z-score (literal)", "EWMA (literal)"} <= {*finding.detectors} <= {one.name for one in FORMULAS.detectors}
    assert finding.reason.startswith("latency_p95_ms was 450 where ")
    assert "at 2026-11-18 11:00 UTC" in finding.reason


@pytest.mark.parametrize(("metric", "better"), [("latency_p95_ms", 15.0), ("error_percent", 0.0)])
def test_getting_better_is_no_finding(metric, better):
    """An error rate that falls wakes nobody, by whatever formula."""
    assert found_in(metric, with_spike(metric, 150.0, better)) == ()


def test_only_the_window_is_judged():
    """What was abnormal yesterday was told yesterday."""
    values = steady("latency_p95_ms", 150.0, noise=0.05).values.copy()
    values[-200] = 900.0
    assert found_in("latency_p95_ms", values) == ()


def test_planned_maintenance_is_not_judged():
    """Whoever planned it needs no message, by whatever formula."""
    planned = LiteralDetection(FORMULAS.detectors, ((NOON - timedelta(hours=2), NOON),))
    values = with_spike("latency_p95_ms", 150.0, 450.0)
    assert found_in("latency_p95_ms", values)
    assert found_in("latency_p95_ms", values, planned) == ()


def test_the_fleet_is_not_judged():
    """The autoscaler moves it on purpose."""
    assert found_in("instances", with_spike("instances", 3.0, 9.0)) == ()


def test_the_loudest_finding_comes_first():
    """Whoever reads one line reads the worst."""
    series = healthy_series()
    for metric, spike in (("latency_p95_ms", 300.0), ("cpu_percent", 95.0)):
        values = series[metric].values.copy()
        values[-6] = spike
        series[metric] = a_series(metric, values)
    scores = [finding.score for finding in FORMULAS.find(an_observation(series))]
    assert len(scores) == 2
    assert scores == sorted(scores, reverse=True)


def test_gaps_only_is_no_finding():
    """A metric that was not measured is not abnormal."""
    assert found_in("latency_p95_ms", np.full(2016, np.nan)) == ()

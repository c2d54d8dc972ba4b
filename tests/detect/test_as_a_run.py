"""There is one way to judge a metric, and a finding, a chart, a self-test and a label's trial all take it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP, a_series, a_window, an_observation
from rhythms import DAY, demand, level

from ai_ops.detect.detect import Detection
from ai_ops.detect.floors import plain_floor, spread_floor
from ai_ops.detect.judge import judge
from ai_ops.detect.maintenance import without
from ai_ops.detect.zscore import ZScore
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.metrics import Panel

WORK = ((NOON - timedelta(days=2), NOON - timedelta(days=2, hours=-3)),)


def a_counter():
    """Requests since the last restart, of which twice as many came half an hour before noon."""
    growth = demand(14, seed=1)
    growth[-6:-3] *= 2.0
    return a_series("requests_per_second", 1e6 + np.cumsum(growth))


def test_it_is_the_judgement_with_everything_that_a_run_knows():
    """Planned work is left out, the floor comes from the traffic, budget and harm are the settings'."""
    errors = a_series("error_percent", np.abs(level(14, sigma=0.5) - 99.0))
    traffic = a_series("requests_per_second", demand(14, seed=2))
    unplanned = without(errors, WORK)
    floor = spread_floor(unplanned, traffic)
    expected = judge(unplanned, budget_per_week=0.5, floor=floor, direction=+1)
    judged = Detection((), 0.5, WORK).judge(errors, traffic)
    for name in ("deviation", "novelty", "expected", "lower", "upper"):
        np.testing.assert_array_equal(getattr(judged, name), getattr(expected, name))


@pytest.mark.parametrize("alarm", [Alarm.DEVIATION, Alarm.NOVELTY])
def test_labels_are_heeded(alarm):
    """Whoever labels sees in every picture what a run makes of it."""
    series = a_series("latency_p95_ms", level(14))
    usual = Detection((), 1.0).judge(series, None)
    heard = Detection((), 1.0, factors={("latency_p95_ms", alarm): 2.0}).judge(series, None)
    for one in (Alarm.DEVIATION, Alarm.NOVELTY):
        factor = 2.0 if one is alarm else 1.0
        np.testing.assert_allclose(factor * getattr(heard, one.value), getattr(usual, one.value), rtol=1e-12)


def test_a_finding_in_a_raw_counter_speaks_of_its_increase():
    """A message that says "was 1,200,000 where 100 was expected" is wrong in one of its figures."""
    (finding,) = Detection((ZScore(),), 1.0).find(an_observation({"requests_per_second": a_counter()}))
    at = (finding.at - a_window().end) // STEP
    assert finding.value == pytest.approx(np.diff(a_counter().values)[at])
    assert finding.value > 1.5 * finding.expected > 0.0
    assert finding.reason.startswith(f"requests_per_second was {finding.value:.4g} where {finding.expected:.4g}")


def test_the_floor_of_a_raw_counter_is_that_of_its_increase():
    """A counter of millions that grows by a hundred would be allowed a spread of thousands."""
    measured, floor = Detection((), 1.0).measure(a_counter(), None)
    np.testing.assert_allclose(measured.values[1:], np.diff(a_counter().values))
    np.testing.assert_array_equal(floor, plain_floor(measured.values, STEP))
    assert floor[-1] < 10.0


def test_what_is_an_increase_already_is_not_taken_for_a_counter_again():
    """The requests of a service that grows from hour to hour only ever grow, and so do their increases."""
    accelerating = a_series("requests_per_second", np.cumsum(10.0 + np.arange(14.0 * DAY)))
    detection = Detection((), 1.0)
    measured, floor = detection.measure(accelerating, None)
    judged = detection.judge(accelerating, None)
    np.testing.assert_array_equal(judged.score, detection.judge_measured(measured, floor).score)
    assert judged.expected[-1] == pytest.approx(measured.values[-1], rel=0.1)


def test_copies_of_a_series_are_judged_as_the_series_is():
    """A self-test that judged the copies with their faults in another way would measure another detection."""
    detection = Detection((), 1.0, WORK, {("latency_p95_ms", Alarm.DEVIATION): 1.5})
    series = a_series("latency_p95_ms", level(14))
    measured, floor = detection.measure(series, None)
    panel = Panel(series.metric, ("a", "b"), series.start, STEP, np.stack([measured.values] * 2))
    scores = detection.judge_measured(panel, floor, with_band=False).score
    for row in scores:
        np.testing.assert_array_equal(row, detection.judge(series, None).score)


def test_a_gauge_is_judged_as_it_is():
    """Nothing but planned work is taken out of it."""
    series = a_series("latency_p95_ms", level(14))
    measured, _ = Detection((), 1.0).measure(series, None)
    assert measured == replace(series)

"""A value that cannot be is a gap with its reason, before anybody decides on it."""

from __future__ import annotations

import numpy as np
import pytest
from examples import NOON, STEP, a_series

from ai_ops.collect.plausible import Cleaned, cleaned, plausible
from ai_ops.domain.metrics import CANONICAL_METRICS, Gap


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        ("slo_good_ratio", [0.0, 0.5, 1.0, 1.0000005, np.nan]),
        ("error_percent", [0.0, 100.0, 100.0000005, -0.0000005]),
        ("cpu_percent", [0.0, 180.0]),
        ("requests_per_second", [0.0, 1e15]),
        ("cost_per_hour", [np.nan, np.nan]),
        ("latency_p95_ms", []),
    ],
)
def test_what_can_be_passes_untouched(metric, values):
    """Gaps, the ends of a range, rounding beyond them, and pods that use more than they asked for."""
    series = a_series(metric, values)
    assert plausible(series) is series


@pytest.mark.parametrize(
    ("metric", "value", "says"),
    [
        ("slo_good_ratio", 60.0, "slo_good_ratio is 60 at 11-18 11:50 UTC, a share lies between 0 and 1: good and"),
        ("slo_good_ratio", 1.00001, "slo_good_ratio is 1.00001 at"),
        ("slo_good_ratio", -0.01, "a share lies between 0 and 1"),
        ("error_percent", 250.0, "error_percent is 250 at 11-18 11:50 UTC, a share lies between 0 and 100"),
        ("latency_p95_ms", 1e160, "latency_p95_ms is 1e+160 at 11-18 11:50 UTC, nothing amounts to more than 1e15"),
        ("cost_per_hour", np.inf, "cost_per_hour is inf at 11-18 11:50 UTC, nothing amounts to more than 1e15"),
        *((metric, -1.0, f"{metric} is -1 at") for metric in CANONICAL_METRICS),
    ],
)
def test_what_cannot_be_is_a_gap_that_says_why(metric, value, says):
    """A ratio of 60 once read as a promise kept a thousand times over; it means that the units are wrong."""
    gap = plausible(a_series(metric, [0.5, value]))
    assert isinstance(gap, Gap)
    assert gap.metric == metric
    assert says in gap.reason
    assert "correct the expression" in gap.reason


def test_the_newest_of_several_is_named():
    """A person looks there first, and sees whether a correction has helped."""
    gap = plausible(a_series("instances", [-1.0, -2.0, 3.0]))
    assert isinstance(gap, Gap)
    assert "instances is -2 at 11-18 11:40 UTC" in gap.reason


def two_weeks_of_promises(**impossible: float) -> np.ndarray:
    """Ten minutes apart, up to noon; `impossible` by how many steps before noon, such as `s100=1.02`."""
    values = np.full(2016, 0.999)
    for name, value in impossible.items():
        values[-int(name[1:])] = value
    return values


SIX_HOURS_AGO = NOON - 36 * STEP


def test_an_old_value_that_cannot_be_is_left_out_and_told():
    """A share of 1.02 for one step says nothing against the two weeks around it, on which a model is trained (H29)."""
    found = cleaned(a_series("slo_good_ratio", two_weeks_of_promises(s100=1.02)), SIX_HOURS_AGO)
    assert isinstance(found, Cleaned)
    assert np.flatnonzero(np.isnan(found.series.values)).tolist() == [1916]
    assert found.note == (
        "slo_good_ratio is 1.02 at 11-17 19:20 UTC, a share lies between 0 and 1: it counts as not measured"
    )
    assert (found.series.start, found.series.values.size) == (NOON - 2016 * STEP, 2016)


def test_of_several_that_are_left_out_the_newest_is_named():
    """One sentence, however many there were."""
    found = cleaned(a_series("slo_good_ratio", two_weeks_of_promises(s100=1.02, s900=-3.0, s901=7.0)), SIX_HOURS_AGO)
    assert isinstance(found, Cleaned)
    assert np.isnan(found.series.values).sum() == 3
    assert found.note.endswith("it and 2 before it count as not measured")


def test_what_was_measured_is_not_changed_in_place():
    """The source's own series stays as it came."""
    series = a_series("slo_good_ratio", two_weeks_of_promises(s100=1.02))
    cleaned(series, SIX_HOURS_AGO)
    assert series.values[-100] == 1.02
    whole = a_series("slo_good_ratio", two_weeks_of_promises())
    assert cleaned(whole, SIX_HOURS_AGO) == Cleaned(whole, "")


@pytest.mark.parametrize("steps", [1, 35, 36])
def test_one_value_that_cannot_be_in_what_is_judged_takes_the_metric_out(steps):
    """No run is less careful than it was: what it decides on is whole, or is not there (H29)."""
    series = a_series("slo_good_ratio", two_weeks_of_promises(**{f"s{steps}": 1.02}))
    assert isinstance(cleaned(series, SIX_HOURS_AGO), Gap)
    assert cleaned(series, SIX_HOURS_AGO) == plausible(series)


@pytest.mark.parametrize(("impossible", "is_believed"), [(20, True), (21, False)])
def test_a_query_that_is_wrong_every_now_and_then_is_not_believed(impossible, is_believed):
    """More than a hundredth of all values is no moment: the units are wrong, wherever those values lie."""
    values = two_weeks_of_promises()
    values[100 : 100 + impossible] = 1.02
    assert isinstance(cleaned(a_series("slo_good_ratio", values), SIX_HOURS_AGO), Cleaned) is is_believed


def test_one_of_few_values_is_too_many():
    """Of a young history nobody knows yet which of its values are the odd ones."""
    assert isinstance(cleaned(a_series("slo_good_ratio", two_weeks_of_promises(s50=1.02)[-60:]), SIX_HOURS_AGO), Gap)

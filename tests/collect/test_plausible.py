"""A value that cannot be is a gap with its reason, before anybody decides on it."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series

from ai_ops.collect.plausible import plausible
from ai_ops.domain.metrics import CANONICAL_METRICS, Gap


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        ("slo_good_ratio", [0.0, 0.5, 1.0, 1.0000005, np.nan]),
        ("error_percent", [0.0, 100.0, 100.0000005, -0.0000005]),
        ("cpu_percent", [0.0, 180.0]),
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

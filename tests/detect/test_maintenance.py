"""Planned maintenance is neither judged nor learned from."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, STEP, a_series, an_observation
from rhythms import DAY, level

from ai_ops.detect.detect import Detection
from ai_ops.detect.maintenance import without

HOUR = timedelta(hours=1)


def found(values, *maintenance):
    """Findings in the six hours before noon."""
    series = a_series("latency_p95_ms", values)
    return Detection((), 1.0, maintenance=maintenance).find(an_observation({"latency_p95_ms": series}))


def slow_before_noon():
    """Three hours before noon latency is five times as high, for half an hour."""
    values = level(14)
    values[-18:-15] = 500.0
    return values


def test_what_happens_in_it_is_no_finding():
    """Whoever planned it knows."""
    assert found(slow_before_noon()) != ()
    assert found(slow_before_noon(), (NOON - 3 * HOUR, NOON - 2 * HOUR)) == ()


def test_what_happens_after_it_is():
    """Work that went wrong is heard of as soon as the window ends."""
    (finding,) = found(slow_before_noon(), (NOON - 4 * HOUR, NOON - 3 * HOUR + STEP))
    assert finding.since == NOON - 3 * HOUR + STEP


def test_it_is_not_learned_from():
    """Nine nights of planned slowness do not excuse the tenth, which nobody planned."""
    values = level(14)
    nights = [-18 - DAY * ago for ago in range(10)]
    for start in nights:
        values[start : start + 3] = 500.0
    planned = [(NOON + at * STEP, NOON + (at + 3) * STEP) for at in nights[1:]]
    assert found(values) == ()
    (finding,) = found(values, *planned)
    assert finding.value == 500.0


def test_only_its_own_span_is_left_out():
    """From the first planned minute to the last one, the end excluded; the series itself stays as it was."""
    series = a_series("latency_p95_ms", np.arange(12.0))
    left = without(series, [(NOON - HOUR, NOON - 2 * STEP)])
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(left.values)), [6, 7, 8, 9])
    assert np.isfinite(series.values).all()


@pytest.mark.parametrize("spans", [[], [(NOON, NOON + HOUR)], [(NOON - 9 * HOUR, NOON - 8 * HOUR)]])
def test_work_at_another_time_changes_nothing(spans):
    """The same series, not even a copy."""
    series = a_series("latency_p95_ms", np.arange(12.0))
    assert without(series, spans) is series

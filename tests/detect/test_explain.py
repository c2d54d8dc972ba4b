"""Explain: a real baseline stands behind the answer, or it says that there is none."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from ai_ops.detect.explain import explain

USUAL = np.tile([90.0, 110.0], 50)
"""A mean of 100 ms and a standard deviation of 10 ms."""


def test_the_answer_has_its_six_keys_and_golden_values():
    """150 ms where 100 +- 10 is usual is five deviations out (S000-02, S000-13, S000-14)."""
    answer = explain(USUAL, 150.0).to_json()
    assert answer == {
        "anomaly": True,
        "latency_ms": 150.0,
        "method": "z-score+iqr",
        "ready": True,
        "score": pytest.approx(5.0),
        "threshold": 3.0,
    }
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_above_three_is_an_anomaly_and_three_is_not():
    """The threshold is 3.0, exclusive (S000-04)."""
    assert not explain(USUAL, 130.0).anomaly
    assert explain(USUAL, 130.1).anomaly


def test_the_same_latency_is_judged_by_the_baseline_it_meets():
    """A real baseline, not a number that is always five (R32)."""
    assert explain(USUAL + 50.0, 150.0).score == pytest.approx(0.0)


@pytest.mark.parametrize("samples", [0, 1, 47])
def test_below_48_samples_it_is_not_ready(samples):
    """Without a baseline nothing is an anomaly, and no score is made up (R32)."""
    answer = explain(USUAL[:samples], 1e9)
    assert (answer.ready, answer.anomaly, answer.score) == (False, False, None)


def test_from_48_samples_it_is_ready():
    """What is not measured is no sample (R32)."""
    assert explain(USUAL[:48], 150.0).ready
    assert not explain(np.r_[USUAL[:47], np.nan, np.inf], 150.0).ready


def test_a_past_incident_does_not_hide_the_next():
    """The fences leave five seconds out; the plain z-score of 150 ms would be below one (S000-03)."""
    past = np.r_[USUAL, np.full(10, 5000.0)]
    assert (150.0 - past.mean()) / past.std() < 1
    assert explain(past, 150.0).score == pytest.approx(5.0)


def test_faster_than_usual_is_no_anomaly():
    """The score says how far below; nobody is woken for speed."""
    answer = explain(USUAL, 0.0)
    assert answer.score == pytest.approx(-10.0)
    assert not answer.anomaly


@pytest.mark.parametrize("level", [0.0, 100.0])
def test_a_flat_past_makes_no_infinity(level):
    """A spread of zero is not infinite precision."""
    flat = np.full(60, level)
    assert explain(flat, level).score == pytest.approx(0.0)
    far = explain(flat, level + 50.0)
    assert far.anomaly
    assert math.isfinite(far.score)


@pytest.mark.parametrize("latency", [math.nan, math.inf, -1.0])
def test_what_is_no_latency_is_refused(latency):
    """A question that makes no sense gets no answer that looks like one."""
    with pytest.raises(ValueError, match="not below zero"):
        explain(USUAL, latency)

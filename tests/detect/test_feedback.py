"""What people say moves a threshold: a little, within bounds, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from examples import NOON, an_observation, steady
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.detect.detect import Detection
from ai_ops.detect.feedback import threshold_factor, threshold_factors
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.label import Label, finding_id


def a_label(*, is_true: bool, days_ago: float = 1.0, **changes) -> Label:
    """Somebody's word on a latency finding."""
    since = NOON - timedelta(days=days_ago)
    label = Label("f00000000", "web", "latency_p95_ms", Alarm.DEVIATION, since, is_true=is_true, at=NOON, by="ada")
    return replace(label, **changes)


def labels(true: int, false: int, days_ago: float = 1.0) -> list[Label]:
    """So many of each."""
    return [a_label(is_true=number < true, days_ago=days_ago) for number in range(true + false)]


@pytest.mark.parametrize(
    ("true", "false", "factor"),
    [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (7, 7, 1.0),
        (0, 1, 2**0.25),
        (0, 3, 2**0.5),
        (0, 15, 2.0),
        (3, 0, 0.5**0.5),
        (15, 0, 0.5),
    ],
)
def test_the_factor_brings_the_odds_back_to_even(true, false, factor):
    """The fourth root of the posterior odds: sixteen times fewer alarms at twice the threshold."""
    assert threshold_factor(labels(true, false), NOON) == pytest.approx(factor)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 400))
def test_nobody_can_talk_an_alarm_away(true, false, days_ago):
    """Half to twice, whatever was said how often."""
    assert 0.5 <= threshold_factor(labels(true, false, days_ago), NOON) <= 2.0


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_false_alarm_never_lowers_the_threshold(true, false):
    """And a true one never raises it."""
    now = threshold_factor(labels(true, false), NOON)
    assert threshold_factor(labels(true, false + 1), NOON) >= now >= threshold_factor(labels(true + 1, false), NOON)


def test_labels_fade_after_ninety_days():
    """What was noise in spring may be news in autumn."""
    fresh, old, gone = (threshold_factor(labels(0, 3, days), NOON) for days in (90, 135, 180))
    assert fresh == pytest.approx(2**0.5)
    assert old == pytest.approx(2.5**0.25)
    assert gone == 1.0


def test_only_the_alarm_that_was_labelled_moves():
    """A metric that is noisy around its level may still reach levels that were never seen."""
    factors = threshold_factors(labels(0, 3), NOON)
    assert factors == {("latency_p95_ms", Alarm.DEVIATION): pytest.approx(2**0.5)}
    assert threshold_factors(labels(2, 2), NOON) == {}


@pytest.mark.parametrize("alarm", [Alarm.BURN_RATE, Alarm.FORECAST, Alarm.LEARNED])
def test_a_threshold_that_was_not_learned_from_history_is_moved_by_nobody(alarm):
    """The error budget is a promise; what people say of its alarms is kept, and changes nothing."""
    said = [a_label(is_true=False, alarm=alarm) for _ in range(9)]
    assert threshold_factors(said, NOON) == {}


def test_what_people_call_false_is_found_no_more():
    """The threshold that they want is the one that a finding has to pass."""
    latency = steady("latency_p95_ms", 150.0)
    latency.values[-12:-6] = 400.0
    seen = an_observation({"latency_p95_ms": latency})
    (found,) = Detection((), 1.0).find(seen)
    heard = {(found.metric, alarm): 2.0 * found.score for alarm in Alarm}
    assert Detection((), 1.0, factors=heard).find(seen) == ()
    heard = {("cpu_percent", alarm): 2.0 * found.score for alarm in Alarm}
    assert Detection((), 1.0, factors=heard).find(seen) == (found,)


def test_an_id_is_the_same_for_the_same_onset_and_never_a_number_in_yaml():
    """Two runs that see one incident speak of one finding; `12345678` would be read as a number."""
    name = finding_id("web", "latency_p95_ms", NOON)
    assert name == finding_id("web", "latency_p95_ms", NOON.astimezone())
    assert name != finding_id("shop", "latency_p95_ms", NOON)
    assert name != finding_id("web", "latency_p95_ms", NOON + timedelta(minutes=10))
    assert name.startswith("f")
    assert len(name) == 9

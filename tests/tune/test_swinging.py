"""No knob is moved to and fro (H28)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from examples import NOON, STANDING, a_situation, an_episode, an_observation

from ai_ops.domain.tuning import Change, Decision, KnobValue, Thresholds
from ai_ops.tune.guardrails import no_swinging

WEEK = timedelta(days=7)
IN = "cpu_scale_in_percent"


def after(*values: KnobValue, knob: str = IN, hours_apart: float = 24.0, **changes: object):
    """A situation in which the knob took these values one after the other, the last of them until now."""
    past = tuple(
        an_episode(
            hours_apart * (len(values) - 1 - place),
            thresholds=Thresholds({**STANDING, knob: before}),
            decision=Decision((Change(knob, before, value),), ("why",)),
        )
        for place, (before, value) in enumerate(pairwise(values))
    )
    return a_situation(past=past, observation=an_observation(thresholds={**STANDING, knob: values[-1]}), **changes)


def passes(situation, wanted: KnobValue, knob: str = IN) -> bool:
    """Whether a change to this value passes."""
    change = Change(knob, situation.observation.thresholds.values[knob], wanted)
    return bool(no_swinging(WEEK)((change,), situation).changes)


def test_one_turn_a_week_is_learning_the_second_is_swinging():
    """Up, down and up again waits; up, down and further down does not."""
    assert passes(after(30.0, 40.0), 35.0)
    assert passes(after(30.0, 40.0, 50.0), 55.0)
    assert not passes(after(30.0, 40.0, 35.0), 45.0)
    assert passes(after(40.0, 50.0, 45.0, 42.0), 40.0)


def test_safety_never_waits():
    """Lower is safer for scale-in; and what a replay has proven to be safer as a whole passes as well."""
    swung = after(40.0, 35.0, 45.0)
    assert passes(swung, 40.0)
    again = after(30.0, 40.0, 35.0, is_urgent=True, is_proven_whole=True)
    assert passes(again, 45.0)


def test_a_week_later_it_may_turn_again():
    """What is older than the span is forgotten."""
    assert passes(after(30.0, 40.0, 35.0, hours_apart=24 * 7), 45.0)


def test_it_says_what_waits():
    """In the words of the episode."""
    situation = after(30.0, 40.0, 35.0)
    verdict = no_swinging(WEEK)((Change(IN, 35.0, 45.0),), situation)
    assert verdict.said == (
        "cpu_scale_in_percent was turned round within the last 7 days; a saving that turns it once more waits"
    )


@pytest.mark.parametrize(("values", "wanted", "is_calm"), [(("a", "b"), "a", True), (("a", "b", "a"), "b", False)])
def test_a_word_turns_when_it_goes_back(values, wanted, is_calm):
    """From threshold to target, and back, and there again."""
    names = {"a": "threshold", "b": "target"}
    situation = after(*(names[one] for one in values), knob="scaling_mode")
    assert passes(situation, names[wanted], "scaling_mode") is is_calm


def test_only_what_landed_counts():
    """A proposal that nobody took moved nothing."""
    proposed = an_episode(24, decision=Decision((Change(IN, 30.0, 40.0),), ("why",)))
    back = an_episode(12, decision=Decision((Change(IN, 30.0, 25.0),), ("why",)))
    assert passes(a_situation(past=(proposed, back), now=NOON), 35.0)

"""A person's bad judgement costs an episode a part of its reward, in the open and within bounds."""

from __future__ import annotations

import math

import pytest
from examples import a_reward
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.reward.penalty import JUDGEMENT, with_penalty


def test_a_penalty_is_a_term_and_says_before_and_after():
    """Nobody has to guess where the reward went (S001-138)."""
    judged = with_penalty(a_reward(), 0.5, "it broke the sale")
    assert judged.value == pytest.approx(-1.3)
    assert judged.terms[JUDGEMENT] == -0.5
    assert judged.reason.endswith("; person's judgement (-0.80 before, -1.30 after): it broke the sale")


@given(st.lists(st.floats(min_value=0, max_value=1e6), max_size=5))
def test_however_often_it_is_judged_it_costs_at_most_two(penalties):
    """One person's anger must not outweigh weeks of measurements (S001-138)."""
    judged = a_reward()
    for penalty in penalties:
        judged = with_penalty(judged, penalty, "no")
    assert judged.value == pytest.approx(-0.8 - min(2.0, sum(penalties)))
    assert judged.value == pytest.approx(sum(judged.terms.values()))


@pytest.mark.parametrize("penalty", [-0.1, math.nan, math.inf])
def test_a_judgement_never_adds_to_a_reward(penalty):
    """A negative penalty would be a way to praise a decision into earning more (H42)."""
    with pytest.raises(ValueError, match="a number from 0 on"):
        with_penalty(a_reward(), penalty, "well done")


def test_no_penalty_leaves_no_trace():
    """A reward that nobody complained of looks as it always did."""
    assert with_penalty(a_reward(), 0.0, "") == a_reward()


def test_what_was_not_scored_stays_so():
    """An unknown minus something is still unknown."""
    unscored = a_reward(value=None, terms={})
    assert with_penalty(unscored, 1.0, "bad") == unscored

"""What people say of decisions takes something from the reward, within bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from examples import NOON
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.autonomy import ActionClass
from ai_ops.domain.episode_judgement import EpisodeJudgement
from ai_ops.reward.penalty import MOST
from ai_ops.tune.autonomy.judgements import MOST_TOGETHER, blame, penalty

SAVE = ActionClass.SAVE


def said(episode="web-1", days_ago=0.0, **changes):
    """Ada found a saving bad."""
    at = NOON - timedelta(days=days_ago)
    one = EpisodeJudgement(episode, "web", SAVE, is_good=False, at=at, by="ada", because="too tight")
    return replace(one, **changes)


@pytest.mark.parametrize(("days_ago", "taken"), [(0, 1.0), (14, 0.5), (28, 0.25), (-3, 1.0)])
def test_a_bad_judgement_halves_every_fourteen_days(days_ago, taken):
    """One unit of reward while it is fresh (S001-138); a clock that was wrong does not blow it up."""
    assert penalty([said(days_ago=days_ago)], SAVE, NOON) == pytest.approx(taken)


def test_one_episode_is_counted_once_by_the_last_word_on_it():
    """Saying it three times takes no more, and a good word takes it back."""
    assert penalty([said(), said(), said()], SAVE, NOON) == 1.0
    assert penalty([said(), said(is_good=True)], SAVE, NOON) == 0.0


def test_it_is_of_its_class_alone():
    """A saving that was bad says nothing of what buys safety, nor of a decision that held."""
    assert penalty([said()], ActionClass.SAFETY, NOON) == 0.0
    assert penalty([said()], None, NOON) == 0.0
    assert penalty([said(action=None)], None, NOON) == 1.0


def test_the_reward_takes_all_of_it():
    """What `neuropilot judge` shows is what the next reward loses, not less."""
    assert MOST_TOGETHER <= MOST


def test_the_reason_names_who_weighs_most():
    """A penalty without a reason would be a riddle."""
    assert blame([said(days_ago=9), said("web-2", by="bob", because="slow")], SAVE, NOON) == (
        "bob found web-2 bad: slow (and 1 more)"
    )
    assert blame([said(is_good=True)], SAVE, NOON) == ""


WORDS = st.lists(
    st.builds(
        said,
        episode=st.integers(1, 8).map("web-{}".format),
        days_ago=st.floats(-5, 100),
        is_good=st.booleans(),
        action=st.sampled_from([None, *ActionClass]),
    ),
    max_size=20,
)


@given(words=WORDS, action=st.sampled_from([None, *ActionClass]), more=st.integers(1, 8))
def test_it_is_bounded_and_praise_never_adds_to_it(words, action, more):
    """Whatever is said by however many (S001-138)."""
    taken = penalty(words, action, NOON)
    assert 0.0 <= taken <= 2.0
    assert penalty([*words, said(f"web-{more}", is_good=True, action=action)], action, NOON) <= taken
    assert (taken > 0) is bool(blame(words, action, NOON))

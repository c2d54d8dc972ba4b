"""Credit: a reward is the last decision's merit only where its settings, and no others, are what really ran."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from examples import NOON, SLO, STANDING, an_episode, an_observation, healthy_series

from ai_ops.domain.tuning import Change, Decision, Thresholds
from ai_ops.reward.reward import Scoring

CHANGE = Change("cpu_scale_in_percent", 30.0, 35.0)
CHANGED = STANDING | {"cpu_scale_in_percent": 35.0}
DECIDED = an_episode(6, decision=Decision((CHANGE,), ("dear",)))
LANDED = an_observation(thresholds=CHANGED)


def scored(observation, last, live_since=None):
    """Whether the last decision earned the reward, and why."""
    reward = Scoring("budget_burn", SLO, cost_budget=50.0).score(observation, last, live_since)
    assert reward.value is not None  # it is shown either way
    return reward.is_credited, reward.reason


def test_a_change_that_landed_is_credited():
    """Its settings are what ran for the whole window (S001-76)."""
    assert scored(LANDED, DECIDED) == (True, f"earned by the change of {DECIDED.id}")


def test_leaving_everything_as_it_is_is_a_decision_too():
    """A hold earns what the standing settings earn (S001-76)."""
    held = an_episode(6)
    assert scored(an_observation(), held) == (True, f"earned by the unchanged settings since {held.id}")


def test_a_change_that_never_landed_earns_nothing():
    """The reward is what the old settings did (S001-76)."""
    is_credited, reason = scored(an_observation(), DECIDED)
    assert not is_credited
    assert "is not in the repository, so it earns nothing" in reason


def test_what_a_person_moved_is_nobodys_merit():
    """Credit for somebody else's work would teach the wrong thing."""
    moved = an_observation(thresholds=STANDING | {"cpu_scale_in_percent": 60.0})
    is_credited, reason = scored(moved, an_episode(6))
    assert not is_credited
    assert "somebody else moved cpu_scale_in_percent" in reason


def test_the_first_reward_is_a_baseline():
    """Nothing was decided yet that could have earned it."""
    assert scored(an_observation(), None) == (False, "baseline: no earlier decision")


@pytest.mark.parametrize(("runs", "is_credited"), [(35.0, True), (30.0, False)])
def test_a_change_that_the_platform_does_not_run_earns_nothing(runs, is_credited):
    """A file that nobody has applied changes nothing; where the platform can be asked, its word counts."""
    found, reason = scored(replace(LANDED, live={"cpu_scale_in_percent": runs}), DECIDED)
    assert found is is_credited
    assert is_credited or "the platform runs cpu_scale_in_percent 30 where the file says 35" in reason


@pytest.mark.parametrize(
    ("hours_before_the_end", "is_credited"), [(5.9, True), (3.1, True), (2.9, False), (0.0, False)]
)
def test_a_change_that_came_late_does_not_earn_what_was_measured_before_it(hours_before_the_end, is_credited):
    """At least half of the window must have been measured with it."""
    live_since = NOON - timedelta(hours=hours_before_the_end)
    found, reason = scored(LANDED, DECIDED, live_since)
    assert found is is_credited
    assert is_credited or f"most of the window was measured before {DECIDED.id} was live" in reason


def test_without_a_commit_the_decision_counts_from_when_it_was_made():
    """A run minutes after another one looks at the same hours, which the other one could not change."""
    just_decided = replace(DECIDED, decided_at=NOON - timedelta(minutes=30))
    assert not scored(LANDED, just_decided)[0]


def test_what_was_not_scored_is_not_credited():
    """There is nothing to credit."""
    series = healthy_series()
    del series["cost_per_hour"]
    reward = Scoring("budget_burn", SLO, 50.0).score(an_observation(series), an_episode(6))
    assert (reward.value, reward.is_credited) == (None, False)


def test_a_knob_that_holds_no_number_is_compared_as_it_is():
    """A word in the file is the decision's too, as long as nobody has changed it."""
    values = STANDING | {"scaling_mode": "target"}
    held = an_episode(6, thresholds=Thresholds(values))
    assert scored(an_observation(thresholds=values, live={"scaling_mode": 1.0}), held)[0]
    assert not scored(an_observation(thresholds=values | {"scaling_mode": "threshold"}), held)[0]

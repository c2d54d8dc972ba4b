"""A formula of the team's own is tried on the past before it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import SLO, an_observation
from rewards import a_past, without

from ai_ops.reward.comparison import disagreements, rank_correlation
from ai_ops.reward.facts import Uncounted, facts_of
from ai_ops.reward.formulas import DEFAULT, budget_burn
from ai_ops.reward.linear import linear
from ai_ops.reward.reward import Own, Scoring
from ai_ops.reward.trial import LEAST_EPISODES, MOST_EPISODES, try_out

EIGHT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def each(formula):
    """A formula as something that counts several windows."""
    return lambda windows: [formula(one) for one in windows]


BY_BURN = each(linear({"burn": -1.0}))


def test_eight_episodes_with_different_rewards_are_enough():
    """Then it may count."""
    trial = try_out(BY_BURN, a_past(EIGHT), SLO)
    assert [one.value for one in trial.tried] == [-burn for burn in EIGHT]
    assert trial.doubt is None


def test_seven_episodes_are_too_few():
    """And it says how many are there."""
    assert try_out(BY_BURN, a_past(EIGHT[:7]), SLO).doubt == "it was tried on 7 of 8 episodes"
    assert try_out(BY_BURN, (), SLO).doubt == "it was tried on 0 of 8 episodes"


def test_a_period_that_was_decided_again_is_one_episode():
    """Eight runs within the same six hours say no more than one."""
    (once,) = a_past((0.1,))
    again = tuple(replace(once, id=f"{once.id}.{number}") for number in range(2, 2 + LEAST_EPISODES))
    (tried,) = try_out(BY_BURN, (once, *again), SLO).tried
    assert tried.episode == again[-1].id


@pytest.mark.parametrize("formula", [linear({"cpu_percent": 1.0}), linear({"burn": 0.0})])
def test_a_constant_may_not_count(formula):
    """What says the same of everything cannot tell a good decision from a bad one."""
    assert "says the same of all 8 episodes" in try_out(each(formula), a_past(EIGHT), SLO).doubt


def test_one_fault_is_enough_to_keep_it_from_counting():
    """It must give a finite number on all of them, and says on which it did not."""
    past = a_past(EIGHT)

    def faulty(windows):
        return [Uncounted("raised ValueError", is_fault=True) if w.burn == 0.4 else {"b": w.burn} for w in windows]

    trial = try_out(faulty, past, SLO)
    assert trial.doubt == f"raised ValueError ({past[3].id})"
    assert (len(trial.tried), trial.left_out) == (7, 0)


def test_what_was_not_measured_is_left_out_and_counted():
    """A gap in the metrics is no fault of the formula, and no evidence for it either."""
    past = a_past(EIGHT)
    gappy = (*past[:-1], replace(past[-1], measured={}))
    trial = try_out(each(linear({"burn": -1.0, "error_percent": -0.02})), gappy, SLO)
    assert (len(trial.tried), trial.left_out) == (7, 1)
    assert trial.doubt == "it was tried on 7 of 8 episodes"


@pytest.mark.parametrize("unknown", ["slo_good_percent", "burn", "cost", "budget"])
def test_an_episode_without_promise_or_cost_cannot_be_tried(unknown):
    """No formula can be counted there."""
    (episode,) = a_past((0.1,))
    assert facts_of(without(episode, **{unknown: None}), SLO) is None


def test_a_fault_of_long_ago_is_forgiven():
    """A formula that was mended counts again after thirty days at most."""
    past = a_past([0.01 * place for place in range(MOST_EPISODES + 1)])
    trial = try_out(BY_BURN, past, SLO)
    assert len(trial.tried) == MOST_EPISODES
    assert trial.tried[0].episode == past[1].id


def test_the_past_is_counted_as_it_was():
    """What an episode keeps is enough to count its reward again, to the last digit."""
    reward = Scoring("budget_burn", SLO, 50.0).score(an_observation(), None)
    (episode,) = a_past((0.1,))
    again = facts_of(replace(episode, reward=reward), SLO)
    assert sum(budget_burn(again).values()) == reward.value


def test_until_then_the_default_counts_and_the_other_is_shown_beside_it():
    """With the reason (R5)."""
    reward = Scoring("linear", SLO, 50.0, Own(BY_BURN, "it was tried on 3 of 8 episodes")).score(an_observation(), None)
    assert reward.formula == DEFAULT
    assert reward.value == pytest.approx(sum(reward.terms.values()))
    assert reward.beside["linear"] == pytest.approx(-reward.burn)
    assert reward.reason == (
        "baseline: no earlier decision; linear does not count yet: it was tried on 3 of 8 episodes"
    )


def test_without_a_doubt_it_counts_and_the_default_is_shown_beside_it():
    """The terms are its own, and add up."""
    reward = Scoring("linear", SLO, 50.0, Own(BY_BURN, None)).score(an_observation(), None)
    assert (reward.formula, reward.terms) == ("linear", {"burn": -reward.burn})
    assert reward.value == -reward.burn
    assert reward.beside.keys() == {"budget_burn", "literal", "per_percent"}


@pytest.mark.parametrize("doubt", [None, "it was tried on 3 of 8 episodes"])
def test_a_formula_that_fails_now_costs_the_reward_and_not_the_cycle(doubt):
    """As long as it does not count, not even the reward."""
    count = each(lambda _: Uncounted("raised KeyError: 'x'", is_fault=True))
    reward = Scoring("my:f", SLO, 50.0, Own(count, doubt)).score(an_observation(), None)
    assert "my:f" not in reward.beside
    assert reward.burn is not None  # what the rules look at
    if doubt is None:
        assert (reward.value, reward.formula, reward.terms) == (None, "my:f", {})
        assert reward.reason == "not scored: my:f: raised KeyError: 'x'"
    else:
        assert reward.formula == DEFAULT
        assert reward.value is not None


def test_formulas_that_agree_have_a_rank_correlation_of_one():
    """Whatever their scales."""
    tried = try_out(each(lambda w: {"x": 1000 * sum(budget_burn(w).values())}), a_past(EIGHT, range(1, 9)), SLO).tried
    assert rank_correlation(tried) == pytest.approx(1.0)
    assert disagreements(tried) == ()


def test_the_rank_correlation_is_spearmans():
    """1 - 6 sum(d^2) / (n (n^2 - 1)), by hand: ranks 1 2 3 4 against 2 1 4 3 give 0.6."""
    past = a_past((0.0, 0.0, 0.0, 0.0), (0.4, 0.3, 0.2, 0.1), cpu_percent=1.0)
    wanted = dict(zip((one.id for one in past), (2.0, 1.0, 4.0, 3.0), strict=True))
    own = {facts_of(one, SLO).cost: wanted[one.id] for one in past}
    tried = try_out(each(lambda w: {"x": own[w.cost]}), past, SLO).tried
    assert rank_correlation(tried) == pytest.approx(0.6)


def test_the_three_largest_disagreements_are_shown_largest_first():
    """A formula that praises waste is caught where it does so (R5)."""
    past = a_past([0.0] * 5, (0.2, 0.4, 0.6, 0.8, 1.0))
    rows = disagreements(try_out(each(linear({"cost_variance": -1.0})), past, SLO).tried)
    assert [(row.tried.episode, row.rank, row.default_rank) for row in rows[:2]] == [
        (past[0].id, 5.0, 1.0),
        (past[4].id, 1.0, 5.0),
    ]
    assert len(rows) == 3


@pytest.mark.parametrize("past", [(), a_past((0.1,)), a_past(EIGHT)])
def test_where_there_is_no_order_there_is_no_correlation(past):
    """One episode, or one that always says the same: nothing is made up."""
    assert rank_correlation(try_out(each(lambda _: {"x": 1.0}), past, SLO).tried) is None

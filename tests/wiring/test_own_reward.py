"""A reward of the team's own in a whole run: it counts once it was tried, and costs no cycle when it fails."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from agents import Agent, make_agent_site, tree_of
from examples import NOON
from repositories import isolate
from rewards import FUNCTION, a_past

from ai_ops.domain.errors import ConfigError
from ai_ops.store.ledger import Ledger
from ai_ops.wiring.checks import checks
from ai_ops.wiring.reward import own_formula
from ai_ops.wiring.session import open_session

SIMULATED = "mode: observe\nmetrics: {source: simulated}\nstate: {store: folders}\n"
NOW = NOON + timedelta(hours=6, minutes=3)
WEIGHTED, LINEAR = {"formula": "weighted"}, {"formula": "linear", "terms": {"sla": 2.0, "cost_variance": -1.0}}
FUNCTIONAL = {"formula": "our_rewards:calculate_reward"}


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """An agent on the simulated service, with a reward function in its repository."""
    isolate(monkeypatch)
    agent = Agent(make_agent_site(tmp_path, settings=SIMULATED).clone("checkout"), {})
    (agent.clone / "our_rewards.py").write_text(FUNCTION)
    return agent


def remember(agent: Agent, count: int) -> None:
    """Let the agent have lived through so many periods."""
    ledger = Ledger(agent.state, warn=pytest.fail)
    for episode in a_past([0.1 * place for place in range(count)], [0.3 + 0.02 * place for place in range(count)]):
        ledger.append(replace(episode, is_simulated=True))


def rewarded(agent: Agent, capsys, **settings):
    """The reward that a dry run counts with these settings, as JSON."""
    agent.configure(**settings)
    capsys.readouterr()
    assert agent.run(NOW, is_acting=False, as_json=True) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    return result["episode"]["reward"]


@pytest.mark.parametrize("own", [WEIGHTED, LINEAR, FUNCTIONAL], ids=lambda own: own["formula"])
@pytest.mark.parametrize("episodes", [7, 8])
def test_it_counts_from_the_eighth_episode_on(agent, capsys, own, episodes):
    """Until then budget_burn counts, and the other one stands beside it (S001-132, S001-133, R5)."""
    remember(agent, episodes)
    reward, name = rewarded(agent, capsys, reward=own), own["formula"]
    counting, shown = (name, "budget_burn") if episodes == 8 else ("budget_burn", name)
    assert reward["formula"] == counting
    assert shown in reward["beside"]
    assert reward["value"] == pytest.approx(sum(reward["terms"].values()))
    assert ("does not count yet: it was tried on 7 of 8 episodes" in reward["reason"]) is (episodes == 7)


def test_every_formula_says_what_it_would_say_beside_the_others(agent, capsys):
    """The same window by two formulas, whichever counts (R5)."""
    remember(agent, 8)
    by_default, own = rewarded(agent, capsys), rewarded(agent, capsys, reward=WEIGHTED)
    assert own["beside"]["budget_burn"] == pytest.approx(by_default["value"])
    assert own["beside"]["literal"] == pytest.approx(by_default["beside"]["literal"])
    assert 0.0 < own["value"] < 1.0


@pytest.mark.parametrize("body", ["raise ValueError('closed')", "while True: pass", "import os; os._exit(1)"])
def test_a_function_that_fails_keeps_the_cycle_alive(agent, capsys, body):
    """It was never proven, so it never counts; a decision is made all the same (S001-132)."""
    remember(agent, 8)
    (agent.clone / "our_rewards.py").write_text(f"def calculate_reward(a, b, c):\n    {body}\n")
    reward = rewarded(agent, capsys, reward=FUNCTIONAL)
    assert reward["formula"] == "budget_burn"
    assert "our_rewards:calculate_reward does not count yet: " in reward["reason"]


def test_a_function_that_fails_after_it_was_proven_costs_the_reward_alone(agent, capsys):
    """No value with a reason, and no zero (S001-132)."""
    remember(agent, 8)
    only_the_past = "def calculate_reward(a, b, metrics):\n    return {0.1: 1.0}.get(metrics['error_percent'], 'x')\n"
    changing = only_the_past.replace("1.0", "metrics['burn']")
    (agent.clone / "our_rewards.py").write_text(changing)
    reward = rewarded(agent, capsys, reward=FUNCTIONAL)
    assert reward["value"] is None
    assert reward["reason"] == "not scored: our_rewards:calculate_reward: gave no number but str"
    assert reward["is_credited"] is False
    assert {"budget_burn", "literal", "per_percent"} == reward["beside"].keys()


def test_what_cannot_be_loaded_is_a_wrong_setting_before_anything_is_asked(agent, capsys):
    """Exit code 1, the reason, and no episode."""
    agent.configure(reward={"formula": "our_rewards:no_such_function"})
    assert agent.run(NOW) == 1
    assert "our_rewards has no function no_such_function" in capsys.readouterr().err
    assert agent.ledger == []


def test_the_doctor_tries_to_load_it(agent):
    """Before a run does."""

    def attempt():
        with open_session(agent.place(NOW), is_writing=False) as session:
            (check,) = [one for one in checks(session, is_offline=True) if one.name == "reward"]
            return check.attempt()

    assert attempt() == "budget_burn"
    agent.configure(reward=FUNCTIONAL)
    assert "`neuropilot reward` says whether it counts" in attempt()
    agent.configure(reward={"formula": "no_such_module:f"})
    with pytest.raises(ConfigError, match="no_such_module is neither installed nor in the repository"):
        attempt()


def test_a_dry_run_with_an_own_function_leaves_nothing_behind(agent, capsys):
    """No bytecode beside the team's module either (S001-61)."""
    agent.configure(reward=FUNCTIONAL)
    before = tree_of(agent.clone)
    rewarded(agent, capsys)
    assert tree_of(agent.clone) == before


def test_one_of_ours_needs_no_trial(agent):
    """It was proven before it was shipped."""
    for formula in ("budget_burn", "literal", "per_percent"):
        agent.configure(reward={"formula": formula})
        with open_session(agent.place(NOW), is_writing=False) as session:
            assert own_formula(session) is None

"""`neuropilot reward`: what the formula of the settings says of the past, before it counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from agents import Agent, make_agent_site, tree_of
from examples import NOON
from repositories import isolate
from rewards import FUNCTION, a_past

from ai_ops.cli.main import exit_code_of
from ai_ops.cli.reward import reward
from ai_ops.store.ledger import Ledger

SETTINGS = "metrics: {source: simulated}\nstate: {store: folders}\nreward: {formula: weighted}\n"
BURNS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.4)
COSTS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
PAST = tuple(replace(one, is_simulated=True) for one in a_past(BURNS, COSTS))


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """An agent whose settings ask for the weighted reward, with eight episodes."""
    isolate(monkeypatch)
    agent = Agent(make_agent_site(tmp_path, settings=SETTINGS).clone("checkout"), {})
    ledger = Ledger(agent.state, warn=pytest.fail)
    for episode in PAST:
        ledger.append(episode)
    return agent


def told(agent: Agent, capsys, *, as_json: bool = False, code: int = 0, **options) -> str:
    """What the verb prints."""
    capsys.readouterr()
    assert exit_code_of(lambda **_: reward(root=agent.clone, as_json=as_json, **options), None) == code
    return capsys.readouterr().out


def test_it_shows_terms_agreement_and_where_the_two_disagree(agent, capsys):
    """Enough to see what the formula would have praised (S001-133, R5)."""
    lines = told(agent, capsys).splitlines()
    assert lines[:3] == ["web: reward.formula is weighted", "  counts     yes", "  tried on   8 episodes"]
    assert lines[4].startswith(f"  newest     {PAST[-1].id} +0.595 (sla +0.167, cost +0.25, latency +0.145, avail")
    assert lines[5].startswith("  agreement  rank correlation with budget_burn ")
    disagreeing = [line for line in lines if line.startswith("  disagrees  web-")]
    assert len(disagreeing) == 3
    assert lines[6:] == disagreeing
    assert "(rank " in lines[6]
    assert "% of the budget" in lines[6]


def test_the_json_document_holds_every_episode(agent, capsys):
    """For a notebook that wants to draw it."""
    document = json.loads(told(agent, capsys, as_json=True))
    assert (document["exit_code"], document["error"]) == (0, None)
    (form,) = document["services"]
    assert (form["formula"], form["counting"], form["doubt"], form["left_out"]) == ("weighted", "weighted", None, 0)
    assert [one["id"] for one in form["episodes"]] == [one.id for one in PAST]
    for one in form["episodes"]:
        assert one["value"] == pytest.approx(sum(one["terms"].values()))
    assert form["episodes"][0]["budget_burn"] == pytest.approx(-0.9)
    assert set(form["disagreements"]) < {one.id for one in PAST}
    assert -1.0 <= form["rank_correlation"] <= 1.0


def test_a_formula_that_may_not_count_yet_says_why(agent, capsys):
    """A constant is refused, and the default counts."""
    agent.configure(reward={"formula": "linear", "terms": {"cpu_percent": -1.0}})
    said = told(agent, capsys)
    assert "counts     not yet, budget_burn does: it says the same of all 8 episodes" in said
    assert "agreement  rank correlation with budget_burn cannot be told" in said


def test_the_default_is_compared_with_itself(agent, capsys):
    """There is nothing to prove, and no disagreement."""
    agent.configure(reward={"formula": "budget_burn"})
    said = told(agent, capsys)
    assert "counts     yes" in said
    assert "budget_burn 1.00" in said
    assert "disagrees" not in said


def test_the_literal_formula_is_shown_to_praise_waste(agent, capsys):
    """The dearest period ranks first although the cheaper ones kept the promise as well (R5)."""
    agent.configure(reward={"formula": "literal"})
    said = told(agent, capsys)
    assert f"{PAST[0].id}: literal +0.9 (rank 1 of 8), budget_burn -0.9" in said


def test_a_function_is_tried_in_its_own_process(agent, capsys):
    """Without an effect on the checkout (S001-132)."""
    (agent.clone / "our_rewards.py").write_text(FUNCTION)
    agent.configure(reward={"formula": "our_rewards:calculate_reward"})
    before = tree_of(agent.clone)
    said = told(agent, capsys)
    assert "tried on   8 episodes" in said
    assert tree_of(agent.clone) == before


def test_what_was_simulated_proves_nothing_for_the_real_service(agent, capsys):
    """The day Prometheus is connected, the trial begins anew."""
    agent.configure(metrics={"source": "prometheus"}, prometheus_url="http://127.0.0.1:9")
    said = told(agent, capsys)
    assert "not yet, budget_burn does: it was tried on 0 of 8 episodes" in said


def test_an_unknown_service_and_a_wrong_function_are_usage_errors(agent, capsys):
    """Exit code 1."""
    told(agent, capsys, service="shop", code=1)
    agent.configure(reward={"formula": "no_such_module:f"})
    document = json.loads(told(agent, capsys, as_json=True, code=1))
    assert "no_such_module" in document["error"]


def test_history_and_explain_say_what_is_credited(agent, capsys):
    """A reward that nobody earned is not taken for the decision's (S001-76)."""
    from ai_ops.cli.past import explain, history

    agent.configure(reward={"formula": "budget_burn"})
    for hours in (0, 6):
        assert agent.run(NOON + timedelta(hours=hours, minutes=3)) == 0
    first, second = f"web-{NOON:%Y%m%dT%H}Z", f"web-{NOON + timedelta(hours=6):%Y%m%dT%H}Z"
    capsys.readouterr()
    history(root=agent.clone, last=2)
    before, newest = capsys.readouterr().out.splitlines()
    assert " credited " not in before  # the settings in the repository are not those that the past speaks of
    assert " credited  findings" in newest
    explain(second, root=agent.clone)
    assert f"; credited: earned by the unchanged settings since {first}; beside it: " in capsys.readouterr().out

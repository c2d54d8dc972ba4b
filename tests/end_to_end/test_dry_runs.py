"""A dry run where the memory lives on a branch: it reads what counts, and leaves nothing but its bill."""

from __future__ import annotations

import json

from agents import CONFIG, tree_of
from fakes.grafana import TOKEN, UID, FakeGrafana

from ai_ops.wiring import kill_switch, open_session

BUDGETS = "ai_ops/state/budgets.json"


def test_what_a_dry_run_asks_of_grafana_is_counted(two_agents, on_branch, dear_service):
    """The questions are real, so the hourly budget of this checkout pays for them (H31); nothing else is written."""
    agent, _ = two_agents
    assert agent.run() == 0  # there is a branch now
    agent.configure(rate_limits={"grafana_queries_per_hour": 40})
    before = tree_of(agent.clone)
    with FakeGrafana(dear_service.url) as grafana:
        agent.environment = {"GRAFANA_URL": grafana.url, "GRAFANA_API_KEY": TOKEN}
        agent.configure(grafana_datasource_uid=UID)
        assert agent.run(is_acting=False) == 0
        spent = json.loads((agent.clone / BUDGETS).read_text())["spent"]["grafana_queries"]
        assert len(spent) == len([path for _, path in grafana.asked if "proxy" in path]) > 0
    after = tree_of(agent.clone)
    changed = {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)}
    assert changed - {CONFIG, f"{BUDGETS}.lock"} == {BUDGETS}
    with agent.session() as session:
        session.keep("go on")
    assert json.loads(on_branch.content(BUDGETS, "neuropilot/state"))["spent"]["grafana_queries"] == spent


def test_a_dry_run_heeds_a_pause_that_the_branch_has_not_seen(two_agents, on_branch, capsys):
    """It shows what the next run here will do."""
    agent, _ = two_agents
    assert agent.run() == 0
    on_branch.remote.rename(away := on_branch.remote.with_name("away.git"))
    agent.configure(state={"store": "folders"})
    kill_switch.pause(agent.place(), "incident", "ada")
    agent.configure(state={"store": "branch"})
    away.rename(on_branch.remote)
    capsys.readouterr()
    assert agent.run(is_acting=False) == 0
    assert "paused: incident" in capsys.readouterr().out


def test_before_there_is_a_branch_a_dry_run_reads_the_checkout(two_agents):
    """From there the first push starts."""
    agent, _ = two_agents
    agent.configure(state={"store": "folders"})
    assert agent.run() == 0
    agent.configure(state={"store": "branch"})
    with open_session(agent.place(), is_writing=False) as session:
        assert len(session.ledger.episodes()) == 1

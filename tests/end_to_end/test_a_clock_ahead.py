"""One run on a machine whose clock is a year ahead: it stops nothing for longer than any change does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from agents import NOW, Agent, make_agent_site
from jobs import Jobs

from ai_ops.wiring.checks import checks

YEAR = timedelta(days=365)
PERIOD = timedelta(hours=6)
STATE, LEDGER = "neuropilot/state", "ai_ops/state/episodes.jsonl"
SETTINGS = """\
mode: commit
cost_budget: 20.0
tuning: {policy: rules}
metrics: {source: simulated}
state: {store: branch}
"""


@pytest.fixture
def site(tmp_path):
    """A team's repository with a service that is only simulated, at any time."""
    return make_agent_site(tmp_path, settings=SETTINGS)


def episodes_in(site) -> list[dict]:
    """What the ledger on the branch holds."""
    return [json.loads(line)["episode"] for line in site.content(LEDGER, STATE).splitlines()]


def test_three_jobs_go_on_after_it(site, tmp_path, capsys):
    """The period is finished, the window is six hours long, the day is the first, and people are told (H18)."""
    (tmp_path / "run").mkdir()
    jobs = Jobs(site, tmp_path / "run", {})
    assert jobs.run(NOW + YEAR) == (0, 0, 0)
    for number in range(1, 3):
        assert jobs.run(NOW + number * PERIOD) == (0, 0, 0), capsys.readouterr()
    (_, *after) = episodes_in(site)
    assert [one["exploration"]["day"] for one in after] == [1, 1]
    assert [one["id"] for one in after] == ["web-20261102T06Z", "web-20261102T12Z"]
    assert any("set the clock of the machine that is wrong" in one for one in jobs.warnings)


def test_one_process_goes_on_after_it_and_the_doctor_names_it(site):
    """With a note, not with a failure: the ledger itself is whole (H18)."""
    agent = Agent(site.clone("checkout", "--depth=1"), {})
    assert agent.run(NOW + YEAR) == 0
    assert agent.run(NOW) == 0
    assert len(agent.warnings) == len(set(agent.warnings)), "told once in a run"
    with agent.session() as session:
        (ledger,) = [one for one in checks(session, is_offline=True) if one.name == "ledger"]
        said = ledger.attempt()
    assert "2 episodes, every hash fits; web-20271102T00Z says it was decided at" in said

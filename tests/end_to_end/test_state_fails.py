"""What the agent remembers is damaged: it goes on watching and telling, and moves nothing that it cannot vouch for."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from aftermath import check, commits, episodes, told
from agents import NEXT_PERIOD, NOW
from repositories import TFVARS, git

from ai_ops.collect.history import key
from ai_ops.wiring.sources import origin

EPISODE = "web-20261102T00Z"
HISTORY = "ai_ops/models/metrics_history.json"
NO_ZONE = b"""{"version": 1, "services": {"web": {
"cpu_percent@KEY": {"metric": "cpu_percent", "start": "2026-10-19T00:00", "step_seconds": 600, "values": [1, 2]}}}}"""


@pytest.fixture
def in_its_second_period(agent, site, later_service, capsys):
    """An agent that held in the first period, so that the second one would move something."""
    agent.configure(mode="observe")
    assert agent.run() == 0
    agent.configure(mode="commit", tuning={"policy": "rules", "cooldown_hours": 0})
    agent.environment = {**agent.environment, "PROMETHEUS_URL": later_service.url}
    capsys.readouterr()
    return agent


def test_the_second_period_would_move_something(in_its_second_period, site):
    """Otherwise the tests below would show nothing."""
    assert in_its_second_period.run(NEXT_PERIOD) == 0
    assert commits(site) == {"web-20261102T06Z": 1}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"policy":"rules"', '"policy":"vibes"', "episodes.jsonl:1: edited: its hash does not match"),
        (
            '"version":1',
            '"version":4',
            "episodes.jsonl:1: version: it has version 4, and this agent reads versions 1 to 3",
        ),
        ("{", "\x00{", "episodes.jsonl:1: edited: it is no line of JSON"),
    ],
)
def test_an_altered_ledger_stops_changes_and_nothing_else(in_its_second_period, site, slack, capsys, old, new, words):  # noqa: PLR0913, PLR0917  # fixtures
    """The run watches, reports, tells Slack why nothing moves, writes no line, and ends with 2 (H32)."""
    agent, tip = in_its_second_period, site.tip()
    file = agent.state / "episodes.jsonl"
    file.write_text(altered := file.read_text().replace(old, new))
    assert agent.run(NEXT_PERIOD) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert "`neuropilot ledger verify` lists every place; restore" in said.err
    for told_all_the_same in ("Collecting metrics", "Reward:", "Decision: hold", "Notifications: slack sent"):
        assert told_all_the_same in said.out
    assert file.read_text() == altered
    assert site.tip() == tip
    assert "the ledger cannot be trusted" in json.dumps(slack.cards[-1])
    assert agent.run(NEXT_PERIOD) == 2
    assert len(slack.cards) == 2  # one for the first period, one about the damage


def test_a_restored_ledger_goes_on_in_the_same_period(in_its_second_period, site, slack):
    """The held run left no mark on the period: its decision is made, delivered and told."""
    agent = in_its_second_period
    file = agent.state / "episodes.jsonl"
    whole = file.read_text()
    file.write_text(whole.replace("rules", "vibes"))
    assert agent.run(NEXT_PERIOD) == 2
    file.write_text(whole)
    assert agent.run(NEXT_PERIOD + timedelta(minutes=20)) == 0
    check(agent, site, slack)
    assert commits(site) == {"web-20261102T06Z": 1}
    assert told(slack)["web-20261102T06Z"] == 1


@pytest.mark.parametrize("damage", ["", "{", '{"version":1,"sequence":"x","hash":7}', '{"version":9}'])
def test_a_damaged_head_of_the_ledger_is_a_damaged_ledger(in_its_second_period, site, capsys, damage):
    """It shows deletions at the end, so without it nobody knows what is missing."""
    agent, tip = in_its_second_period, site.tip()
    (agent.state / "ledger_head.json").write_text(damage)
    assert agent.run(NEXT_PERIOD) == 2
    assert site.tip() == tip
    assert "ledger_head.json" in capsys.readouterr().err
    assert len(agent.ledger) == 1


def test_a_deleted_last_line_is_noticed(in_its_second_period, site, capsys):
    """Forgetting a decision is no way to get another one."""
    agent, tip = in_its_second_period, site.tip()
    (agent.state / "episodes.jsonl").write_text("")
    assert agent.run(NEXT_PERIOD) == 2
    assert site.tip() == tip
    assert "1 line(s) are missing at the end" in capsys.readouterr().err


def test_a_torn_last_line_is_set_aside(in_its_second_period, site, slack):
    """A crash in the middle of a write: the line was never acted upon, and the run says what it did with it."""
    agent = in_its_second_period
    with (agent.state / "episodes.jsonl").open("a") as file:
        file.write('{"episode":{"decided_at":"2026-11')
    assert agent.run(NEXT_PERIOD) == 0
    check(agent, site, slack)
    assert any("set aside in episodes.torn" in warning for warning in agent.warnings)
    assert [episode.id for episode in episodes(agent)] == [EPISODE, "web-20261102T06Z"]
    assert commits(site) == {"web-20261102T06Z": 1}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"version": 2, "services": {}}',
        b'{"version": 1, "services": {"web": {"a": {}}}}',
        b'{"version": 1, "services": 3}',
        b"[" * 100_000,
        NO_ZONE,
    ],
    ids=["empty", "no text", "a list", "version 2", "no series", "a number", "bottomless", "a time without zone"],
)
def test_a_damaged_history_is_fetched_anew(agent, site, slack, damage):
    """It is a cache: whatever stands there costs one longer fetch and one sentence (H32)."""
    with agent.session() as session:
        cpu = next(query for query in session.settings.services[0].queries if query.metric == "cpu_percent")
    (agent.clone / "ai_ops/models").mkdir(exist_ok=True)
    (agent.clone / HISTORY).write_bytes(damage.replace(b"cpu_percent@KEY", key(cpu, origin(session.settings)).encode()))
    assert agent.run() == 0
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert any("fetching everything anew" in warning for warning in agent.warnings)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 2}', '{"version": 1, "channels": {"slack": {"x": 1}}}'])
def test_a_damaged_outbox_sends_nothing_and_delivers_all_the_same(agent, site, slack, capsys, damage):
    """What may have been sent is not sent again; the change does not wait for that."""
    agent.state.mkdir(parents=True)
    (agent.state / "sent.json").write_text(damage)
    assert agent.run() == 0
    assert commits(site) == {EPISODE: 1}
    assert slack.cards == []
    said = capsys.readouterr().out
    assert "Degraded: slack" in said
    assert "sent.json" in said


@pytest.mark.parametrize("damage", ["", '{"version": 1, "spent": {"slack_notifications": ["noon"]}}'])
def test_a_damaged_budget_sends_nothing_and_delivers_all_the_same(agent, site, slack, capsys, damage):
    """The limit is hard: without knowing what was spent nothing more is (H31)."""
    agent.state.mkdir(parents=True)
    (agent.state / "budgets.json").write_text(damage)
    assert agent.run() == 0
    assert commits(site) == {EPISODE: 1}
    assert slack.cards == []
    assert "budgets.json" in (said := capsys.readouterr().out)
    assert "Degraded: slack" in said


def test_a_damaged_outbox_on_the_branch(two_agents, on_branch, slack, capsys):
    """The same where the memory travels: the decision is recorded and delivered, the card is not sent."""
    agent, _ = two_agents
    agent.state.mkdir(parents=True)
    (agent.state / "sent.json").write_text("{")
    assert agent.run() == 0
    assert commits(on_branch) == {EPISODE: 1}
    assert slack.cards == []
    assert "Degraded: slack" in capsys.readouterr().out


def test_a_damaged_pause_counts_as_a_pause(agent, site, slack, capsys):
    """Whoever wrote it wanted the agent to stop (H26)."""
    agent.state.mkdir(parents=True)
    (agent.state / "paused.json").write_text('{"version": 1, "reason"')
    tip = site.tip()
    assert agent.run() == 0
    said = capsys.readouterr().out
    assert site.tip() == tip
    assert "which counts as paused" in said
    assert "`neuropilot resume`" in said


def test_a_state_folder_that_is_a_file_says_so(agent, site, capsys):
    """Nothing can be remembered, so nothing is done."""
    agent.state.write_text("")
    tip = site.tip()
    assert agent.run() == 2
    assert site.tip() == tip
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"max_instances    = 12", b"max_instances    = = 12", f"{TFVARS}:14"),
        (b"cooldown_minutes = 5", b"", "`cooldown_minutes` is not defined; add the line"),
        (b"cpu_scale_out_percent    = 80", b"cpu_scale_out_percent    = 40 * 2", f"{TFVARS}:8: "),
        (b"cpu_scale_out_percent    = 80", b"cpu_scale_out_percent    = null", f"{TFVARS}:8: "),
        (b"min_instances    = 2", b"min_instances    = 2\nmin_instances    = 3", f"{TFVARS}:"),
        (b"\n", b"\n<<<<<<< HEAD\n", f"{TFVARS}:2"),
    ],
)
def test_damaged_settings_files_are_left_alone(agent, site, slack, capsys, old, new, words):  # noqa: PLR0913, PLR0917  # fixtures
    """Exit 4 with file and line; no decision is made on what cannot be read (H19)."""
    theirs = site.human_pushes(TFVARS, site.content().replace(old, new, 1))
    assert agent.run() == 4
    assert (site.tip(), agent.ledger, slack.cards) == (theirs, [], [])
    assert words in capsys.readouterr().err
    assert git(agent.clone, "status", "--porcelain") == ""


def test_everything_wrong_with_the_settings_is_said_at_once(agent, site, slack, capsys):
    """Exit 1, before anything is read or written (H34)."""
    agent.configure(mod="commit", sla_target=101, slack_webhook_url="https://hooks.slack.com/services/T1/B1/planted")
    assert agent.run() == 1
    said = capsys.readouterr().err
    for words in ("mod: unknown key (did you mean 'mode'?)", "sla_target", "set the variable SLACK_WEBHOOK_URL"):
        assert words in said
    assert "planted" not in said
    assert not agent.state.exists()
    assert slack.cards == []


def test_an_unknown_service_is_a_usage_error(agent, site, capsys):
    """With the names that exist."""
    tip = site.tip()
    assert agent.run(service="wbe") == 1
    assert site.tip() == tip
    assert "there is no service 'wbe'; the settings know web" in capsys.readouterr().err


def test_a_forgotten_decision_is_not_made_twice(agent, site, slack):
    """The folder with the memory was deleted within a period: what was delivered is found on the branch itself."""
    assert agent.run() == 0
    for file in agent.state.iterdir():
        file.unlink()
    assert agent.run(NOW + timedelta(minutes=20)) == 0
    assert commits(site) == {EPISODE: 1}

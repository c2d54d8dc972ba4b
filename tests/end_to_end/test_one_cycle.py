"""One whole cycle: a real Prometheus, a real git remote, a Slack that holds to its limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from agents import NOW, Agent, make_agent_site, tree_of
from backfill import openmetrics
from repositories import TFVARS, git
from services import DEAR

NEXT_PERIOD = NOW + timedelta(hours=6)


def test_a_cycle_lands_one_reviewable_line_in_the_remote(agent, site, slack, capsys):
    """One line of diff with trailers, one ledger line, one card (S001-04, -05, -08, -14, -62, -82, -83, -129)."""
    before = site.content()
    assert agent.run() == 0
    changed = [
        pair for pair in zip(before.splitlines(), site.content().splitlines(), strict=True) if len(set(pair)) > 1
    ]
    assert [(old.split()[0], old.split()[2], new.split()[2]) for old, new in changed] == [
        (b"cpu_scale_in_percent", b"30", b"35")
    ]
    trailers = git(agent.clone, "log", "-1", "--format=%s|%(trailers:key=Episode,valueonly,separator=)", site.tip())
    subject, episode = trailers.split("|")
    assert subject == "ai-ops: web cpu_scale_in_percent 30 -> 35"
    assert "Reason: " in site.message()
    assert len(agent.ledger) == 1
    assert json.loads(agent.ledger[0])["episode"]["id"] == episode
    assert len(slack.cards) == 1
    assert "cpu_scale_in_percent" in json.dumps(slack.cards[0])
    told = capsys.readouterr().out
    for words in ("initialised", "Collecting metrics", "CPU", "Latency", "Errors", "Anomalies", "Reward", "Decision"):
        assert words in told
    assert "Notifications: slack sent" in told
    assert "cost: " in told  # R43: which source the cost comes from


def test_the_checkout_follows_and_other_work_in_it_is_untouched(agent, site):
    """Dirty and staged files of a person stay as they are; the changed line arrives in the work tree too."""
    (agent.clone / "README.md").write_text("half a thought\n")
    git(agent.clone, "add", "README.md")
    (agent.clone / "notes.txt").write_text("untracked\n")
    assert agent.run() == 0
    assert git(agent.clone, "status", "--porcelain").splitlines() == ["M  README.md", "?? notes.txt"]
    assert (agent.clone / TFVARS).read_bytes() == site.content()
    assert git(agent.clone, "show", "--stat", "--format=", site.tip()).count("|") == 1


def test_a_second_run_in_the_same_window_changes_nothing(agent, site, slack, capsys):
    """Idempotent by window: a late, doubled or replayed schedule does no harm (H18)."""
    agent.run()
    after_first, ledger = site.tip(), agent.ledger
    capsys.readouterr()
    assert agent.run(NOW + timedelta(hours=2)) == 0
    assert (site.tip(), agent.ledger, len(slack.cards)) == (after_first, ledger, 1)
    assert "already decided" in capsys.readouterr().out


def test_a_dry_run_shows_the_diff_and_writes_nothing(agent, site, slack, capsys):
    """Without --apply nothing is left behind, anywhere (S001-61)."""
    before, tip = tree_of(agent.clone), site.tip()
    assert agent.run(is_acting=False) == 0
    assert (tree_of(agent.clone), site.tip(), slack.cards) == (before, tip, [])
    told = capsys.readouterr().out
    assert "-cpu_scale_in_percent     = 30" in told
    assert "+cpu_scale_in_percent     = 35" in told
    assert "dry run" in told


def test_the_next_period_holds_until_the_change_has_shown_what_it_does(agent, site, start_prometheus, capsys):
    """One change a day; the reward is credited to the change that is live (S001-76, -96)."""
    agent.run()
    tip = site.tip()
    later = start_prometheus(openmetrics(replace(DEAR, end=NEXT_PERIOD)))
    agent.environment = {"PROMETHEUS_URL": later.url}
    capsys.readouterr()
    assert agent.run(NEXT_PERIOD) == 0
    told = capsys.readouterr().out
    assert site.tip() == tip
    assert "24 h must pass between two changes" in told
    assert "earned by the change of web-" in told
    assert len(agent.ledger) == 2


def test_the_second_run_asks_only_for_what_is_new(agent):
    """The history cache answers the rest (S001-41, -85)."""
    agent.run()
    cache = json.loads((agent.clone / "ai_ops/models/metrics_history.json").read_text())
    series = cache["services"]["web"]
    assert all(len(one["values"]) == 14 * 144 for one in series.values())
    assert (agent.clone / "ai_ops/models/metrics_history.json").stat().st_size < 500_000


def test_mode_observe_records_and_tells_but_changes_nothing(agent, site, slack, capsys):
    """The default: ledger and messages, no commit (R11)."""
    config = agent.clone / "ai_ops/config/ops_config.yaml"
    config.write_text(config.read_text().replace("mode: commit", "mode: observe"))
    tip = site.tip()
    assert agent.run() == 0
    assert site.tip() == tip
    assert (len(agent.ledger), len(slack.cards)) == (1, 1)
    assert "mode observe: recorded and reported" in capsys.readouterr().out


def test_a_knob_that_is_not_approved_waits_for_a_person(agent, site, capsys):
    """`approval.knobs` is an allow-list (R11)."""
    config = agent.clone / "ai_ops/config/ops_config.yaml"
    config.write_text(config.read_text() + "approval: {knobs: [cpu_scale_out_percent]}\n")
    tip = site.tip()
    assert agent.run() == 0
    assert site.tip() == tip
    assert "not listed under approval.knobs" in capsys.readouterr().out


def test_a_paused_agent_watches_and_moves_nothing(agent, site, capsys):
    """The kill switch is honoured by the next run (H26)."""
    from ai_ops.wiring import open_session

    with open_session(agent.place(), is_writing=True) as session:
        session.kill_switch.pause("release day", "ada", NOW)
    tip = site.tip()
    assert agent.run() == 0
    assert site.tip() == tip
    assert "paused: release day" in capsys.readouterr().out
    assert len(agent.ledger) == 1


def test_an_ignored_value_is_left_alone(agent, site, capsys):
    """A person's word beside a value wins."""
    site.human_pushes(
        TFVARS,
        site.content().replace(b"cpu_scale_in_percent     = 30", b"cpu_scale_in_percent = 30 # neuropilot: ignore"),
    )
    tip = site.tip()
    assert agent.run() == 0
    assert site.tip() == tip
    assert "neuropilot: ignore" in capsys.readouterr().out


def test_a_human_push_between_reading_and_writing_wins(agent, site):
    """The change is decided on the text as it stands on the remote, never on an old checkout (H17)."""
    theirs = site.content().replace(b"cpu_scale_in_percent     = 30", b"cpu_scale_in_percent     = 50")
    site.human_pushes(TFVARS, theirs)
    assert agent.run() == 0
    assert b"cpu_scale_in_percent     = 55" in site.content()


def test_the_memory_lives_on_its_branch_and_main_holds_only_decisions(tmp_path, dear_service, slack):
    """In CI all state is on neuropilot/state; a fresh clone goes on from there (H17, H18)."""
    site = make_agent_site(tmp_path, store="branch")
    environment = {"PROMETHEUS_URL": dear_service.url, "SLACK_WEBHOOK_URL": slack.url}
    first = Agent(site.clone("first", "--depth=1"), environment)
    assert first.run() == 0
    after_first = site.tip()
    second = Agent(site.clone("second", "--depth=1"), environment)
    assert second.run() == 0
    assert (site.tip(), len(slack.cards), len(second.ledger)) == (after_first, 1, 1)
    kept = git(site.remote, "ls-tree", "-r", "--name-only", "neuropilot/state").splitlines()
    assert {"ai_ops/state/episodes.jsonl", "ai_ops/state/sent.json", "ai_ops/models/metrics_history.json"} <= set(kept)
    assert not [
        path for path in git(site.remote, "ls-tree", "-r", "--name-only", "main").splitlines() if "state" in path
    ]


def test_the_step_summary_says_the_decision(agent, tmp_path):
    """A reader of the CI run needs no log."""
    assert agent.run(summary=tmp_path / "summary.md") == 0
    text = (tmp_path / "summary.md").read_text()
    assert "### web: raise cpu_scale_in_percent from 30 to 35" in text
    assert "```diff" in text

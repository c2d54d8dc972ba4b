"""Two runs meet: whatever the order, one decision, one commit, one card."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aftermath import check, commits, episodes, told
from agents import NOW
from collisions import arguments_of, before_push, environment_of, in_shell
from fakes.slack import Answer
from repositories import TFVARS, git

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents import Agent
    from nursery import Nursery

EPISODE = "web-20261102T00Z"
STATE = "neuropilot/state"
LATER = NOW + timedelta(minutes=20)


def run_at_once(runs: Nursery, agents: Iterable[Agent]) -> list[tuple[int, str]]:
    """Run real processes side by side; exit code and words of each."""
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda agent: runs.run(arguments_of(agent, NOW), environment_of(agent)), agents))
    return [(one.returncode, one.stdout + one.stderr) for one in done]


def lines_on_branch(site) -> list[str]:
    """Lines of the ledger as the state branch has it."""
    return site.content("ai_ops/state/episodes.jsonl", STATE).decode().splitlines()


def one_of_each(agent, site, slack) -> None:
    """Check that both runs together left what one run leaves."""
    check(agent, site, slack)
    assert commits(site) == told(slack) == {EPISODE: 1}


def test_in_one_checkout_the_second_waits_and_finds_the_work_done(agent, site, slack, runs):
    """One writer at a time in one checkout (H17)."""
    outcomes = run_at_once(runs, [agent, agent])
    assert [code for code, _ in outcomes] == [0, 0], outcomes
    one_of_each(agent, site, slack)
    assert [episode.id for episode in episodes(agent)] == [EPISODE]
    assert sum("already decided" in words for _, words in outcomes) == 1
    assert git(agent.clone, "status", "--porcelain") == ""


@pytest.mark.parametrize("attempt", range(3))
def test_in_two_clones_one_acts(two_agents, on_branch, slack, runs, attempt):
    """Two CI jobs start in the same second; who is faster differs from time to time (H17)."""
    outcomes = run_at_once(runs, two_agents)
    assert [code for code, _ in outcomes] == [0, 0], outcomes
    assert len(lines_on_branch(on_branch)) == 1
    for agent in two_agents:
        one_of_each(agent, on_branch, slack)


def test_a_whole_run_between_decision_and_record(two_agents, on_branch, slack, capsys):
    """The state moved while this run decided: it takes over that decision instead of its own (H17)."""
    first, second = two_agents
    before_push(on_branch, STATE, in_shell(second, NOW))
    assert first.run() == 0
    assert "Notifications: slack already sent" in capsys.readouterr().out
    assert "Notifications: slack sent" in (second.clone.with_suffix(".log")).read_text()
    assert len(lines_on_branch(on_branch)) == len(first.ledger) == 1
    one_of_each(first, on_branch, slack)


def test_a_whole_run_between_record_and_push(two_agents, on_branch, slack):
    """The other run finds the decision on record and delivers it; this one finds it delivered."""
    first, second = two_agents
    before_push(on_branch, "main", in_shell(second, NOW))
    assert first.run() == 0
    assert "already decided" in second.clone.with_suffix(".log").read_text()
    assert len(lines_on_branch(on_branch)) == 1
    one_of_each(first, on_branch, slack)


def test_a_run_that_died_after_recording_is_finished_by_the_other(two_agents, on_branch, slack, capsys):
    """Between two clones: the decision is on the branch, and nobody has delivered it."""
    first, second = two_agents
    before_push(on_branch, STATE, in_shell(second, NOW, "after remember"))
    assert first.run() == 0
    assert "already decided" in capsys.readouterr().out
    check(first, on_branch, slack)
    assert commits(on_branch) == {EPISODE: 1}
    assert len(lines_on_branch(on_branch)) == 1
    assert told(slack) == {}  # the dead run had taken the card: it may have arrived


def test_two_repeats_after_slack_was_busy_send_one_card(two_agents, on_branch, slack, capsys):
    """A message that is free again is taken on the branch before it is sent, as the first time."""
    first, second = two_agents
    slack.answer_next(*[Answer(429, "rate_limited", {"Retry-After": "0"})] * 3)
    assert first.run() == 0
    assert told(slack) == {}
    before_push(on_branch, STATE, in_shell(second, LATER))
    assert first.run(LATER) == 0
    assert "Notifications: slack already sent" in capsys.readouterr().out
    one_of_each(first, on_branch, slack)


def test_another_service_that_records_meanwhile_costs_nothing(two_agents, on_branch, slack):
    """Lines of both are kept, each behind the other's."""
    first, second = two_agents
    second.configure(service={"name": "api", "tfvars": {"file": TFVARS}})
    before_push(on_branch, STATE, in_shell(second, NOW))
    assert first.run() == 0
    check(first, on_branch, slack)
    assert {episode.service for episode in episodes(first)} == {"web", "api"}
    assert len(lines_on_branch(on_branch)) == 2


def test_a_pause_from_a_laptop_meets_a_run_in_ci(two_agents, on_branch, slack, capsys):
    """The pause reaches the branch first, so the run takes it over with the rest of the memory (H26)."""
    laptop, ci = two_agents
    tip = on_branch.tip()
    before_push(on_branch, STATE, in_shell(laptop, NOW, "pause"))
    assert ci.run() == 0
    assert on_branch.tip() == tip
    assert "paused: incident" in capsys.readouterr().out
    check(ci, on_branch, slack)


def test_the_state_branch_is_deleted_between_two_runs(two_agents, on_branch, slack):
    """Nothing is known of the past then; what was delivered is still delivered once."""
    first, second = two_agents
    assert first.run() == 0
    git(on_branch.remote, "update-ref", "-d", f"refs/heads/{STATE}")
    assert second.run(LATER) == 0
    check(second, on_branch)
    assert commits(on_branch) == {EPISODE: 1}

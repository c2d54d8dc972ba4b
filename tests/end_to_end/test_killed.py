"""SIGKILL at any moment: the next run goes on, nothing is done twice, and nothing is said twice (H24)."""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aftermath import check, commits, told
from agents import NEXT_PERIOD, NOW, Agent, make_agent_site
from collisions import arguments_of, before_push, environment_of
from fakes.flaky import FlakyServer, answer
from repositories import git

if TYPE_CHECKING:
    from datetime import datetime

    from fakes.flaky import Handler
    from nursery import Nursery

EPISODE, NEXT_EPISODE = "web-20261102T00Z", "web-20261102T06Z"
LATER = NOW + timedelta(minutes=20)
MOMENTS = [
    *(f"before {step}" for step in ("collect", "detect", "reward", "tune", "remember", "apply", "notify")),
    "after notify",
]


@pytest.fixture(params=["folders", "branch"])
def store(request):
    """Where the memory lives."""
    return request.param


@pytest.fixture
def site(tmp_path, store):
    """A remote whose team lets the agent commit."""
    return make_agent_site(tmp_path, store=store)


def die(runs: Nursery, agent: Agent, now: datetime, *moment: str) -> None:
    """Run in a process of its own, which somebody or something kills."""
    done = runs.run(arguments_of(agent, now, *moment), environment_of(agent))
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def survivor(agent: Agent, site, store: str, prometheus=None) -> Agent:
    """Who runs next: the same checkout, or a fresh one where CI makes one for each run."""
    environment = {**agent.environment, **({"PROMETHEUS_URL": prometheus.url} if prometheus else {})}
    clone = agent.clone if store == "folders" else site.clone(f"next-{len(list(site.remote.parent.iterdir()))}")
    return Agent(clone, environment)


@pytest.fixture
def late_survivor(site, store, later_service):
    """Gives who runs next, a period later."""
    return lambda agent: survivor(agent, site, store, later_service)


def cards(site, slack, store) -> None:
    """Check what was told: once where the memory stays here; where it travels, a claim may outlive its sender."""
    assert set(told(slack)) <= set(commits(site))
    if store == "folders":
        assert told(slack) == commits(site)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_run_in_the_period_brings_it_to_its_end(agent, site, slack, runs, store, moment):
    """One decision, one commit, and a checkout without traces of the accident."""
    die(runs, agent, NOW, moment)
    heir = survivor(agent, site, store)
    assert heir.run(LATER) == 0
    check(heir, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert len(heir.ledger) == 1
    cards(site, slack, store)
    assert git(heir.clone, "status", "--porcelain") == ""


@pytest.mark.parametrize("moment", ["before remember", "before apply", "before notify"])
def test_the_next_period_starts_from_what_is_true(agent, site, slack, runs, moment, late_survivor):
    """Nobody came back within the period: what had landed counts, what had not is decided afresh."""
    die(runs, agent, NOW, moment)
    landed = commits(site)
    assert landed == ({EPISODE: 1} if moment == "before notify" else {})
    heir = late_survivor(agent)
    assert heir.run(NEXT_PERIOD) == 0
    check(heir, site, slack)
    assert commits(site) == (landed or {NEXT_EPISODE: 1})
    assert len(heir.ledger) == (1 if moment == "before remember" else 2)


@pytest.mark.parametrize("ending", ["", "exit 1"], ids=["the push lands all the same", "the push is lost"])
def test_killed_while_the_change_is_pushed(agent, site, slack, runs, store, ending):
    """What git does after the death of its parent is up to git; the next run looks."""
    before_push(site, "main", f"kill -9 $(cat {agent.clone}.pid); {ending}")
    die(runs, agent, NOW)
    heir = survivor(agent, site, store)
    assert heir.run(LATER) == 0
    check(heir, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert len(heir.ledger) == 1
    cards(site, slack, store)


@pytest.mark.parametrize("store", ["branch"])
@pytest.mark.parametrize("ending", ["", "exit 1"], ids=["the push lands all the same", "the push is lost"])
@pytest.mark.parametrize("is_same_checkout", [True, False])
def test_killed_while_the_memory_is_pushed(agent, site, slack, runs, ending, is_same_checkout):
    """Recorded or not, the decision is made, kept and delivered once."""
    before_push(site, "neuropilot/state", f"kill -9 $(cat {agent.clone}.pid); {ending}")
    die(runs, agent, NOW)
    heir = survivor(agent, site, "folders" if is_same_checkout else "branch")
    assert heir.run(LATER) == 0
    check(heir, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert len(heir.ledger) == 1
    assert len(site.content("ai_ops/state/episodes.jsonl", "neuropilot/state").splitlines()) == 1


def test_killed_while_slack_takes_the_card(agent, site, runs, store):
    """It may have arrived, so it is not sent again."""

    def kill(_: Handler) -> None:
        os.kill(int(Path(f"{agent.clone}.pid").read_text()), signal.SIGKILL)

    with FlakyServer(kill, answer(200, b"ok")) as slack:
        agent.environment = {**agent.environment, "SLACK_WEBHOOK_URL": f"{slack.url}/services/T0/B0/x"}
        die(runs, agent, NOW)
        heir = survivor(agent, site, store)
        assert heir.run(LATER) == 0
        assert len(slack.asked) == 1
    check(heir, site)
    assert commits(site) == {EPISODE: 1}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments_again_and_again(agent, site, slack, runs, store, seed):
    """No moment is special: after any number of deaths one healthy run ends the period (H17, H18)."""
    rng, ends = random.Random(seed), []
    for _ in range(5):
        with Path(os.devnull).open("wb") as nobody:
            run = runs.begin(arguments_of(agent, NOW), environment_of(agent), nobody.fileno(), nobody.fileno())
        time.sleep(rng.uniform(0.0, 0.6))
        run.kill()
        ends.append(run.wait())
        agent = survivor(agent, site, store) if rng.random() < 0.5 else replace(agent, warnings=[])
    assert -signal.SIGKILL in ends
    heir = survivor(agent, site, store)
    assert heir.run(LATER) == 0
    check(heir, site, slack, may_litter=True)
    assert commits(site) == {EPISODE: 1}
    assert len(heir.ledger) == 1

"""The kill switch waits for nobody, gets lost nowhere, and says how far it reaches (H26)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from agents import CONFIG, NOW, Agent, make_agent_site
from collisions import before_push, environment_of
from repositories import git

from ai_ops.domain.errors import DeliveryError
from ai_ops.wiring import kill_switch

HELD_RUN = Path(__file__).parent / "held_run.py"
STATE = "neuropilot/state"
PAUSED = "ai_ops/state/paused.json"


def paused_on_branch(site) -> bool:
    """Whether the state branch holds a pause."""
    return PAUSED in git(site.remote, "ls-tree", "-r", "--name-only", STATE).split()


@pytest.mark.parametrize("store", ["folders", "branch"])
def test_a_pause_does_not_wait_for_the_run_that_it_stops(two_agents, on_branch, tmp_path, store):
    """A real run holds the checkout in the middle of its work: the pause comes at once, and the run heeds it."""
    agent, _ = two_agents
    agent.configure(state={"store": store})
    tip, go_on = on_branch.tip(), tmp_path / "go on"
    command = [sys.executable, HELD_RUN, agent.clone, NOW.isoformat(), go_on]
    with subprocess.Popen(command, env=environment_of(agent), stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        assert run.stdout.readline() == "ready\n"
        kill_switch.pause(agent.place(), "incident", "ada")
        assert (agent.clone / PAUSED).exists()
        assert run.poll() is None, "the run is still in the middle of its work"
        go_on.touch()
        assert "paused: incident (by ada" in run.stdout.read()
    assert run.returncode == 0
    assert on_branch.tip() == tip
    assert store == "folders" or paused_on_branch(on_branch)


def test_a_pause_and_its_end_reach_every_checkout(two_agents, on_branch):
    """From the laptop that paused, through the branch, to another that resumes, and back."""
    one, two = two_agents
    kill_switch.pause(one.place(), "release day", "ada")
    with two.session() as session:
        assert session.pause_in_words() == "release day (by ada, 2026-11-02 00:03 UTC)"
    assert kill_switch.resume(two.place())
    assert not paused_on_branch(on_branch)
    with one.session() as session:
        assert session.pause_in_words() is None
    assert not kill_switch.resume(two.place())


def test_a_pause_is_written_again_when_others_write_first(two_agents, on_branch):
    """A busy branch delays it by a moment, no more."""
    one, two = two_agents
    kill_switch.pause(two.place(), "there is a branch", "ada")
    assert kill_switch.resume(two.place())
    commit = f"git commit-tree -p {STATE} -m busy -m 'Commits: 4' {STATE}^{{tree}}"
    rewrite = f"git update-ref refs/heads/{STATE} $({commit})"
    identity = "GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@y.invalid GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@y.invalid"
    before_push(on_branch, STATE, f"export {identity}; {rewrite}", times=2)
    kill_switch.pause(one.place(), "incident", "ada")
    assert git(on_branch.remote, "log", "--format=%s", STATE).split("\n")[:3] == ["pause: incident", "busy", "busy"]
    assert paused_on_branch(on_branch)


@pytest.mark.parametrize("store", ["auto", "branch"])
def test_without_the_remote_this_checkout_is_paused_all_the_same(two_agents, on_branch, store):
    """It is said how far the pause reaches, and the next run that reaches the remote carries it there."""
    agent, _ = two_agents
    kill_switch.pause(agent.place(), "there is a branch", "ada")
    kill_switch.resume(agent.place())
    agent.configure(state={"store": store})
    away = on_branch.remote.with_name("away.git")
    on_branch.remote.rename(away)
    with pytest.raises(DeliveryError, match="only this checkout is paused") as caught:
        kill_switch.pause(agent.place(), "incident", "ada")
    assert caught.value.exit_code == 4
    assert json.loads((agent.clone / PAUSED).read_text())["reason"] == "incident"
    away.rename(on_branch.remote)
    with agent.session() as session:
        assert session.pause_in_words()
        session.keep("carry on")
    assert paused_on_branch(on_branch)


def test_without_the_remote_a_pause_on_the_branch_goes_on(two_agents, on_branch):
    """Nobody believes that all is resumed when it is not."""
    agent, _ = two_agents
    kill_switch.pause(agent.place(), "incident", "ada")
    on_branch.refuse_pushes("no")
    with pytest.raises(DeliveryError, match="only this checkout is resumed"):
        kill_switch.resume(agent.place())
    with agent.session() as session:
        assert session.pause_in_words()


@pytest.mark.parametrize("text", ["mod: commit\nstate: {store: branch, branch: our/state}\n", "state: [\n"])
def test_a_mistake_in_the_settings_does_not_refuse_a_pause(two_agents, on_branch, text):
    """Whoever pulls the brake has no time to mend settings; where the memory lives is still heeded if readable."""
    agent, _ = two_agents
    (agent.clone / CONFIG).write_text(text)
    kill_switch.pause(agent.place(), "incident", "ada")
    assert (agent.clone / PAUSED).exists()
    assert ("our/state" in text) == bool(on_branch.tip("our/state"))
    assert any("the settings are wrong" in warning for warning in agent.warnings)
    assert kill_switch.resume(agent.place())


@pytest.mark.parametrize(
    "state", ["{store: branch, branch: HEAD}", "{store: branch, branch: neuropilot/web}", "{store: brunch}", "7"]
)
def test_a_pause_is_pushed_to_no_branch_that_the_settings_refuse(two_agents, on_branch, state):
    """It holds here at once, and whoever pulled the brake is told that it reaches no further."""
    agent, _ = two_agents
    before = git(on_branch.remote, "for-each-ref")
    (agent.clone / CONFIG).write_text(f"services: [{{name: web}}]\nstate: {state}\n")
    with pytest.raises(DeliveryError, match=r"only this checkout is paused.*state"):
        kill_switch.pause(agent.place(), "incident", "ada")
    assert (agent.clone / PAUSED).exists()
    assert git(on_branch.remote, "for-each-ref") == before
    with pytest.raises(DeliveryError, match="only this checkout is resumed"):
        kill_switch.resume(agent.place())
    assert not (agent.clone / PAUSED).exists()


def test_a_pause_before_the_first_run_on_the_branch_keeps_the_past(two_agents, on_branch):
    """The pause makes the branch; the episodes of this checkout follow with the next push."""
    agent, _ = two_agents
    agent.configure(state={"store": "folders"})
    assert agent.run() == 0
    agent.configure(state={"store": "branch"})
    kill_switch.pause(agent.place(), "incident", "ada")
    (before,) = agent.ledger
    with agent.session() as session:
        session.keep("go on")
    assert agent.ledger == [before]
    assert on_branch.content("ai_ops/state/episodes.jsonl", STATE).decode().splitlines() == [before]
    assert not any("set-aside" in warning for warning in agent.warnings)


def test_a_pause_without_a_remote_is_a_file(tmp_path):
    """Folders need neither git nor a remote."""
    site = make_agent_site(tmp_path)
    clone = site.clone("bare-bones")
    git(clone, "remote", "remove", "origin")
    agent = Agent(clone, {})
    kill_switch.pause(agent.place(), "incident", "ada")
    assert (clone / PAUSED).exists()
    assert kill_switch.resume(agent.place())

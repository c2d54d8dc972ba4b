"""`neuropilot rollback`: a person takes a decision back, on a real remote."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aftermath import commits, episodes
from agents import Agent
from fakes.github import FakeGitHub
from fakes.github_state import APP_TOKEN
from proposing import BEGIN, BRANCH, SAVE, SAVE_MORE, SECURE, SETTINGS, SIX_HOURS, environment, run_wanting, site_with
from repositories import TFVARS, git

from ai_ops.cli.main import exit_code_of
from ai_ops.cli.rollback import rollback
from ai_ops.domain.cycle import ROLLBACK
from ai_ops.store.ledger import Ledger
from ai_ops.wiring import open_session
from ai_ops.wiring.rollback import take_back

if TYPE_CHECKING:
    from pathlib import Path

    from repositories import Site

COMMITTING = SETTINGS.replace("mode: propose", "mode: commit")
LATER = BEGIN + timedelta(hours=1)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A remote whose team lets the agent commit."""
    return site_with(tmp_path, settings=COMMITTING)


@pytest.fixture
def agent(site: Site) -> Agent:
    """Its agent."""
    return Agent(site.clone("checkout"), {})


def ask(agent: Agent, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the command line, in the checkout, with the agent's environment."""
    import typer

    for name, value in agent.environment.items():
        monkeypatch.setenv(name, value)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(rollback)
    return exit_code_of(app, [*arguments, "--root", str(agent.clone)])


def test_the_file_is_what_it_was_and_the_ledger_says_why(site, agent, monkeypatch, capsys):
    """One commit back, with a line of its own; what was decided stays on record (S001-138, S001-143)."""
    before = site.content()
    taken = run_wanting(agent, BEGIN, (SAVE, SECURE)).episode
    assert site.content() != before

    assert ask(agent, taken.id, "--because", "the night was cold", "--apply", monkeypatch=monkeypatch) == 0

    assert site.content() == before
    first, second = episodes(agent)
    assert first.id == taken.id
    assert second.policy == ROLLBACK
    assert f"takes {taken.id} back: the night was cold" in second.decision.reasons[0]
    assert commits(site) == {first.id: 1, second.id: 1}
    assert Ledger(agent.state, warn=lambda _: None).verify() == ()
    assert "Change: committed" in capsys.readouterr().out


def test_without_apply_it_only_shows_the_diff(site, agent, monkeypatch, capsys):
    """Whoever is in a hurry looks first."""
    taken = run_wanting(agent, BEGIN, (SAVE,)).episode
    tip = site.tip()
    assert ask(agent, taken.id, monkeypatch=monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "-cpu_scale_in_percent     = 35" in shown
    assert "+cpu_scale_in_percent     = 30" in shown
    assert site.tip() == tip
    assert len(episodes(agent)) == 1


def test_what_somebody_moved_since_is_not_overwritten(site, agent, monkeypatch, capsys):
    """A guardrail refuses with exit code 3, and says where the knob stands."""
    taken = run_wanting(agent, BEGIN, (SAVE,)).episode
    site.human_pushes(
        TFVARS, site.content().replace(b"cpu_scale_in_percent     = 35", b"cpu_scale_in_percent     = 33")
    )
    assert ask(agent, taken.id, "--apply", monkeypatch=monkeypatch) == 3
    assert "now it stands at 33" in capsys.readouterr().err
    assert len(episodes(agent)) == 1


def test_what_is_not_live_cannot_be_taken_back(agent, monkeypatch, capsys):
    """Twice is once."""
    taken = run_wanting(agent, BEGIN, (SAVE,)).episode
    assert ask(agent, taken.id, "--apply", monkeypatch=monkeypatch) == 0
    assert ask(agent, taken.id, "--apply", monkeypatch=monkeypatch) == 3
    assert f"{taken.id} is not live" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("episode", "words"),
    [("web-20200101T00Z", "there is no episode"), ("HELD", "it moved nothing that could be taken back")],
)
def test_what_moved_nothing_is_a_wrong_question(agent, monkeypatch, capsys, episode, words):
    """Exit code 1, and where to look."""
    held = run_wanting(agent, BEGIN, ()).episode
    assert ask(agent, held.id if episode == "HELD" else episode, "--apply", monkeypatch=monkeypatch) == 1
    assert words in capsys.readouterr().err


def test_a_pause_keeps_the_agent_from_acting_and_not_people(site, agent, monkeypatch):
    """Who pulls the brake usually wants to undo next (H26)."""
    before = site.content()
    taken = run_wanting(agent, BEGIN, (SAVE,)).episode
    agent.pause("incident")
    site.human_pushes("ai_ops/STOP", b"incident\n")
    assert ask(agent, taken.id, "--apply", monkeypatch=monkeypatch) == 0
    assert site.content() == before


def test_in_mode_observe_nothing_is_changed(site, agent, monkeypatch, capsys):
    """The mode binds everybody who acts through the agent; git is free."""
    taken = run_wanting(agent, BEGIN, (SAVE,)).episode
    tip = site.tip()
    agent.configure(mode="observe")
    git(agent.clone, "pull", "-q", "--rebase", "--autostash")
    assert ask(agent, taken.id, "--apply", monkeypatch=monkeypatch) == 3
    assert "`git revert`" in capsys.readouterr().err
    assert site.tip() == tip


def test_the_schedule_goes_on_after_a_rollback_in_the_same_period(site, agent):
    """What a person did is no decision of the agent on that period."""
    taken = run_wanting(agent, BEGIN, (SAVE,)).episode
    with open_session(agent.place(BEGIN + SIX_HOURS), is_writing=True) as session:
        take_back(session, taken.id, by="ada", because="no")
    result = run_wanting(agent, BEGIN + SIX_HOURS + timedelta(minutes=5), (SECURE,))
    assert not result.is_repeat
    assert b"cpu_scale_out_percent    = 75" in site.content()


def test_in_mode_propose_it_is_a_pull_request(tmp_path, monkeypatch, capsys):
    """The way back is reviewed like the way there."""
    site = site_with(tmp_path)
    now = [BEGIN]
    with FakeGitHub(site.remote, clock=lambda: now[0]) as github:
        agent = Agent(site.clone("checkout"), environment(github, APP_TOKEN))
        taken = run_wanting(agent, now[0], (SAVE,)).episode
        github.human_merges(1)
        now[0] += SIX_HOURS
        assert ask(agent, taken.id, "--apply", "--json", monkeypatch=monkeypatch) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["delivery"]["status"] == "proposed"
        assert document["delivery"]["url"].endswith("/2")
        assert b"cpu_scale_in_percent     = 30" in site.content(branch=BRANCH)
        assert b"cpu_scale_in_percent     = 35" in site.content()


def test_what_a_person_asked_for_is_not_replaced_by_what_the_agent_wants(tmp_path):
    """Their request stays until somebody decides on it, and neither rests nor counts among the openings."""
    site = site_with(tmp_path)
    now = [BEGIN]
    with FakeGitHub(site.remote, clock=lambda: now[0]) as github:
        agent = Agent(site.clone("checkout"), environment(github, APP_TOKEN))
        agent.configure(pull_requests={"openings_per_week": 1})
        taken = run_wanting(agent, now[0], (SAVE,)).episode
        github.human_merges(1)
        now[0] += SIX_HOURS
        with open_session(agent.place(now[0]), is_writing=True) as session:
            assert take_back(session, taken.id, by="ada", because="no").delivery.url.endswith("/2")
        for days in (1, 3):
            now[0] = BEGIN + timedelta(days=days)
            result = run_wanting(agent, now[0], (replace(SAVE, before=35.0, after=40.0),) if days == 1 else ())
            assert days != 1 or "#2 takes back what a person wants back" in result.delivery.reason
            assert b"cpu_scale_in_percent     = 30" in site.content(branch=BRANCH)
            assert [pull.state for pull in github.pulls] == ["closed", "open"]


def test_a_decision_of_a_service_that_is_gone_is_told(agent, monkeypatch, capsys):
    """Nobody knows its knobs any more."""
    taken = run_wanting(agent, BEGIN, (replace(SAVE_MORE, after=36.0),)).episode
    agent.configure(service={"name": "api"})
    assert ask(agent, taken.id, "--apply", monkeypatch=monkeypatch) == 1
    assert "the settings know no such service" in capsys.readouterr().err

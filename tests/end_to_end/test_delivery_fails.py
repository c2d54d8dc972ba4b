"""The change cannot be delivered: the ledger keeps the decision, people win, and the next run tells what is true."""

from __future__ import annotations

from datetime import timedelta

from aftermath import check, commits, episodes, told
from agents import NEXT_PERIOD, NOW
from collisions import before_push, colleague_first
from repositories import TFVARS, git

from ai_ops.ops_brain import ATTEMPTS

KNOB = b"cpu_scale_in_percent     = "
LATER = NOW + timedelta(minutes=20)
EPISODE = "web-20261102T00Z"


def test_a_human_edit_of_the_same_value_wins(agent, site, slack, capsys):
    """Pushed between decision and push: it is fetched, decided on anew, and respected (H17)."""
    (theirs,) = colleague_first(site, (TFVARS, site.content().replace(KNOB + b"30", KNOB + b"50")))
    assert agent.run() == 0
    check(agent, site, slack)
    assert site.tip() == theirs
    first, second = episodes(agent)
    assert (first.id, second.id) == (EPISODE, f"{EPISODE}.2")
    assert not first.decision.is_hold
    assert second.decision.is_hold
    assert "a person moved cpu_scale_in_percent from 30 to 50" in capsys.readouterr().out
    assert told(slack) == {second.id: 1}


def test_a_human_edit_of_something_else_is_built_upon(agent, site, slack):
    """The same change goes on top of theirs, as a decision of its own (H17)."""
    (theirs,) = colleague_first(site, ("README.md", b"# Ours\n"))
    assert agent.run() == 0
    check(agent, site, slack)
    assert git(site.remote, "rev-parse", f"{site.tip()}^") == theirs
    assert KNOB + b"35" in site.content()
    assert site.content("README.md") == b"# Ours\n"
    assert commits(site) == told(slack) == {f"{EPISODE}.2": 1}


def test_humans_who_are_always_faster_are_never_overrun(agent, site, slack, capsys):
    """After a few lost races the run says so; the next one starts from what stands there."""
    theirs = colleague_first(site, *((f"notes/{number}.md", b"busy\n") for number in range(ATTEMPTS)))
    assert agent.run() == 4
    check(agent, site, slack)
    assert site.tip() == theirs[-1]
    assert "somebody else wrote first" in capsys.readouterr().err
    assert len(agent.ledger) == ATTEMPTS
    assert agent.run(LATER) == 0
    check(agent, site, slack)
    assert KNOB + b"35" in site.content()


def test_the_same_edit_by_a_human_needs_no_second_decision(agent, site, slack, capsys):
    """Somebody did by hand what was decided, a second earlier: it is live, and that is told."""
    (theirs,) = colleague_first(site, (TFVARS, site.content().replace(KNOB + b"30", KNOB + b"35")))
    assert agent.run() == 0
    check(agent, site, slack)
    assert site.tip() == theirs
    assert [episode.id for episode in episodes(agent)] == [EPISODE]
    assert "already live" in capsys.readouterr().out
    assert told(slack) == {EPISODE: 1}


def test_a_protected_branch_is_respected_and_later_runs_tell_what_is_true(agent, site, slack, capsys):
    """Exit 4 with the way out; the decision is on record, and its card goes out once it has an end."""
    tip = site.tip()
    site.refuse_pushes("GH006: Protected branch update failed for refs/heads/main.")
    assert agent.run() == 4
    check(agent, site, slack)
    assert site.tip() == tip
    assert [episode.id for episode in episodes(agent)] == [EPISODE]
    said = capsys.readouterr().err
    assert "Protected branch update failed" in said
    assert "name another branch in `repository.branch`" in said
    assert told(slack) == {}
    (site.remote / "hooks/pre-receive").unlink()
    assert agent.run(LATER) == 0
    check(agent, site, slack)
    assert commits(site) == told(slack) == {EPISODE: 1}


def test_a_decision_that_never_landed_earns_nothing(agent, site, slack, capsys, later_service):
    """The next period reads from the settings that the change is not there, and decides afresh."""
    site.refuse_pushes("GH006: Protected branch update failed for refs/heads/main.")
    assert agent.run() == 4
    (site.remote / "hooks/pre-receive").unlink()
    agent.environment = {**agent.environment, "PROMETHEUS_URL": later_service.url}
    capsys.readouterr()
    assert agent.run(NEXT_PERIOD) == 0
    check(agent, site, slack)
    assert f"earned by the change of {EPISODE}" not in capsys.readouterr().out
    assert commits(site) == told(slack) == {"web-20261102T06Z": 1}


def test_a_pause_between_decision_and_delivery_holds(agent, site, slack, capsys):
    """A decision that could not be delivered yet is not delivered while somebody has paused the agent (H26)."""
    site.refuse_pushes("busy")
    assert agent.run() == 4
    (site.remote / "hooks/pre-receive").unlink()
    tip = site.tip()
    agent.pause("release day")
    capsys.readouterr()
    assert agent.run(LATER) == 0
    check(agent, site, slack)
    assert site.tip() == tip
    assert "paused: release day" in capsys.readouterr().out


def test_a_remote_that_is_gone_decides_nothing(agent, site, slack, capsys):
    """Without the text that a change would go to there is nothing to decide on."""
    site.remote.rename(gone := site.remote.with_suffix(".gone"))
    assert agent.run() == 4
    assert agent.ledger == []
    assert slack.cards == []
    said = capsys.readouterr().err
    assert "the remote origin cannot be read" in said
    assert "see whether `git ls-remote` reaches the remote" in said
    gone.rename(site.remote)
    assert agent.run() == 0
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}


def test_a_remote_that_goes_away_during_the_push(agent, site, slack, capsys):
    """The decision stays on record; it is delivered, once, when the remote is back."""
    gone = site.remote.with_suffix(".gone")
    before_push(site, "main", f"mv {site.remote} {gone}; exit 1")
    assert agent.run() == 4
    assert len(agent.ledger) == 1
    assert "main was not updated" in capsys.readouterr().err
    gone.rename(site.remote)
    assert agent.run(LATER) == 0
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert len(agent.ledger) == 1


def test_a_state_branch_that_refuses_keeps_main_as_it_is(two_agents, on_branch, slack, capsys):
    """A decision that could not be recorded is never applied."""
    (agent, _), site = two_agents, on_branch
    tip = site.tip()
    site.refuse_pushes("the state branch is locked")
    assert agent.run() == 4
    assert (site.tip(), site.tip("neuropilot/state"), slack.cards) == (tip, "", [])
    assert "the state branch is locked" in capsys.readouterr().err
    (site.remote / "hooks/pre-receive").unlink()
    assert agent.run(LATER) == 0
    check(agent, site, slack)
    assert commits(site) == told(slack) == {EPISODE: 1}

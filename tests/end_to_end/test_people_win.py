"""A person's word wins, also against the agent's memory."""

from __future__ import annotations

import shutil
from datetime import timedelta

from agents import NEXT_PERIOD, NOW
from repositories import TFVARS

LINE, CHANGED = b"cpu_scale_in_percent     = 30", b"cpu_scale_in_percent     = 35"


def test_a_change_that_a_person_takes_back_stays_taken_back(agent, site, later_service, capsys):
    """Reverted before the next run looks: the commit on the branch is the witness (H42)."""
    assert agent.run() == 0
    assert CHANGED in site.content()
    site.human_pushes(TFVARS, site.content().replace(CHANGED, LINE))
    tip = site.tip()
    agent.environment = {"PROMETHEUS_URL": later_service.url}
    assert agent.run(NEXT_PERIOD) == 0
    assert site.tip() == tip
    told = capsys.readouterr().out
    assert "24 h must pass" in told or "a person moved cpu_scale_in_percent" in told


def test_a_lost_memory_moves_nothing_for_a_day(agent, site, later_service, capsys):
    """Missing state never moves a threshold; the branch still knows that something was changed (H32)."""
    assert agent.run() == 0
    shutil.rmtree(agent.clone / "ai_ops/state")
    tip = site.tip()
    agent.environment = {"PROMETHEUS_URL": later_service.url}
    assert agent.run(NEXT_PERIOD) == 0
    assert site.tip() == tip
    assert "the memory was lost" in capsys.readouterr().out


def test_what_was_decided_on_other_settings_is_decided_anew(agent, site, capsys):
    """A push that failed is not made up for hours later, when a person has changed the settings around it."""
    site.refuse_pushes("closed for lunch")
    assert agent.run() == 4
    (site.remote / "hooks/pre-receive").unlink()
    site.human_pushes(
        TFVARS, site.content().replace(b"cpu_scale_out_percent    = 80", b"cpu_scale_out_percent    = 50")
    )
    assert agent.run(NOW + timedelta(hours=2)) == 0
    assert LINE in site.content()
    assert "Episode: web-20261102T00Z.2" in capsys.readouterr().out


def test_a_dry_run_previews_the_branch_that_it_would_change(agent, site, capsys):
    """A stale clone must not preview yesterday's settings."""
    site.human_pushes(TFVARS, site.content().replace(LINE, b"cpu_scale_in_percent     = 40"))
    assert agent.run(is_acting=False) == 0
    assert "raise cpu_scale_in_percent from 40 to 45" in capsys.readouterr().out


def test_what_was_only_watched_is_decided_anew_when_it_may_be_committed(agent, site, slack):
    """The episode of a commit says mode commit, and its card says committed."""
    agent.configure(mode="observe")
    assert agent.run() == 0
    agent.configure(mode="commit")
    assert agent.run(NOW + timedelta(minutes=20)) == 0
    assert CHANGED in site.content()
    assert [len(agent.ledger), len(slack.cards)] == [2, 2]
    assert '"mode":"commit"' in agent.ledger[1]

"""Slack is down, slow or strange: the run is degraded, never failed, and a card is never sent twice."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from aftermath import check, commits, told
from agents import NOW
from fakes.slack import Answer

EPISODE = "web-20261102T00Z"
LATER = NOW + timedelta(minutes=20)
BUSY = Answer(429, "rate_limited", {"Retry-After": "0"})


def degraded(agent, site, slack, capsys) -> str:
    """Run while Slack fails: the change lands, exit code 0, and the silence is said; the words on stdout."""
    assert agent.run() == 0
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    said = capsys.readouterr()
    assert "Degraded: slack" in said.out
    assert said.err == ""
    return said.out


def test_slack_down_is_tried_again_by_the_next_run(agent, site, slack, capsys):
    """Nothing can have arrived, so the same card goes out once Slack is back."""
    webhook = agent.environment["SLACK_WEBHOOK_URL"]
    agent.environment = {**agent.environment, "SLACK_WEBHOOK_URL": "http://127.0.0.1:1/services/T0/B0/x"}
    assert "Slack could not be reached (" in degraded(agent, site, slack, capsys)
    agent.environment = {**agent.environment, "SLACK_WEBHOOK_URL": webhook}
    assert agent.run(LATER) == 0
    assert told(slack) == commits(site) == {EPISODE: 1}


def test_slack_that_wants_fewer_messages_is_told_later(agent, site, slack, capsys):
    """429 means that it was not taken."""
    slack.answer_next(BUSY, BUSY, BUSY)
    assert "rate_limited (HTTP 429)" in degraded(agent, site, slack, capsys)
    assert told(slack) == {}
    assert agent.run(LATER) == 0
    assert told(slack) == {EPISODE: 1}


def test_slack_that_hangs_up_may_have_taken_it(agent, site, slack, capsys):
    """Nobody knows, so it is not sent again; the run says where to look."""
    slack.hang_up_next()
    assert "it may have arrived, so it is not sent again" in degraded(agent, site, slack, capsys)
    assert agent.run(LATER) == 0
    assert told(slack) == {EPISODE: 1}


@pytest.mark.slow
def test_slack_that_hangs_does_not_hold_the_run(agent, site, slack, capsys):
    """An answer that comes too late counts as lost."""
    slack.hang_next(60)
    began = time.monotonic()
    assert "did not answer within 10 s" in degraded(agent, site, slack, capsys)
    assert time.monotonic() - began < 20
    assert agent.run(LATER) == 0
    assert told(slack) == {EPISODE: 1}


def test_ten_cards_an_hour_hold_over_runs(agent, site, slack, capsys):
    """A spent budget is no fault: the card waits for the hour to pass (S001-131, H31)."""
    agent.configure(rate_limits={"slack_notifications_per_hour": 1})
    with agent.session() as session:
        session.budget("slack_notifications", 1).spend()
    assert agent.run() == 0
    said = capsys.readouterr().out
    assert "slack skipped (all 1 of this hour are spent; the next is free at 2026-11-02 01:03:00 UTC" in said
    assert "Degraded" not in said
    assert agent.run(NOW + timedelta(hours=2)) == 0
    check(agent, site, slack)
    assert told(slack) == {EPISODE: 1}

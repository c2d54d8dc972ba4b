"""A cycle in the night is told in the morning by whichever run comes first; quiet ones come with the report."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from aftermath import check, commits, told
from agents import NEXT_PERIOD, NOW
from repositories import git

from ai_ops.domain.message import Message, MessageKind
from ai_ops.wiring.session import finish, open_session
from ai_ops.wiring.telling.tell import tell

if TYPE_CHECKING:
    from repositories import Site

EPISODE = "web-20261102T00Z"
MORNING = NOW.replace(hour=7, minute=20)


def claims(site: Site) -> dict[str, str]:
    """By key, how far the messages came that the branch knows of."""
    if "ai_ops/state/sent.json" not in git(site.remote, "ls-tree", "-r", "--name-only", "neuropilot/state").split():
        return {}
    sent = json.loads(git(site.remote, "show", "neuropilot/state:ai_ops/state/sent.json"))
    return {key: entry["state"] for kept in sent["channels"].values() for key, entry in kept.items()}


def test_what_is_decided_in_the_night_is_told_in_the_morning(two_agents, on_branch, slack, capsys):
    """Delivered at once, told later: the card that waits is claimed by nobody until it leaves."""
    for agent in two_agents:
        agent.configure(channels={"slack": {"quiet_hours": "22:00-07:00"}})
    night, morning = two_agents
    assert night.run() == 0
    assert "slack held (until quiet hours end at 2026-11-02 07:00 UTC)" in (said := capsys.readouterr().out)
    assert "Degraded" not in said
    assert commits(on_branch) == {EPISODE: 1}
    assert claims(on_branch) == told(slack) == {}
    assert morning.run(MORNING) == 0
    assert f"slack sent ({EPISODE}, which waited)" in capsys.readouterr().out
    assert told(slack)[EPISODE] == 1
    assert claims(on_branch)[EPISODE] == "sent"
    assert night.run(MORNING + timedelta(minutes=20)) == 0
    check(night, on_branch, slack)
    assert set(told(slack).values()) == {1}


def test_quiet_cycles_are_told_together_with_the_report(agent, site, slack, capsys):
    """Two cycles and a report are two cards."""
    agent.configure(channels={"slack": {"digest_below": "critical"}})
    assert agent.run() == 0
    assert agent.run(NEXT_PERIOD) == 0
    assert capsys.readouterr().out.count("slack held (until the next report") == 2
    assert slack.cards == []
    report = Message("report-1", "All is calm", (), ("nothing to do",), kind=MessageKind.DAILY_REPORT)
    with open_session(agent.place(NEXT_PERIOD), is_writing=True) as session:
        assert [receipt.status for receipt in tell(session, report)] == ["sent", "sent"]
        assert finish(session) is None
    digest = json.dumps(slack.cards[0], ensure_ascii=False)
    assert len(slack.cards) == 2
    assert "2 messages since 02 Nov 00:03 UTC" in digest
    assert "web: " in digest
    assert agent.run(NEXT_PERIOD + timedelta(minutes=20)) == 0
    assert len(slack.cards) == 2
    check(agent, site)


def test_a_team_words_its_cards_itself(agent, slack, capsys):
    """And is told what is wrong with its words, while the built-in ones are sent."""
    template = agent.clone / "ops/card.j2"
    template.parent.mkdir()
    template.write_text("{{ service|upper }} was looked after\n{{ facts[0][0] }}: {{ facts[0][1] }}\n")
    agent.configure(channels={"slack": {"template": "ops/card.j2"}})
    assert agent.run() == 0
    assert "WEB was looked after" in json.dumps(slack.cards[0])
    template.write_text("fine\n{{ nope }}")
    assert agent.run(NEXT_PERIOD) == 0
    assert "ops/card.j2, line 2: 'nope' is undefined" in capsys.readouterr().out
    assert len(slack.cards) == 2

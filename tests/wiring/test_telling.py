"""Two checkouts that share their memory tell people once, and between them lose nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aftermath import told
from agents import NOW, Agent, make_agent_site
from fakes.pagerduty import ROUTING_KEY, FakePagerDuty
from fakes.pagerduty import Answer as PagerDutyAnswer
from fakes.slack import Answer, FakeSlack
from posting import a_message, a_report, critical
from repositories import git, isolate

from ai_ops.domain.errors import ConfigError, DeliveryError
from ai_ops.domain.message import AlarmNotice, Level
from ai_ops.wiring.session import finish, open_session
from ai_ops.wiring.telling.replay import listen, records, replay, send_test
from ai_ops.wiring.telling.tell import tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from repositories import Site

    from ai_ops.domain.message import Message

HOUR = timedelta(hours=1)
MORNING = NOW.replace(hour=7, minute=30)
QUIET = {"slack": {"quiet_hours": "22:00-07:00"}}
NONSENSE, BUSY = Answer(200, "<html>"), Answer(429, "rate_limited", {"Retry-After": "0"})
DOWN = (BUSY, BUSY, BUSY)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A webhook that enforces Slack's limits."""
    with FakeSlack() as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A remote on whose branch the agent remembers."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, store="branch")


@pytest.fixture
def agents(site: Site, slack: FakeSlack) -> tuple[Agent, Agent]:
    """The agent in two checkouts."""
    environment = {"SLACK_WEBHOOK_URL": slack.url}
    return tuple(Agent(site.clone(name, "--depth=1"), environment) for name in ("first", "second"))


def run(agent: Agent, message: Message, now=NOW, *, is_finished: bool = True) -> list[str]:
    """Tell one message in a run of its own; the statuses of its receipts."""
    with open_session(agent.place(now), is_writing=True) as session:
        receipts = tell(session, message)
        if is_finished:
            assert finish(session) is None
    return [receipt.status for receipt in receipts]


def on_branch(site: Site, name: str) -> dict:
    """A state file as the branch has it."""
    return json.loads(git(site.remote, "show", f"neuropilot/state:ai_ops/state/{name}"))


def test_a_message_is_told_once_by_both(agents: tuple[Agent, Agent], slack: FakeSlack) -> None:
    """The second checkout finds it sent (H18)."""
    first, second = agents
    assert run(first, a_report()) == ["sent"]
    assert run(second, a_report()) == ["already sent"]
    assert told(slack) == {"report-1": 1}


def test_a_run_that_dies_after_sending_is_not_followed_by_a_second_card(
    agents: tuple[Agent, Agent], slack: FakeSlack
) -> None:
    """The claim is on the branch before the card leaves (H24)."""
    first, second = agents
    assert run(first, a_report(), is_finished=False) == ["sent"]
    assert run(second, a_report()) == ["skipped"]
    assert told(slack) == {"report-1": 1}


def test_what_waits_is_sent_by_whichever_run_comes_first_in_the_morning(
    agents: tuple[Agent, Agent], site: Site, slack: FakeSlack
) -> None:
    """It travels with the memory, unclaimed; and the other checkout has nothing left to send."""
    for agent in agents:
        agent.configure(channels=QUIET)
    first, second = agents
    assert run(first, a_message("web-1")) == ["held"]
    assert on_branch(site, "undelivered.json")["waiting"][0]["message"]["key"] == "web-1"
    assert git(site.remote, "ls-tree", "-r", "--name-only", "neuropilot/state").count("sent.json") == 0
    assert run(second, a_message("web-2"), MORNING) == ["sent", "sent"]
    assert run(first, a_message("web-3"), MORNING + HOUR) == ["sent"]
    assert told(slack) == {"web-1": 1, "web-2": 1, "web-3": 1}
    assert on_branch(site, "undelivered.json")["waiting"] == []


def test_two_runs_at_once_in_the_morning_send_what_waits_once(agents: tuple[Agent, Agent], slack: FakeSlack) -> None:
    """Both have read that it waits; one of them claims it."""
    for agent in agents:
        agent.configure(channels=QUIET)
    first, second = agents
    run(first, a_message("web-1"))
    with (
        open_session(first.place(MORNING), is_writing=True) as one,
        open_session(second.place(MORNING), is_writing=True) as other,
    ):
        tell(one, a_message("web-2"))
        tell(other, a_message("web-3"))
        assert finish(one) is None
        assert finish(other) is None
    assert told(slack) == {"web-1": 1, "web-2": 1, "web-3": 1}
    assert run(second, a_message("web-4"), MORNING + HOUR) == ["sent"]


def test_two_runs_at_once_that_hold_something_lose_neither(agents: tuple[Agent, Agent], site: Site) -> None:
    """What is noted at the end is brought together with what another run noted meanwhile."""
    for agent in agents:
        agent.configure(channels=QUIET)
    first, second = agents
    with (
        open_session(first.place(), is_writing=True) as one,
        open_session(second.place(), is_writing=True) as other,
    ):
        tell(one, a_message("web-1"))
        tell(other, a_message("web-2"))
        assert finish(one) is None
        assert finish(other) is None
    waiting = on_branch(site, "undelivered.json")["waiting"]
    assert sorted(one["message"]["key"] for one in waiting) == ["web-1", "web-2"]


def test_what_was_sent_is_noted_though_another_run_wrote_meanwhile(agents: tuple[Agent, Agent], site: Site) -> None:
    """Else a person would have to look whether it arrived."""
    first, second = agents
    with open_session(first.place(), is_writing=True) as one:
        tell(one, a_message("web-1"))
        run(second, a_message("web-2"), NOW + HOUR / 60)
        assert finish(one) is None
    states = {key: entry["state"] for key, entry in on_branch(site, "sent.json")["channels"]["slack"].items()}
    assert states == {"web-1": "sent", "web-2": "sent"}
    assert len(on_branch(site, "budgets.json")["spent"]["slack_notifications"]) == 2


def test_a_dead_letter_of_one_is_sent_by_the_other(agents: tuple[Agent, Agent], slack: FakeSlack) -> None:
    """When Slack is back, by the next run; and then never again."""
    first, second = agents
    slack.answer_next(*DOWN)
    assert run(first, a_message("web-1")) == ["failed"]
    assert run(second, a_message("web-2"), NOW + HOUR) == ["sent", "sent"]
    assert run(first, a_message("web-3"), NOW + 2 * HOUR) == ["sent"]
    assert told(slack) == {"web-1": 1, "web-2": 1, "web-3": 1}


def test_a_person_sends_again_what_may_have_arrived(agents: tuple[Agent, Agent], slack: FakeSlack) -> None:
    """From any checkout, and from each once."""
    first, second = agents
    slack.answer_next(NONSENSE)
    assert run(first, critical("web-1")) == ["failed"]
    before = len(slack.cards)
    for agent, statuses in ((second, ["sent"]), (first, [])):
        with open_session(agent.place(NOW + HOUR), is_writing=True) as session:
            assert replay(session, "slack") == ()
            again = replay(session, even_if_it_may_have_arrived=True)
            assert [receipt.status for receipt in again] == statuses
            assert finish(session) is None
    assert len(slack.cards) == before + 1


def test_without_the_branch_nothing_is_sent(agents: tuple[Agent, Agent], site: Site, slack: FakeSlack) -> None:
    """Another machine could send it as well; what was claimed is free again."""
    first, second = agents
    with open_session(first.place(), is_writing=True) as session:
        site.refuse_pushes("no")
        with pytest.raises(DeliveryError):
            tell(session, a_report())
    assert slack.cards == []
    (site.remote / "hooks/pre-receive").unlink()
    assert run(second, a_report()) == ["sent"]
    assert run(first, a_report()) == ["already sent"]


def test_a_service_of_a_noisy_team_does_not_silence_the_others(agents: tuple[Agent, Agent], slack: FakeSlack) -> None:
    """Across checkouts (S004-45)."""
    for agent in agents:
        agent.configure(rate_limits={"notifications_per_service_per_hour": 2})
    first, second = agents
    assert run(first, a_message("web-1")) == run(second, a_message("web-2")) == ["sent"]
    assert run(first, a_message("web-3")) == ["skipped"]
    assert run(second, a_message("shop-1", service="shop")) == ["sent"]


def test_a_test_goes_through_at_any_hour_and_every_one_is_another(
    agents: tuple[Agent, Agent], slack: FakeSlack
) -> None:
    """Whoever tries a channel twice sees two messages; each counts in the hour (H31)."""
    agent, _ = agents
    agent.configure(channels=QUIET, rate_limits={"slack_notifications_per_hour": 2})
    with open_session(agent.place(), is_writing=True) as session:
        statuses = [send_test(session)[0].status for _ in range(3)]
        with pytest.raises(ConfigError, match=r"there is no channel email here \(slack\)"):
            send_test(session, "email")
    assert statuses == ["sent", "sent", "skipped"]
    assert "Test: NeuroPilot can reach this channel" in json.dumps(slack.cards[0])


def test_the_record_tells_how_the_channels_did(agents: tuple[Agent, Agent], slack: FakeSlack) -> None:
    """By whichever checkout it is asked for (S004-46)."""
    first, second = agents
    slack.answer_next(*DOWN)
    run(first, a_message("web-1"))
    run(second, replace(a_report(), level=Level.LOW), NOW + HOUR)
    with open_session(first.place(NOW + HOUR), is_writing=True) as session:
        (record,) = records(session)
        listen(session)
    assert (record.channel, record.week.sent, record.week.failed, record.week.retried) == ("slack", 2, 0, 1)
    assert record.report is not None
    assert (record.report.key, record.report.kind, record.problem) == ("report-1", "daily_report", "")


def test_an_alert_that_was_not_opened_is_not_opened_after_its_end(agents: tuple[Agent, Agent]) -> None:
    """What is replayed after an outage leaves no alert open that nobody closes, and no open one unopened."""
    slow = AlarmNotice("web/p95", "web: slow", Level.CRITICAL)
    full = AlarmNotice("web/memory", "web: full", Level.CRITICAL)
    fine = AlarmNotice("web/p95", "web: p95 is normal again", Level.INFO, is_over=True)
    with FakePagerDuty() as duty:
        for agent in agents:
            agent.environment = {"PAGERDUTY_ROUTING_KEY": ROUTING_KEY}
            agent.configure(channel_addresses={"pagerduty": duty.url})
        first, second = agents
        duty.answer_next(*[PagerDutyAnswer(400, '{"status": "invalid event"}')] * 2)
        assert run(first, critical("web-1", alarms=(slow, full))) == ["failed"]
        assert run(second, a_message("web-2", alarms=(fine,)), NOW + HOUR) == ["sent"]
        with open_session(first.place(NOW + 2 * HOUR), is_writing=True) as session:
            assert [receipt.status for receipt in replay(session)] == ["sent"]
        assert set(duty.alerts) == {"neuropilot/web/memory"}


def test_a_run_that_only_looks_tells_nobody(agents: tuple[Agent, Agent], slack: FakeSlack) -> None:
    """A dry run leaves nothing behind."""
    with open_session(agents[0].place(), is_writing=False) as session:
        assert tell(session, a_report()) == ()
    assert slack.cards == []

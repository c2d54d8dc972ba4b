"""Which channels there are follows from the settings, and what is half configured is said."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Any

import pytest

from ai_ops.doctor import examine
from ai_ops.domain.message import Level, MessageKind
from ai_ops.notify.quiet_hours import QuietHours
from ai_ops.notify.slack.bot import SlackBot
from ai_ops.notify.slack.slack import SlackNotifier
from ai_ops.wiring.channels import channels, rules_of
from ai_ops.wiring.session import Place, open_session
from ai_ops.wiring.telling.checks import channel_checks
from ai_ops.wiring.telling.notifiers import NOTIFIERS
from ai_ops.wiring.telling.problems import channel_problems, template_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ai_ops.wiring import Session

WEBHOOK = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x"}
BOT = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C0123456789"}
EVERY = {
    **WEBHOOK,
    "NOTION_API_KEY": "ntn_1",
    "NOTION_DATABASE_ID": "0" * 32,
    "SMTP_URL": "smtps://me:secret@mail.example.com",
    "PAGERDUTY_ROUTING_KEY": "0" * 32,
    "APPRISE_URLS": "discord://123/abc",
    "NEUROPILOT_WEBHOOK_URL": "https://hooks.example.com/np",
    "NEUROPILOT_WEBHOOK_SECRET": "shared",
}
MAIL = {"email": {"to": ["ops@example.com"]}}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    """Opens sessions with an environment and settings of the test's choice."""
    import yaml
    from agents import NOW

    places: list[Any] = []

    def open_with(environment: Mapping[str, str], **settings: Any) -> Session:
        file = tmp_path / "ai_ops/config/ops_config.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"state": {"store": "folders"}, **settings}))
        place = Place(tmp_path, None, environment, lambda: NOW, lambda _: None)
        places.append(open_session(place, is_writing=False))
        return places[-1].__enter__()

    yield open_with
    for place in places:
        place.__exit__(None, None, None)


def names(session: Session) -> list[str]:
    """Of the channels, in the order in which they are told."""
    return [channel.name for channel in channels(session)]


def test_without_an_address_or_a_key_there_is_no_channel(opened) -> None:
    """Whatever the rules of the channels say."""
    assert names(opened({}, channels={"email": {"quiet_hours": "22:00-07:00"}})) == []


def test_every_channel_that_has_what_it_needs_is_told(opened) -> None:
    """Each of them is wired, in one order, and has a limit of its own."""
    session = opened(EVERY, **MAIL)
    assert names(session) == list(NOTIFIERS) == ["slack", "notion", "email", "pagerduty", "apprise", "webhook"]
    limits = {channel.name: channel.budget.limit for channel in channels(session)}
    assert limits == {"slack": 10, "notion": 20, "email": 10, "pagerduty": 30, "apprise": 10, "webhook": 60}
    assert channel_problems(session.settings) == ()


def test_a_bot_is_preferred_to_a_webhook(opened) -> None:
    """It can show pictures and hear replies; both speak as one channel."""
    (bot,) = channels(opened({**WEBHOOK, **BOT}))
    assert isinstance(bot.notifier, SlackBot)
    (webhook,) = channels(opened({**WEBHOOK, "SLACK_BOT_TOKEN": "xoxb-1"}))
    assert isinstance(webhook.notifier, SlackNotifier)
    assert bot.name == webhook.name == "slack"


@pytest.mark.parametrize(
    ("environment", "settings", "says"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, {}, "SLACK_BOT_TOKEN is set and SLACK_CHANNEL is not"),
        ({"SLACK_CHANNEL": "C0123456789"}, {}, "SLACK_CHANNEL is set and SLACK_BOT_TOKEN is not"),
        ({"NOTION_API_KEY": "ntn_1"}, {}, "NOTION_API_KEY is set and NOTION_DATABASE_ID is not"),
        ({"NOTION_DATABASE_ID": "0" * 32}, {}, "NOTION_DATABASE_ID is set and NOTION_API_KEY is not"),
        ({"SMTP_URL": "smtps://me:secret@mail.example.com"}, {}, "SMTP_URL is set and email.to in the settings is not"),
        ({}, MAIL, "email.to in the settings is set and SMTP_URL is not"),
        ({"NEUROPILOT_WEBHOOK_SECRET": "s"}, {}, "NEUROPILOT_WEBHOOK_SECRET is set and NEUROPILOT_WEBHOOK_URL is not"),
        ({"APPRISE_URLS": "no address"}, {}, "APPRISE_URLS: number 1"),
    ],
)
def test_half_a_channel_is_none_and_is_told(opened, environment, settings, says: str) -> None:
    """Nobody waits for messages that nobody sends."""
    session = opened(environment, **settings)
    assert says in channel_problems(session.settings)[0]
    if "APPRISE_URLS" not in environment:
        assert names(session) == []
    notes = [result.words for result in examine(channel_checks(session)) if result.name == "channels"]
    assert notes == list(channel_problems(session.settings))


def test_calls_that_nobody_signs_are_sent_and_told(opened) -> None:
    """The receiver cannot know who calls; a person decides whether that matters."""
    session = opened({"NEUROPILOT_WEBHOOK_URL": "https://hooks.example.com/np"})
    assert names(session) == ["webhook"]
    assert "are not signed" in channel_problems(session.settings)[0]


def test_no_problem_names_a_secret(opened) -> None:
    """Doctor's words are pasted into chats (H09)."""
    said = str(channel_problems(opened({"APPRISE_URLS": "nope://hunter2!/x", "SLACK_BOT_TOKEN": "xoxb-1"}).settings))
    assert "hunter2" not in said
    assert "xoxb-1" not in said


def test_settings_that_cannot_take_effect_are_told(opened) -> None:
    """An alarm is in no digest, and a chat shows no page."""
    session = opened({}, channels={"pagerduty": {"digest_below": "high"}, "slack": {"template": "ops/card.html"}})
    assert [problem.partition(" ")[0] for problem in channel_problems(session.settings)] == [
        "channels.slack.template",
        "channels.pagerduty.digest_below",
    ]


def test_a_template_that_is_not_there_is_told_before_it_is_missed(opened, tmp_path: Path) -> None:
    """By doctor, and not first by the receipt of a message."""
    said = {"slack": {"template": "ops/a.j2"}, "email": {"template": "ops/b.j2"}}
    session = opened(WEBHOOK, channels=said)
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops/b.j2").write_text("{{ title }}")
    (problem,) = template_problems(session)
    assert re.match(r"channels\.slack\.template: ops/a\.j2 cannot be read \(No such file", problem)


def test_the_rules_are_those_of_the_settings(opened) -> None:
    """Times of day by the clock of the report."""
    said = {"kinds": ["cycle"], "least_level": "medium", "quiet_hours": "22:00-07:30", "digest_below": "high"}
    settings = opened({}, channels={"slack": said}, report={"timezone": "Europe/Berlin"}).settings
    rules = rules_of(settings, "slack")
    assert (rules.kinds, rules.least_level, rules.digest_below) == ({MessageKind.CYCLE}, Level.MEDIUM, Level.HIGH)
    assert rules.quiet == QuietHours(time(22), time(7, 30), "Europe/Berlin")
    assert not rules.closes_alarms
    pager = rules_of(settings, "pagerduty")
    assert (pager.kinds, pager.least_level, pager.closes_alarms) == ({MessageKind.CYCLE}, Level.CRITICAL, True)


def test_doctor_says_what_each_channel_is_told(opened) -> None:
    """One line each, and nothing is sent."""
    session = opened(WEBHOOK, channels={"slack": {"quiet_hours": "22:00-07:00"}})
    (result,) = examine(channel_checks(session))
    assert (result.name, str(result.health)) == ("slack", "ok")
    assert result.words == (
        "is told cycle, daily report, weekly brief, from level info; quiet from 22:00 to 07:00 (UTC)"
    )

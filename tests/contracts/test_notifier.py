"""What every notifier owes its callers, run over each of them."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from fakes.flaky import FlakyServer
from fakes.flaky import answer as web_answer
from fakes.notion import DATABASE, TOKEN, FakeNotion, Fault
from fakes.pagerduty import ROUTING_KEY, FakePagerDuty
from fakes.pagerduty import Answer as PagerDutyAnswer
from fakes.slack import Answer, FakeSlack
from fakes.slack_api import HANG_UP, FakeSlackApi
from fakes.slack_api import TOKEN as BOT_TOKEN
from fakes.slack_api import Fault as BotFault
from fakes.slack_workspace import CHANNEL
from fakes.smtp import DROP, FakeMailServer
from fakes.webhook import Answer as ReceiverAnswer
from fakes.webhook import FakeReceiver
from messages import AT

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import AlarmNotice, Level, Message
from ai_ops.http_client import HttpClient, Limits
from ai_ops.notify.apprise.channel import AppriseNotifier
from ai_ops.notify.email.email import EmailNotifier
from ai_ops.notify.notion.notion import NotionNotifier
from ai_ops.notify.pagerduty.pagerduty import PagerDutyNotifier
from ai_ops.notify.slack.bot import Patience, SlackBot
from ai_ops.notify.slack.slack import SlackNotifier
from ai_ops.notify.webhook.webhook import WebhookNotifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from fakes.flaky import Handler

    from ai_ops.domain.ports import Notifier

SECRET = "canary-7Q2mZ"
ALARMS = (AlarmNotice("web/cpu_percent", "web: cpu_percent was 91", Level.CRITICAL),)
MESSAGE = Message("web-1", "web: hold", (("CPU", "47 %"),), ("all is calm",), alarms=ALARMS)


@dataclass(frozen=True)
class Plug:
    """One notifier at a stand-in for its service, which the test can read and break."""

    notifier: Notifier
    delivered: Callable[[], list[str]]
    refuse_next: Callable[[], None]
    lose_next_answer: Callable[[], None]


def mask(text: str) -> str:
    """Take the canary out."""
    return text.replace(SECRET, "***")


@contextmanager
def slack_plug() -> Iterator[Plug]:
    """Slack's notifier at a fake webhook."""
    with FakeSlack() as slack:
        yield Plug(
            notifier=SlackNotifier(slack.url, redact=mask, check_address=lambda _: None, sleep=lambda _: None),
            delivered=lambda: [json.dumps(card, ensure_ascii=False) for card in slack.cards],
            refuse_next=lambda: slack.answer_next(Answer(403, "invalid_token")),
            lose_next_answer=slack.hang_up_next,
        )


@contextmanager
def slack_bot_plug() -> Iterator[Plug]:
    """Slack's bot at a fake workspace."""
    with FakeSlackApi() as slack:
        yield Plug(
            notifier=SlackBot(
                BOT_TOKEN,
                CHANNEL,
                redact=mask,
                check_address=lambda _: None,
                base_url=slack.url,
                patience=Patience(sleep=lambda _: None),
            ),
            delivered=lambda: [json.dumps(one.card, ensure_ascii=False) for one in slack.workspace.posts],
            refuse_next=lambda: slack.fail(BotFault(status=200, body={"ok": False, "error": "invalid_auth"})),
            lose_next_answer=lambda: slack.fail(BotFault(status=HANG_UP, acts=True)),
        )


@contextmanager
def notion_plug() -> Iterator[Plug]:
    """Notion's at a fake workspace."""
    with FakeNotion() as notion:
        yield Plug(
            notifier=NotionNotifier(TOKEN, DATABASE, redact=mask, base_url=notion.url, sleep=lambda _: None),
            delivered=lambda: [page.json for page in notion.pages],
            refuse_next=lambda: notion.inject(Fault("POST", "/pages$", 403, "restricted_resource")),
            lose_next_answer=lambda: notion.inject(Fault("POST", "/pages$", 0, acts=True)),
        )


@contextmanager
def pagerduty_plug() -> Iterator[Plug]:
    """PagerDuty's at a fake one; its alarms are what it tells."""
    with FakePagerDuty() as duty:
        client = HttpClient(allow_private=True)
        yield Plug(
            notifier=PagerDutyNotifier(client, ROUTING_KEY, redact=mask, base_url=duty.url, sleep=lambda _: None),
            delivered=lambda: [json.dumps(events, ensure_ascii=False) for events in duty.alerts.values()],
            refuse_next=lambda: duty.answer_next(PagerDutyAnswer(400)),
            lose_next_answer=lambda: duty.answer_next(PagerDutyAnswer(0, is_taken=True)),
        )


@contextmanager
def email_plug() -> Iterator[Plug]:
    """E-mail, at a real mail server."""
    with FakeMailServer() as mail:
        yield Plug(
            notifier=EmailNotifier(
                mail.url(),
                ("", ("ada@example.com",)),
                redact=mask,
                check_address=lambda _: None,
                clock=lambda: AT,
            ),
            delivered=lambda: [
                str(taken.letter.items()) + str(taken.letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]
                for taken in mail.letters
            ],
            refuse_next=lambda: mail.answer("MAIL", "550 5.7.1 no"),
            lose_next_answer=lambda: mail.answer("DATA", DROP),
        )


@contextmanager
def apprise_plug() -> Iterator[Plug]:
    """Apprise's JSON, at a web server."""
    taken: list[str] = []

    def take(handler: Handler) -> None:
        taken.append(handler.flaky.asked[-1].body.decode())
        web_answer(200)(handler)

    def take_and_hang_up(handler: Handler) -> None:
        taken.append(handler.flaky.asked[-1].body.decode())

    with FlakyServer(take) as server:
        yield Plug(
            notifier=AppriseNotifier(
                server.url.replace("http", "json"), redact=mask, check_address=lambda _: None, patience_seconds=9
            ),
            delivered=lambda: [json.dumps(json.loads(body), ensure_ascii=False) for body in taken],
            refuse_next=lambda: server.behave(web_answer(403), take),
            lose_next_answer=lambda: server.behave(take_and_hang_up, take),
        )


@contextmanager
def webhook_plug() -> Iterator[Plug]:
    """A webhook, at a receiver that knows what it has."""
    with FakeReceiver("", AT.timestamp) as receiver:
        limits = Limits(retries=1, redirects=0)
        yield Plug(
            notifier=WebhookNotifier(
                HttpClient(allow_private=True, retry_post=True, limits=limits, sleep=lambda _: None),
                receiver.url,
                secret="",
                redact=mask,
                check_address=lambda _: None,
                clock=lambda: AT,
            ),
            delivered=lambda: [call.body.decode() + str(call.headers) for call in receiver.calls],
            refuse_next=lambda: receiver.answer_next(ReceiverAnswer(403)),
            lose_next_answer=receiver.lose_next_answer,
        )


PLUGS = {
    "slack": slack_plug,
    "slack_bot": slack_bot_plug,
    "notion": notion_plug,
    "pagerduty": pagerduty_plug,
    "email": email_plug,
    "apprise": apprise_plug,
    "webhook": webhook_plug,
}


@pytest.fixture(params=PLUGS.values(), ids=PLUGS)
def plug(request: pytest.FixtureRequest) -> Iterator[Plug]:
    """Each notifier in turn."""
    start: Callable[[], AbstractContextManager[Plug]] = request.param
    with start() as running:
        yield running


def test_it_has_a_name(plug: Plug) -> None:
    """Receipts and budgets are kept by name."""
    assert plug.notifier.name.isidentifier()


def test_a_message_arrives_whole(plug: Plug) -> None:
    """Title, facts and lines reach the reader."""
    plug.notifier.send(MESSAGE)
    (shown,) = plug.delivered()
    assert all(part in shown for part in ("web: hold", "CPU", "47 %", "all is calm"))


def test_simulation_shows(plug: Plug) -> None:
    """Whoever reads it knows that no real service was measured."""
    plug.notifier.send(Message("web-1", "web: hold", (), (), is_simulated=True, alarms=ALARMS))
    assert "simulated" in plug.delivered()[0]


@pytest.mark.parametrize(
    "message",
    [
        Message("", "", (), (), alarms=ALARMS),
        Message("k" * 9000, "t\n" * 9000, (("", ""),) * 99, ("",), alarms=ALARMS),
    ],
)
def test_any_message_is_taken(plug: Plug, message: Message) -> None:
    """What is too long is cut, and what is empty is sent: a channel never loses a message over its form."""
    plug.notifier.send(message)
    assert len(plug.delivered()) == 1


def test_secrets_never_leave(plug: Plug) -> None:
    """A canary in any part of a message stays here (H09)."""
    alarm = AlarmNotice(SECRET, SECRET, Level.CRITICAL)
    plug.notifier.send(Message(SECRET, SECRET, ((SECRET, SECRET),), (SECRET,), service=SECRET, alarms=(alarm,)))
    assert SECRET not in plug.delivered()[0]


def test_a_refusal_is_an_error_of_its_kind(plug: Plug) -> None:
    """The caller can tell a refusal from a defect, and knows that nothing arrived."""
    plug.refuse_next()
    with pytest.raises(NotifyError) as caught:
        plug.notifier.send(MESSAGE)
    assert not caught.value.may_have_arrived
    assert not plug.delivered()


def test_a_lost_answer_never_becomes_a_second_message(plug: Plug) -> None:
    """The channel knows its own message again, or says that it may be there: then the caller does not repeat it."""
    plug.lose_next_answer()
    try:
        plug.notifier.send(MESSAGE)
    except NotifyError as error:
        if not error.may_have_arrived:
            plug.notifier.send(MESSAGE)
    assert len(plug.delivered()) == 1

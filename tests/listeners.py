"""Every channel that a message may go to, each at a stand-in for its service, and what has arrived there."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from certificates import make_certificate
from fakes.flaky import FlakyServer, answer
from fakes.notion import DATABASE, FakeNotion, Fault
from fakes.notion import TOKEN as NOTION_KEY
from fakes.pagerduty import ROUTING_KEY, FakePagerDuty
from fakes.pagerduty import Answer as DutyAnswer
from fakes.slack import PATH as SLACK_PATH
from fakes.slack import Answer, FakeSlack
from fakes.slack_api import TOKEN as BOT_TOKEN
from fakes.slack_api import FakeSlackApi
from fakes.slack_api import Fault as BotFault
from fakes.slack_workspace import CHANNEL
from fakes.smtp import HERE, FakeMailServer
from fakes.webhook import PATH as HOOK_PATH
from fakes.webhook import Answer as HookAnswer
from fakes.webhook import FakeReceiver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MAIL_PASSWORD = "mail-p4ss-Quietlantern"
HOOK_SECRET = "hook-s3cret-Quietlantern"
APPRISE_TOKEN = "toldBy4Quietlantern7Q2mZ"
HEARTBEAT_PATH = "beat-51842-quietlantern"
KEYS = (
    *(MAIL_PASSWORD, HOOK_SECRET, APPRISE_TOKEN, HEARTBEAT_PATH, NOTION_KEY, ROUTING_KEY, BOT_TOKEN),
    *(path.rsplit("/", maxsplit=1)[-1] for path in (SLACK_PATH, HOOK_PATH)),
)
"""What opens the channels, as far as it is secret."""

PICKY = ("email", "pagerduty", "apprise")
"""Channels that do not carry everything unless the settings say so."""

READER = "grace.murray@readers.example"
"""Whom the letters go to."""

_REFUSED = 400


@dataclass(frozen=True)
class Listeners:
    """Stand-ins for every service; open them with `everybody`."""

    bot: FakeSlackApi
    slack: FakeSlack
    notion: FakeNotion
    mail: FakeMailServer
    duty: FakePagerDuty
    receiver: FakeReceiver
    apprise: FlakyServer
    watchdog: FlakyServer

    @property
    def settings(self) -> dict[str, Any]:
        """What stands in the team's file."""
        addresses = {"slack": self.bot.url, "notion": self.notion.url, "pagerduty": self.duty.url}
        return {
            "channel_addresses": addresses,
            "channels": {name: {"kinds": ["cycle", "daily_report"], "least_level": "info"} for name in PICKY},
            "email": {"from": "ops@acme.example", "to": [READER]},
        }

    @property
    def environment(self) -> dict[str, str]:
        """The keys; without that of the bot, Slack is told by its webhook."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_CHANNEL": CHANNEL,
            "SLACK_WEBHOOK_URL": self.slack.url,
            "NOTION_API_KEY": NOTION_KEY,
            "NOTION_DATABASE_ID": DATABASE,
            "SMTP_URL": self.mail.url(f"ada:{MAIL_PASSWORD}"),
            "PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
            "NEUROPILOT_WEBHOOK_URL": self.receiver.url,
            "NEUROPILOT_WEBHOOK_SECRET": HOOK_SECRET,
            "APPRISE_URLS": f"{self.apprise.url.replace('http', 'json', 1)}/{APPRISE_TOKEN}",
            "HEARTBEAT_URL": f"{self.watchdog.url}/{HEARTBEAT_PATH}",
        }

    @property
    def heard(self) -> Mapping[str, str]:
        """What has arrived, by channel, as a person or a program there reads it; without what the sender logs in by."""
        pages = [page.json for page in self.notion.pages]
        alerts = [{**event, "routing_key": ""} for events in self.duty.alerts.values() for event in events]
        letters = [_read(taken.letter) for taken in self.mail.letters]
        return {
            "slack bot": _all([call.form for call in self.bot.calls]),
            "slack webhook": _all(self.slack.cards),
            "notion": "\n".join(pages),
            "e-mail": "\n".join(letters),
            "pagerduty": _all(alerts),
            "webhook": "\n".join(call.body.decode() for call in self.receiver.calls),
            "apprise": "\n".join(asked.body.decode() for asked in self.apprise.asked),
            "heartbeat": "\n".join(asked.body.decode() for asked in self.watchdog.asked),
        }

    def refuse_everything(self, words: str) -> None:
        """From now on no service takes anything; each says why in these words."""
        body = words.encode()
        self.bot.fail(*[BotFault(path="", status=_REFUSED, body=body)] * 20)
        self.slack.answer_next(*[Answer(_REFUSED, words)] * 20)
        complaint = {"object": "error", "status": _REFUSED, "code": "validation_error", "message": words}
        self.notion.inject(Fault(status=_REFUSED, body=json.dumps(complaint), times=100))
        self.mail.answer("DATA", f"554 {words}")
        self.duty.answer_next(*[DutyAnswer(_REFUSED, json.dumps({"errors": [words]}))] * 20)
        self.receiver.answer_next(*[HookAnswer(_REFUSED)] * 20)
        self.apprise.behave(answer(_REFUSED, body))
        self.watchdog.behave(answer(_REFUSED, body))


class Everybody:
    """All of them for `with`.

    Parameters
    ----------
    folder
        For a certificate.
    seconds
        The time, since 1970.
    """

    def __init__(self, folder: Path, seconds: Callable[[], float]) -> None:
        self._folder, self._seconds, self._open = folder, seconds, ExitStack()

    def __enter__(self) -> Listeners:
        certificate = make_certificate(self._folder / "made-up.pem", HERE)
        patch = self._open.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("SSL_CERT_FILE", str(certificate))
        servers = (
            FakeSlackApi(),
            FakeSlack(),
            FakeNotion(),
            FakeMailServer(certificate=certificate, is_tls=True, users={"ada": MAIL_PASSWORD}),
            FakePagerDuty(),
            FakeReceiver(HOOK_SECRET, self._seconds),
            FlakyServer(answer(200, b"ok")),
            FlakyServer(answer(200, b"ok")),
        )
        return Listeners(*[self._open.enter_context(server) for server in servers])

    def __exit__(self, *_: object) -> None:
        self._open.close()


def _read(letter: Any) -> str:
    """Subject and every readable part of a letter."""
    parts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    names = [part.get_filename() or "" for part in letter.walk()]
    return "\n".join([str(letter["Subject"]), *names, *parts])


def _all(documents: object) -> str:
    return json.dumps(documents, ensure_ascii=False, default=str)

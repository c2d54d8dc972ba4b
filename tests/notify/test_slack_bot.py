"""A bot at a Slack that holds it to the rules, or misbehaves."""

from __future__ import annotations

import logging
import socket
import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from certificates import make_certificate
from fakes.flaky import FlakyServer, dripping_body, dripping_head
from fakes.slack_api import HANG_UP, RESET, TOKEN, FakeSlackApi, Fault
from fakes.slack_workspace import ANA, ARCHIVED, BEN, CHANNEL, ELSEWHERE

from ai_ops.domain.errors import NotifyError, SourceError
from ai_ops.domain.message import Heard, Message, Sent
from ai_ops.notify.slack.bot import Patience, SlackBot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakes.flaky import Behaviour

CARD = Message("web-1", "web: cpu_scale_in_percent 30 → 35", (("CPU", "47 %"),), ("cheap and quiet",))
SECRET = TOKEN.removeprefix("xoxb-")


class Clock:
    """Time that passes only while somebody sleeps; remembers for how long."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        """Monotonic seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Go on at once."""
        self.pauses.append(seconds)
        self.now += seconds


def anywhere(url: str) -> None:
    """Allow every address."""


def a_bot(slack: FakeSlackApi, clock: Clock | None = None, **changes: Any) -> SlackBot:
    """Make a bot that never really sleeps."""
    clock = clock or Clock()
    plain: dict[str, Any] = {
        "token": TOKEN,
        "channel": CHANNEL,
        "base_url": slack.url,
        "redact": str,
        "check_address": anywhere,
        "patience": Patience(timeout_seconds=0.5, sleep=clock.sleep, clock=clock),
    }
    return SlackBot(**{**plain, **changes})


def failure(bot: SlackBot) -> NotifyError:
    """Send the card and return the error; its whole story must not hold the token."""
    with pytest.raises(NotifyError) as caught:
        bot.send(CARD)
    story = "".join(traceback.format_exception(caught.value))
    assert SECRET not in story
    return caught.value


@pytest.fixture
def slack() -> Iterator[FakeSlackApi]:
    """Start a Slack for one test."""
    with FakeSlackApi() as server:
        yield server


def test_a_message_arrives_as_one_card_that_can_be_found_again(slack: FakeSlackApi) -> None:
    """The card is that of the webhook; who wants to read it is led there (S001-32, S001-84)."""
    sent = a_bot(slack).send(CARD)
    (posted,) = slack.workspace.posts
    assert (posted.channel, posted.card["blocks"][0]["text"]["text"]) == (CHANNEL, CARD.title)
    assert posted.card["text"].startswith(CARD.title)
    assert sent == Sent(posted.ts, f"https://acme.slack.com/archives/{CHANNEL}/p{posted.ts.replace('.', '')}")


def test_two_messages_in_a_second_both_arrive() -> None:
    """A channel takes one message a second: the second one waits as long as Slack asks for (H31)."""
    clock = Clock()
    with FakeSlackApi(messages_per_second=1, clock=clock) as slack:
        bot = a_bot(slack, clock)
        assert bot.send(CARD).attempts == 1
        assert bot.send(CARD).attempts == 2
        assert len(slack.workspace.posts) == 2
        assert clock.pauses == [1.0]


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("soon", 1.0), ("", 1.0), ("-1", 1.0)])
def test_the_pause_is_the_one_that_slack_names(slack: FakeSlackApi, asked: str, waited: float) -> None:
    """What cannot be read is no reason to fail, or to wait for ever."""
    clock = Clock()
    slack.fail(Fault(status=429, body={"ok": False, "error": "ratelimited"}, headers={"Retry-After": asked}))
    a_bot(slack, clock).send(CARD)
    assert clock.pauses == [waited]
    assert len(slack.workspace.posts) == 1


@pytest.mark.parametrize("seconds", ["31", "3600"])
def test_a_long_pause_is_not_waited_for(slack: FakeSlackApi, seconds: str) -> None:
    """A cycle does not hang because Slack is closed; the next run may try again."""
    clock = Clock()
    slack.fail(Fault(status=429, body=b"", headers={"Retry-After": seconds}))
    error = failure(a_bot(slack, clock))
    assert error.retryable
    assert not error.may_have_arrived
    assert clock.pauses == []


def test_all_attempts_together_have_a_deadline(slack: FakeSlackApi) -> None:
    """Two pauses of 30 s would take longer than one message is worth (H29)."""
    clock = Clock()
    slack.fail(*[Fault(status=429, body=b"", headers={"Retry-After": "30"})] * 3)
    error = failure(a_bot(slack, clock))
    assert error.retryable
    assert clock.pauses == [30.0]


@pytest.mark.parametrize("word", ["ratelimited", "rate_limited", "service_unavailable"])
def test_what_slack_has_not_begun_is_asked_again(slack: FakeSlackApi, word: str) -> None:
    """Slack also refuses with HTTP 200; three attempts are made, and no more."""
    slack.fail(*[Fault(status=200, body={"ok": False, "error": word})] * 3)
    error = failure(a_bot(slack))
    assert error.retryable
    assert not error.may_have_arrived
    assert len(slack.calls) == 3


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("invalid_auth", "SLACK_BOT_TOKEN"),
        ("token_revoked", "install the app again"),
        ("account_inactive", "install it again"),
        ("not_in_channel", "/invite"),
        ("channel_not_found", "SLACK_CHANNEL"),
        ("is_archived", "unarchive"),
        ("restricted_action", "administrator"),
        ("invalid_blocks", "report"),
        ("msg_blocks_too_long", "report"),
        ("no_text", "report"),
        ("a_word_of_tomorrow", "docs.slack.dev"),
    ],
)
def test_a_refusal_names_slacks_word_and_the_way_out(slack: FakeSlackApi, word: str, advice: str) -> None:
    """Each documented answer is a sentence that a person can act upon; sending again would not help."""
    slack.fail(Fault(status=200, body={"ok": False, "error": word}))
    error = failure(a_bot(slack))
    assert word in str(error)
    assert advice in str(error)
    assert not error.retryable
    assert not error.may_have_arrived
    assert len(slack.calls) == 1


def test_the_rules_of_the_workspace_are_told_as_well(slack: FakeSlackApi) -> None:
    """The same words come from a Slack that judges by itself."""
    assert "/invite" in str(failure(a_bot(slack, channel=ELSEWHERE)))
    assert "is_archived" in str(failure(a_bot(slack, channel=ARCHIVED)))
    assert "channel_not_found" in str(failure(a_bot(slack, channel="C0NOWHERE00")))
    assert "invalid_auth" in str(failure(a_bot(slack, token=TOKEN + "x")))
    assert "not_authed" in str(failure(a_bot(slack, token="")))


def test_a_missing_permission_is_named(slack: FakeSlackApi) -> None:
    """Whoever installs the app sees which scope to tick."""
    slack.tokens[TOKEN] = {"files:write"}
    assert "missing_scope: add chat:write" in str(failure(a_bot(slack)))
    slack.fail(Fault(status=200, body={"ok": False, "error": "missing_scope", "needed": f"<{SECRET}>"}))
    assert "add chat:write and files:write" in str(failure(a_bot(slack)))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, acts=True),
        Fault(status=502),
        Fault(status=503),
        Fault(status=504, acts=True),
        Fault(status=200, body={"ok": False, "error": "internal_error"}, acts=True),
        Fault(status=200, body={"ok": False, "error": "fatal_error"}),
        Fault(status=200, body=b"<html>Sign in to the corporate network</html>"),
        Fault(status=200, body=b""),
        Fault(status=200, body=b'{"ok": true'),
        Fault(status=200, body=b"[" * 100_000),
        Fault(status=200, body=[TOKEN]),
        Fault(status=200, body={"ok": False, "error": f"look at {TOKEN}"}),
        Fault(status=200, body=b" " * 2 * 1024**2),
        Fault(status=HANG_UP, acts=True),
        Fault(status=RESET, acts=True),
        Fault(status=200, body={"ok": True, "ts": "1.1"}, acts=True, wait_seconds=2),
    ],
    ids=lambda fault: f"{fault.status} {str(fault.body)[:24]}",
)
def test_a_lost_answer_is_not_asked_for_again(slack: FakeSlackApi, fault: Fault) -> None:
    """The card may have been taken and only the answer is missing: at most once is the rule (H24)."""
    slack.fail(fault)
    error = failure(a_bot(slack))
    assert error.may_have_arrived
    assert "corporate" not in str(error)
    assert len(slack.calls) == 1


@pytest.mark.parametrize("behaviour", [dripping_head, dripping_body])
def test_a_dripping_answer_buys_nobody_more_time(slack: FakeSlackApi, behaviour: Behaviour) -> None:
    """A byte now and then resets the clock of every read; the whole attempt has a clock of its own (H29)."""
    with FlakyServer(behaviour) as server:
        began = time.monotonic()
        assert failure(a_bot(slack, base_url=server.url)).may_have_arrived
        assert time.monotonic() - began < 3


def test_nobody_listening_is_tried_again_and_then_said(slack: FakeSlackApi) -> None:
    """Nothing can have arrived, so the next run may try again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    clock = Clock()
    error = failure(a_bot(slack, clock, base_url=f"http://127.0.0.1:{port}/api"))
    assert error.retryable
    assert not error.may_have_arrived
    assert "refused" in str(error)
    assert clock.pauses == [1.0, 2.0]


def test_a_certificate_that_nobody_knows_is_no_lost_message(slack: FakeSlackApi, tmp_path: Path) -> None:
    """The card never left; what to do about the certificate is said."""
    with FlakyServer(dripping_head, certificate=make_certificate(tmp_path / "made-up.pem", "127.0.0.1")) as server:
        error = failure(a_bot(slack, base_url=server.url))
        assert server.asked == []
    assert not error.may_have_arrived
    assert not error.retryable
    assert "REQUESTS_CA_BUNDLE" in str(error)


def test_a_redirect_is_refused(slack: FakeSlackApi) -> None:
    """Following one would send the token elsewhere, perhaps inside of the network (H30)."""
    slack.fail(Fault(status=302, headers={"Location": slack.url.replace("/api", "/latest/meta-data")}))
    assert "redirect" in str(failure(a_bot(slack)))
    assert len(slack.calls) == 1


def test_a_refused_address_is_never_opened(slack: FakeSlackApi) -> None:
    """The check of the address runs before anything is sent (H30)."""

    def refuse(url: str) -> None:
        raise SourceError(f"{url} is a metadata address")

    assert "is a metadata address" in str(failure(a_bot(slack, check_address=refuse)))
    assert slack.calls == []


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1/api", "http://", "http://[::1/api", "http://169.254.169.254/api"])
def test_an_address_that_is_none_is_explained(slack: FakeSlackApi, url: str) -> None:
    """A mistyped setting is a sentence, and nothing is sent."""
    error = failure(a_bot(slack, base_url=url))
    assert not error.may_have_arrived


@pytest.mark.parametrize("token", [f"{SECRET}\nX-Other: 1", f"{SECRET} ü", f"{SECRET}\u2014"])
def test_a_token_that_no_header_holds_is_not_repeated(slack: FakeSlackApi, token: str) -> None:
    """Libraries quote what they cannot send (H09)."""
    failure(a_bot(slack, token=token))
    assert slack.workspace.posts == []


def test_debug_logs_do_not_hold_the_token(slack: FakeSlackApi, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at DEBUG, the SDK would write what it sends to the log file (H09)."""
    slack.fail(Fault(status=429, body=b""))
    with caplog.at_level(logging.DEBUG):
        a_bot(slack).send(CARD)
    assert SECRET not in caplog.text
    assert CARD.title not in caplog.text


@pytest.mark.parametrize("timestamp", [None, 17, "", "soon", "1795000000.000100|<!channel>"])
def test_a_message_without_a_place_is_sent_all_the_same(slack: FakeSlackApi, timestamp: object) -> None:
    """Slack said that it took the card; what it did not say is not made up."""
    slack.fail(Fault(status=200, body={"ok": True, "ts": timestamp}))
    assert a_bot(slack).send(CARD) == Sent()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("chat.getPermalink", status=500),
        Fault("chat.getPermalink", status=200, body={"ok": False, "error": "message_not_found"}),
        Fault("chat.getPermalink", status=200, body={"ok": True, "permalink": "javascript:alert(1)"}),
        Fault("chat.getPermalink", status=200, body={"ok": True, "permalink": 5}),
    ],
    ids=lambda fault: str(fault.body)[:40],
)
def test_a_message_is_sent_even_if_nobody_says_where(slack: FakeSlackApi, fault: Fault) -> None:
    """The link is a convenience; without it the message is there."""
    slack.fail(*[fault] * 3)
    sent = a_bot(slack).send(CARD)
    assert (sent.url, sent.reference) == ("", slack.workspace.posts[0].ts)


def test_the_bot_hears_people_and_not_itself(slack: FakeSlackApi) -> None:
    """Replies and reactions tell whether a report is read (S004-46)."""
    bot = a_bot(slack)
    reference = bot.send(CARD).reference
    assert bot.heard(reference) == Heard(replies=0, reactions=0)
    slack.workspace.say(reference, "U0BOT")
    slack.workspace.say(reference, ANA)
    slack.workspace.say(reference, BEN)
    slack.workspace.react(reference, "eyes", ANA, BEN, "U0CEM")
    slack.workspace.react(reference, "coffee", ANA)
    assert bot.heard(reference) == Heard(replies=2, reactions=4)


def test_a_long_thread_is_counted_without_reading_it(slack: FakeSlackApi) -> None:
    """Slack shows an app no more than 15 messages at a time, and says how many there are."""
    bot = a_bot(slack)
    reference = bot.send(CARD).reference
    for _ in range(40):
        slack.workspace.say(reference)
    assert bot.heard(reference).replies == 40
    assert slack.called("conversations.replies")[0].form["limit"] == "15"


@pytest.mark.parametrize(
    "body",
    [
        {"ok": False, "error": "missing_scope", "needed": "channels:history"},
        {"ok": False, "error": "thread_not_found"},
        {"ok": True},
        {"ok": True, "messages": "none"},
        {"ok": True, "messages": [None, 5, {"ts": "1.0"}]},
        b"<html>",
    ],
    ids=str,
)
def test_a_slack_that_does_not_tell_is_not_guessed_at(slack: FakeSlackApi, body: object) -> None:
    """Without the permission to read, the bot knows nothing, and nothing fails."""
    bot = a_bot(slack)
    reference = bot.send(CARD).reference
    slack.fail(*[Fault("conversations.replies", status=200, body=body)] * 3)
    assert bot.heard(reference) == Heard()
    assert bot.heard("not a reference") == Heard()


def test_odd_counts_are_no_counts(slack: FakeSlackApi) -> None:
    """What is no number counts nothing."""
    bot = a_bot(slack)
    reference = bot.send(CARD).reference
    odd = {"ts": reference, "reply_count": "many", "reactions": [{"count": "3"}, 7, {"count": 2}]}
    slack.fail(Fault("conversations.replies", status=200, body={"ok": True, "messages": [odd]}))
    assert bot.heard(reference) == Heard(replies=0, reactions=2)

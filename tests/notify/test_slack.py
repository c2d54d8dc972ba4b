"""Sending a card to a real web server that behaves like Slack, well or badly."""

from __future__ import annotations

import logging
import socket
import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from fakes.flaky import FlakyServer, dripping_body, dripping_head
from fakes.slack import PATH, Answer, FakeSlack

from ai_ops.domain.errors import NotifyError, SourceError
from ai_ops.domain.message import Message
from ai_ops.notify.slack.slack import SlackNotifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.flaky import Behaviour

CARD = Message("web-1", "web: cpu_scale_in_percent 30 → 35", (("CPU", "47 %"),), ("cheap and quiet",))
SECRET = PATH.rsplit("/", maxsplit=1)[-1]


class Pauses(list[float]):
    """Remembers how long a sender would have slept."""

    def __call__(self, seconds: float) -> None:
        """Note the pause and go on at once."""
        self.append(seconds)


def anywhere(url: str) -> None:
    """Allow every address."""


def a_notifier(url: str, **changes: Any) -> SlackNotifier:
    """Make a notifier that never really sleeps."""
    plain: dict[str, Any] = {"redact": str, "check_address": anywhere, "timeout_seconds": 1, "sleep": Pauses()}
    return SlackNotifier(url, **{**plain, **changes})


def failure(notifier: SlackNotifier) -> NotifyError:
    """Send the card and return the error; its whole story must not hold the address."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(CARD)
    story = "".join(traceback.format_exception(caught.value))
    assert SECRET not in story
    return caught.value


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Start a Slack for one test."""
    with FakeSlack() as server:
        yield server


def test_a_message_arrives_as_one_card(slack: FakeSlack) -> None:
    """The card shows the verdict, and the fallback says the same in plain text (S001-32, S001-84)."""
    a_notifier(slack.url).send(CARD)
    (card,) = slack.cards
    assert card["blocks"][0]["text"]["text"] == CARD.title
    assert card["text"].startswith(CARD.title)


def test_a_busy_slack_is_asked_again_after_the_time_it_names(slack: FakeSlack) -> None:
    """A webhook takes one message per second; the pause is the one that Slack asks for."""
    pauses = Pauses()
    slack.answer_next(Answer(429, "rate_limited", {"Retry-After": "7"}))
    a_notifier(slack.url, sleep=pauses).send(CARD)
    assert pauses == [7.0]
    assert len(slack.cards) == 1


def test_two_messages_in_a_second_both_arrive() -> None:
    """The second one waits for its turn, for real."""
    with FakeSlack(messages_per_second=1) as slack:
        notifier = SlackNotifier(slack.url, redact=str, check_address=anywhere)
        notifier.send(CARD)
        notifier.send(CARD)
        assert len(slack.cards) == 2


def test_a_pause_of_an_hour_is_not_waited_for(slack: FakeSlack) -> None:
    """A cycle does not hang because Slack is closed; the next run may try again."""
    pauses = Pauses()
    slack.answer_next(Answer(429, "rate_limited", {"Retry-After": "3600"}))
    error = failure(a_notifier(slack.url, sleep=pauses))
    assert error.retryable
    assert "rate_limited" in str(error)
    assert (pauses, slack.requests) == ([], 1)


@pytest.mark.parametrize("retry_after", ["", "soon", "Fri, 20 Nov 2026 06:00:00 GMT", "-1", "1e9", "²"])
def test_an_odd_retry_after_becomes_a_short_pause(slack: FakeSlack, retry_after: str) -> None:
    """What cannot be read is no reason to fail, or to wait for ever."""
    pauses = Pauses()
    slack.answer_next(Answer(429, "rate_limited", {"Retry-After": retry_after}))
    a_notifier(slack.url, sleep=pauses).send(CARD)
    assert 1.0 <= pauses[0] <= 3.0


@pytest.mark.parametrize("status", [500, 503])
def test_a_failing_slack_is_asked_three_times_and_no_more(slack: FakeSlack, status: int) -> None:
    """Slack says with these that nothing was posted, so trying again cannot post twice."""
    slack.answer_next(*[Answer(status, "rollup_error")] * 5)
    error = failure(a_notifier(slack.url))
    assert error.retryable
    assert not error.may_have_arrived
    assert slack.requests == 3


def test_a_slack_that_recovers_gets_the_card_once(slack: FakeSlack) -> None:
    """A hiccup is not worth a person's attention."""
    slack.answer_next(Answer(500, "rollup_error"), Answer(503, ""))
    assert a_notifier(slack.url).send(CARD).attempts == 3
    assert a_notifier(slack.url).send(CARD).attempts == 1
    assert len(slack.cards) == 2


@pytest.mark.parametrize(
    ("status", "word", "advice"),
    [
        (400, "invalid_blocks", "report"),
        (400, "invalid_payload", "report"),
        (400, "no_text", "report"),
        (400, "msg_blocks_too_long", "report"),
        (403, "invalid_token", "SLACK_WEBHOOK_URL"),
        (403, "action_prohibited", "administrator"),
        (404, "no_service", "SLACK_WEBHOOK_URL"),
        (404, "channel_not_found", "SLACK_WEBHOOK_URL"),
        (410, "channel_is_archived", "unarchive"),
    ],
)
def test_a_refusal_names_slacks_word_and_the_way_out(slack: FakeSlack, status: int, word: str, advice: str) -> None:
    """Each documented answer is a sentence that a person can act upon; sending again would not help."""
    slack.answer_next(Answer(status, word))
    error = failure(a_notifier(slack.url))
    assert word in str(error)
    assert advice in str(error)
    assert not error.retryable
    assert not error.may_have_arrived
    assert slack.requests == 1


@pytest.mark.parametrize("body", ["", "OK", "<html>Sign in to the corporate network</html>", "ok ok"])
def test_a_200_without_ok_is_no_success(slack: FakeSlack, body: str) -> None:
    """A proxy's page answers 200 as well; nobody knows what became of the card, and its text is not repeated."""
    slack.answer_next(Answer(200, body))
    error = failure(a_notifier(slack.url))
    assert error.may_have_arrived
    assert "corporate" not in str(error)


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gave_up_is_not_asked_again(slack: FakeSlack, status: int) -> None:
    """Slack may have posted behind the gateway: a second try could post twice."""
    slack.answer_next(Answer(status, "upstream"))
    error = failure(a_notifier(slack.url))
    assert error.may_have_arrived
    assert slack.requests == 1


def test_a_late_answer_is_not_asked_for_again(slack: FakeSlack) -> None:
    """The card was taken and only the answer is missing: at most once is the rule (H24)."""
    slack.hang_next(seconds=5)
    error = failure(a_notifier(slack.url))
    assert error.may_have_arrived
    assert "1 s" in str(error)
    assert slack.requests == 1


@pytest.mark.parametrize("behaviour", [dripping_head, dripping_body])
def test_a_dripping_answer_buys_nobody_more_time(behaviour: Behaviour) -> None:
    """A byte now and then resets the clock of every read; the whole attempt has a clock of its own (H29)."""
    with FlakyServer(behaviour) as server:
        began = time.monotonic()
        assert failure(a_notifier(server.url)).may_have_arrived
        assert time.monotonic() - began < 5


def test_a_connection_that_breaks_after_the_card_is_not_tried_again(slack: FakeSlack) -> None:
    """A server that hangs up may have taken the card."""
    slack.hang_up_next()
    assert failure(a_notifier(slack.url)).may_have_arrived
    assert slack.requests == 1


def test_nobody_listening_is_tried_again_and_then_said() -> None:
    """Nothing can have arrived, so the next run may try again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    pauses = Pauses()
    error = failure(a_notifier(f"http://127.0.0.1:{port}{PATH}", sleep=pauses))
    assert error.retryable
    assert not error.may_have_arrived
    assert "refused" in str(error)
    assert pauses == [1.0, 2.0]


def test_a_redirect_is_refused(slack: FakeSlack) -> None:
    """A webhook never redirects; following one could reach an address inside the network (H30)."""
    slack.answer_next(Answer(302, "", {"Location": slack.url.replace(PATH, "/latest/meta-data")}))
    assert "redirect" in str(failure(a_notifier(slack.url)))
    assert slack.requests == 1


def test_a_refused_address_is_never_opened(slack: FakeSlack) -> None:
    """The check of the address runs before anything is sent, and its words are cleaned too (H30)."""

    def refuse(url: str) -> None:
        raise SourceError(f"{url} is a metadata address")

    error = failure(a_notifier(slack.url, check_address=refuse))
    assert "the webhook is a metadata address" in str(error)
    assert slack.requests == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"hooks.slack.com/{SECRET}",
        f"file:///etc/{SECRET}",
        f"ftp://example.org/{SECRET}",
        f"http:///{SECRET}",
        f"https://hooks.slack.com/a b/{SECRET}\n",
        f"https://hooks.slack.com:port/{SECRET}",
        f"https://hooks.släck.invalid/ü{SECRET}",
    ],
)
def test_an_address_that_is_none_is_explained(url: str) -> None:
    """A mistyped secret is a sentence, not a traceback, and is not repeated (H09, H10)."""
    error = failure(a_notifier(url))
    assert "SLACK_WEBHOOK_URL" in str(error)
    assert not error.may_have_arrived


def test_debug_logs_do_not_hold_the_address(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at DEBUG, the SDK would write the secret to the log file (H09)."""
    slack.answer_next(Answer(500, "rollup_error"))
    with caplog.at_level(logging.DEBUG):
        a_notifier(slack.url).send(CARD)
    assert SECRET not in caplog.text


def test_an_endless_or_garbled_answer_is_cut(slack: FakeSlack) -> None:
    """A reply of a megabyte in an unknown charset is read up to its first kilobyte."""
    slack.answer_next(Answer(403, "ß" * 500_000, {"Content-Type": "text/plain; charset=no-such-charset"}))
    assert "HTTP 403" in str(failure(a_notifier(slack.url)))


def test_the_fake_refuses_what_slack_refuses(slack: FakeSlack) -> None:
    """The tests above mean something: an unknown webhook is not answered with ok."""
    wrong = slack.url[:-1]
    with pytest.raises(NotifyError, match="no_service"):
        a_notifier(wrong).send(CARD)

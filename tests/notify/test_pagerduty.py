"""Opening and closing alerts at a real web server that behaves like PagerDuty, well or badly."""

from __future__ import annotations

import json
import logging
import socket
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from fakes.pagerduty import ROUTING_KEY, Answer, FakePagerDuty, faults_of
from hostile import hostile
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import AlarmNotice, Level, Message, MessageKind
from ai_ops.http_client import HttpClient, Limits
from ai_ops.notify.pagerduty.event import events_of
from ai_ops.notify.pagerduty.pagerduty import NO_ALARM, PAUSES_SECONDS, PagerDutyNotifier
from ai_ops.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
SLOW = AlarmNotice("web/latency_p95_ms", "web: latency_p95_ms was 420 where 150 was expected", Level.CRITICAL)
WARM = AlarmNotice("web/cpu_percent", "web: cpu_percent was 91", Level.MEDIUM)
SLOW_NO_MORE = replace(SLOW, is_over=True, level=Level.INFO)
KEY = "neuropilot/web/latency_p95_ms"


def a_message(*alarms: AlarmNotice, **changes: Any) -> Message:
    """A cycle in which something happened."""
    plain: dict[str, Any] = {
        "key": "web-20261120T06Z",
        "title": "web: hold",
        "facts": (("CPU", "91 %"),),
        "lines": ("latency is bad",),
        "service": "web",
        "at": AT,
        "alarms": alarms,
    }
    return Message(**{**plain, **changes})


def a_notifier(duty: FakePagerDuty, pauses: list[float] | None = None, **changes: Any) -> PagerDutyNotifier:
    """A notifier that never really sleeps."""
    sleep = (pauses if pauses is not None else []).append
    client = HttpClient(allow_private=True, limits=Limits(read_seconds=2.0), sleep=sleep)
    plain: dict[str, Any] = {"redact": Redactor([ROUTING_KEY]), "base_url": duty.url, "sleep": sleep}
    return PagerDutyNotifier(client, ROUTING_KEY, **{**plain, **changes})


def failure(notifier: PagerDutyNotifier, message: Message) -> NotifyError:
    """Send, and return the error; its whole story must not hold the key."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(message)
    assert ROUTING_KEY not in "".join(traceback.format_exception(caught.value))
    assert not caught.value.may_have_arrived, "the same event may always be sent again"
    return caught.value


@pytest.fixture
def duty() -> Iterator[FakePagerDuty]:
    """Start a PagerDuty for one test."""
    with FakePagerDuty() as server:
        yield server


def test_an_alarm_opens_an_alert_that_says_all(duty: FakePagerDuty) -> None:
    """Whoever is woken reads what is wrong, how badly, where and since when, without opening anything (S000-54)."""
    message = a_message(SLOW, review_url="https://github.com/acme/shop/pull/7", link="https://ci.example/report")
    sent = a_notifier(duty).send(message)
    ((event,),) = duty.alerts.values()
    assert sent.reference == event["dedup_key"] == KEY
    assert event["payload"] == {
        "summary": SLOW.summary,
        "source": "web",
        "severity": "critical",
        "component": "latency_p95_ms",
        "timestamp": "2026-11-20T06:00:00+00:00",
        "custom_details": {
            "CPU": "91 %",
            "Message": "web: hold",
            "Episode": "web-20261120T06Z",
            "Details": ["latency is bad"],
        },
    }
    assert [link["href"] for link in event["links"]] == [message.review_url, message.link]


def test_an_alarm_that_lasts_adds_to_its_alert_and_its_end_closes_it(duty: FakePagerDuty) -> None:
    """Four cycles of one problem are one call, not four."""
    notifier = a_notifier(duty)
    for _ in range(3):
        notifier.send(a_message(SLOW))
    assert {key: len(events) for key, events in duty.alerts.items()} == {KEY: 3}
    notifier.send(a_message(SLOW_NO_MORE))
    assert (duty.alerts, duty.closed) == ({}, [KEY])


def test_only_what_is_loud_enough_opens_and_all_that_is_over_closes(duty: FakePagerDuty) -> None:
    """The least level counts for each alarm; one that has become quiet in the meantime is closed all the same."""
    a_notifier(duty, least_level=Level.HIGH).send(a_message(WARM, SLOW, replace(WARM, key="web/errors", is_over=True)))
    assert [(event["event_action"], event["dedup_key"]) for event in duty.events] == [
        ("trigger", KEY),
        ("resolve", "neuropilot/web/errors"),
    ]


@pytest.mark.parametrize(
    ("level", "severity"),
    [("critical", "critical"), ("high", "error"), ("medium", "warning"), ("low", "info"), ("info", "info")],
)
def test_every_level_has_its_severity(duty: FakePagerDuty, level: str, severity: str) -> None:
    """PagerDuty knows four words, and the team's rules there rest on them."""
    a_notifier(duty, least_level=Level.INFO).send(a_message(replace(SLOW, level=Level(level))))
    assert duty.events[0]["payload"]["severity"] == severity


def test_the_loudest_alarm_goes_first(duty: FakePagerDuty) -> None:
    """When only one event comes through, it is the one that matters."""
    a_notifier(duty, least_level=Level.LOW).send(a_message(SLOW_NO_MORE, WARM, replace(SLOW, key="web/errors")))
    assert [event["dedup_key"] for event in duty.events] == ["neuropilot/web/errors", "neuropilot/web/cpu_percent", KEY]


@pytest.mark.parametrize("alarms", [(), (WARM,)])
def test_a_quiet_message_asks_nobody(duty: FakePagerDuty, alarms: tuple[AlarmNotice, ...]) -> None:
    """A hold at night is nobody's business."""
    assert a_notifier(duty).send(a_message(*alarms)).note == NO_ALARM
    assert duty.requests == 0


def test_made_up_figures_wake_nobody(duty: FakePagerDuty) -> None:
    """The simulated service shows how it works, and says what it is (H18)."""
    a_notifier(duty).send(a_message(SLOW, is_simulated=True))
    payload = duty.events[0]["payload"]
    assert payload["summary"].startswith("(simulated) ")
    assert payload["severity"] == "info"


def test_a_test_opens_and_closes_its_own_alert(duty: FakePagerDuty) -> None:
    """`neuropilot notify test` shows that the key is good, wakes nobody, and leaves nothing behind."""
    a_notifier(duty).send(a_message(kind=MessageKind.TEST, title="a test"))
    assert (duty.alerts, duty.closed) == ({}, ["neuropilot/test"])
    assert duty.events[0]["payload"]["summary"] == "(test) a test"
    assert duty.events[0]["payload"]["severity"] == "info"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_pagerduty_is_asked_again(duty: FakePagerDuty, status: int) -> None:
    """The documentation asks for it, and the key makes it harmless."""
    pauses: list[float] = []
    duty.answer_next(Answer(status, "{}"), Answer(status, "{}"))
    assert a_notifier(duty, pauses).send(a_message(SLOW)).attempts == 3
    assert pauses == list(PAUSES_SECONDS)


def test_the_pause_is_the_one_that_is_asked_for_within_reason(duty: FakePagerDuty) -> None:
    """An hour is not waited for: the next run tries again."""
    pauses: list[float] = []
    duty.answer_next(Answer(429, "{}", {"Retry-After": "7"}))
    a_notifier(duty, pauses).send(a_message(SLOW))
    assert pauses == [7.0]
    duty.answer_next(Answer(429, "{}", {"Retry-After": "3600"}))
    assert failure(a_notifier(duty, pauses), a_message(SLOW)).retryable
    assert pauses == [7.0]


def test_it_gives_up_after_three_attempts(duty: FakePagerDuty) -> None:
    """A cycle does not hang because a service is down."""
    duty.answer_next(*[Answer(500, "{}")] * 9)
    error = failure(a_notifier(duty), a_message(SLOW, replace(SLOW, key="web/errors")))
    assert error.retryable
    assert duty.requests == 3, "the second alarm would fare alike"


def test_a_lost_answer_does_not_open_a_second_alert(duty: FakePagerDuty) -> None:
    """The event arrived and its answer did not: it is sent again under the same key."""
    duty.answer_next(Answer(0, is_taken=True))
    assert a_notifier(duty).send(a_message(SLOW)).attempts == 2
    assert list(duty.alerts) == [KEY]


@pytest.mark.parametrize("body", ["", "<html>Log in</html>", "{}", '{"status": "queued"}', "[]"])
def test_only_pagerdutys_own_word_is_a_success(duty: FakePagerDuty, body: str) -> None:
    """A proxy's page may bear any status."""
    duty.answer_next(Answer(202, body))
    assert "channel_addresses.pagerduty" in str(failure(a_notifier(duty), a_message(SLOW)))


def test_a_refusal_tells_pagerdutys_words_and_the_way_out(duty: FakePagerDuty) -> None:
    """A wrong key is the usual mistake, and sending again does not help."""
    wrong = PagerDutyNotifier(HttpClient(allow_private=True), "x" * 32, redact=str, base_url=duty.url)
    error = failure(wrong, a_message(SLOW))
    assert "'routing_key' is unknown" in str(error)
    assert "PAGERDUTY_ROUTING_KEY" in str(error)
    assert not error.retryable
    assert duty.requests == 1


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"errors": 7}', '{"errors": []}'])
def test_a_refusal_without_a_reason_is_still_explained(duty: FakePagerDuty, body: str) -> None:
    """Whatever stands in the body, a person learns what to look at."""
    duty.answer_next(Answer(400, body))
    assert "PAGERDUTY_ROUTING_KEY" in str(failure(a_notifier(duty), a_message(SLOW)))


def test_foreign_words_in_a_refusal_are_harmless(duty: FakePagerDuty) -> None:
    """They come to the step summary and to other channels (H20), and no secret with them (H09)."""
    says = f"@everyone [skip ci] https://evil.example {ROUTING_KEY} " + "x" * 5000
    duty.answer_next(Answer(400, json.dumps({"errors": [says]})))
    text = str(failure(a_notifier(duty), a_message(SLOW)))
    assert not any(part in text for part in ("@everyone", "[skip", "https://evil"))
    assert len(text) < 600


def test_what_was_taken_stays_and_the_error_names_the_rest(duty: FakePagerDuty) -> None:
    """One event that is refused does not keep the others from waking somebody."""
    duty.answer_next(None, Answer(400, '{"errors": ["odd"]}'))
    alarms = (SLOW, replace(SLOW, key="web/errors"), replace(SLOW, key="web/db"))
    error = failure(a_notifier(duty), a_message(*alarms))
    assert list(duty.alerts) == [KEY, "neuropilot/web/db"]
    assert "took 2 of 3 events, not neuropilot/web/errors" in str(error)
    a_notifier(duty).send(a_message(*alarms))
    assert list(duty.alerts) == [KEY, "neuropilot/web/db", "neuropilot/web/errors"], "and again does no harm"


def test_an_interruption_counts_what_came_through(duty: FakePagerDuty) -> None:
    """The rest was not even tried."""
    duty.answer_next(None, *[Answer(503, "")] * 3)
    alarms = (SLOW, replace(SLOW, key="web/errors"), replace(SLOW, key="web/db"))
    error = failure(a_notifier(duty), a_message(*alarms))
    assert error.retryable
    assert "took 1 of 3 events" in str(error)


def test_nobody_listening_is_an_error_that_helps() -> None:
    """The next run tries again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with FakePagerDuty() as duty:
        notifier = a_notifier(duty, base_url=f"http://127.0.0.1:{port}")
        error = failure(notifier, a_message(SLOW))
    assert error.retryable
    assert "refused" in str(error)


def test_a_metadata_address_is_never_called() -> None:
    """Whatever the settings name (H30)."""
    with FakePagerDuty() as duty:
        error = failure(a_notifier(duty, base_url="http://169.254.169.254"), a_message(SLOW))
    assert "metadata" in str(error)


def test_no_secret_leaves_or_is_logged(duty: FakePagerDuty, caplog: pytest.LogCaptureFixture) -> None:
    """A canary in any part of a message stays here, and the key stands in no log (H09)."""
    canary = "canary-7Q2mZ-sk"
    alarm = AlarmNotice(f"web/{canary}", canary, Level.CRITICAL)
    message = a_message(alarm, title=canary, facts=((canary, canary),), lines=(canary,), service=canary)
    message = replace(message, key=canary, link=f"https://host/{canary}", review_url=f"https://x/?token={canary}")
    with caplog.at_level(logging.DEBUG):
        a_notifier(duty, redact=Redactor([canary, ROUTING_KEY])).send(message)
    assert canary not in json.dumps(duty.events)
    assert ROUTING_KEY not in caplog.text


def test_hostile_texts_become_events_that_are_taken() -> None:
    """Nothing that telemetry says keeps a person from being called (H20)."""
    for text in hostile().values():
        alarm = AlarmNotice(text, text, Level.CRITICAL)
        message = a_message(alarm, title=text, facts=((text, text),) * 60, lines=(text,) * 60, service=text)
        _check(replace(message, link=text, review_url=text))


nasty = st.one_of(
    st.text(st.characters(codec=None), max_size=300),
    st.sampled_from(["😀" * 3000, "e" + "\u0301" * 2000, "\x1b]0;x\x07", "a/" * 400, "", " ", "\ud800"]),
)


@given(
    st.builds(
        Message,
        key=nasty,
        title=nasty,
        facts=st.lists(st.tuples(nasty, nasty), max_size=9).map(lambda few: tuple(few * 9)),
        lines=st.lists(nasty, max_size=9).map(lambda few: tuple(few * 9)),
        is_simulated=st.booleans(),
        review_url=nasty,
        link=nasty,
        service=nasty,
        alarms=st.lists(st.builds(AlarmNotice, nasty, nasty, st.sampled_from(Level), st.booleans())).map(tuple),
    )
)
def test_any_message_becomes_events_within_the_limits(message: Message) -> None:
    """A truncated alarm is still an alarm."""
    _check(message)


def _check(message: Message) -> None:
    for event in events_of(message, Level.INFO, lambda text: text.encode("utf-8", "ignore").decode()):
        body = {"routing_key": ROUTING_KEY, **event}
        assert faults_of(body) == []
        assert len(json.dumps(body)) < 512 * 1024


def test_two_long_names_stay_two_alarms(duty: FakePagerDuty) -> None:
    """A key is cut, but never so that another alarm's end closes this one."""
    alarms = [AlarmNotice("web/" + "x" * 400 + end, "s", Level.CRITICAL) for end in "ab"]
    a_notifier(duty).send(a_message(*alarms))
    assert len(duty.alerts) == 2
    a_notifier(duty).send(a_message(replace(alarms[0], is_over=True)))
    assert len(duty.alerts) == 1

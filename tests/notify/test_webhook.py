"""The webhook: a message as signed JSON, at a receiver that follows the documented four steps."""

from __future__ import annotations

import json
import re
import traceback
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fakes import flaky
from fakes.flaky import FlakyServer
from fakes.webhook import PATH, SCHEMA, Answer, FakeReceiver
from hostile import hostile
from jsonschema import Draft202012Validator
from messages import AT, MORNING, filled, mask_of

from ai_ops.addresses import check_address
from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Level, Message, MessageKind, Property
from ai_ops.http_client import HttpClient, Limits
from ai_ops.notify.webhook.message_form import BYTES_MAX, message_bytes
from ai_ops.notify.webhook.webhook import WebhookNotifier, delivery_id, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENT = Limits(connect_seconds=1, read_seconds=1, total_seconds=30, retries=2, redirects=0)
HASTY = Limits(connect_seconds=1, read_seconds=0.2, total_seconds=0.3, retries=0, redirects=0)
LATE = AT - timedelta(minutes=6)
SECRET = "signing-made-up-7Q2mZ"
KEY = "4f2a11c0"  # the end of the address


def a_notifier(
    url: str, *, limits: Limits = PATIENT, sleep: Callable[[float], None] = lambda _: None, **changes: Any
) -> WebhookNotifier:
    """Make a notifier that never really sleeps."""
    client = HttpClient(allow_private=True, retry_post=True, limits=limits, sleep=sleep)
    plain: dict[str, Any] = {
        "secret": SECRET,
        "redact": mask_of(SECRET),
        "check_address": lambda address: check_address(address, allow_private=True),
        "clock": lambda: AT,
    }
    return WebhookNotifier(client, url, **{**plain, **changes})


def failure(notifier: WebhookNotifier) -> NotifyError:
    """Send and return the error; its whole story must hold neither the address nor the secret."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(MORNING)
    story = "".join(traceback.format_exception(caught.value))
    assert KEY not in story
    assert SECRET not in story
    return caught.value


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    """Start a receiver that knows the secret, and whose clock is right."""
    with FakeReceiver(SECRET, AT.timestamp) as server:
        yield server


def test_the_schema_is_one() -> None:
    """What receivers build on is a JSON Schema itself."""
    Draft202012Validator.check_schema(SCHEMA)


def test_a_message_arrives_signed_and_whole(receiver: FakeReceiver) -> None:
    """Everything but the page and the pictures themselves, typed; headers say what it is about."""
    sent = a_notifier(receiver.url).send(MORNING)
    (call,) = receiver.calls
    assert sent.reference == "report-daily-20261120"
    assert call.headers["X-NeuroPilot-Event"] == "daily_report"
    assert call.headers["X-NeuroPilot-Delivery"] == call.headers["Idempotency-Key"] == "report-daily-20261120"
    said = call.message
    assert said["version"] == 1
    assert said["at"] == "2026-11-20T09:17:00Z"
    assert said["facts"][0] == {"label": "Health", "value": "87 of 100"}
    assert said["alarms"] == [
        {"key": "web/latency_p95_ms", "summary": "p95 latency 412 ms", "level": "high", "is_over": True}
    ]
    figures = {one["name"]: one["value"] for one in said["properties"]}
    assert figures == {
        "Health": 87.0,
        "Day": "2026-11-20T09:17:00Z",
        "Tags": ["web", "cost"],
        "Verdict": "kept",
        "Forecast": None,
    }
    assert said["document"]["sections"][0]["blocks"][1]["rows"][1][1]["text"] == "61.20 EUR"
    assert said["document"]["link"] == MORNING.review_url
    assert said["pictures"] == [{"name": "web-cost", "alt": "Cost rose from 1.60 to 2.04 EUR a day"}]
    assert said["text"].startswith("Daily report")
    assert said["left_out"] == []
    assert "html" not in said


def test_the_signature_is_the_one_that_openssl_computes() -> None:
    """A golden value: `printf '1795166220.{"a":"ü"}' | openssl dgst -sha256 -hmac signing-made-up-7Q2mZ`."""
    golden = "sha256=bbbd7545e406f4274d4a3c33260d4146d4bdce5faf436820146bb6a6a1f1523c"
    assert signature(SECRET, "1795166220", '{"a":"ü"}'.encode()) == golden


def test_without_a_secret_calls_are_not_signed() -> None:
    """A signature with an empty key would say that it is safe."""
    with FakeReceiver("", AT.timestamp) as receiver:
        a_notifier(receiver.url, secret="").send(MORNING)
        assert "X-NeuroPilot-Signature" not in receiver.calls[0].headers


@pytest.mark.parametrize("trouble", ["another secret", "a clock that is late"])
def test_a_call_that_the_receiver_does_not_trust_is_told_with_both_reasons(
    receiver: FakeReceiver, trouble: str
) -> None:
    """The fake refuses what a receiver must refuse, and the error says where to look."""
    other = {"another secret": {"secret": "another-made-up"}, "a clock that is late": {"clock": lambda: LATE}}[trouble]
    error = failure(a_notifier(receiver.url, **other))
    assert "HTTP 401: check that NEUROPILOT_WEBHOOK_SECRET is the same on both sides, and the receiver's clock" in str(
        error
    )
    assert (error.retryable, error.may_have_arrived) == (False, False)


def test_what_the_receiver_has_already_counts_as_sent(receiver: FakeReceiver) -> None:
    """A replay after a lost answer is no failure."""
    notifier = a_notifier(receiver.url)
    notifier.send(MORNING)
    assert notifier.send(MORNING).note == "the receiver had it already"
    assert len(receiver.calls) == 1


def test_an_answer_that_got_lost_is_asked_for_again(receiver: FakeReceiver) -> None:
    """The key makes it safe: the receiver says that it has it."""
    receiver.lose_next_answer()
    assert a_notifier(receiver.url).send(MORNING).note == "the receiver had it already"
    assert (receiver.requests, len(receiver.calls)) == (2, 1)


def test_a_busy_receiver_is_asked_again_after_the_time_it_names(receiver: FakeReceiver) -> None:
    """Retry-After is honoured, as far as it is within reason."""
    pauses: list[float] = []
    receiver.answer_next(Answer(429, {"Retry-After": "7"}), Answer(503))
    a_notifier(receiver.url, sleep=pauses.append).send(MORNING)
    assert pauses[0] == 7.0
    assert receiver.requests == 3


@pytest.mark.parametrize(
    ("status", "requests", "retryable", "may_have_arrived"),
    [
        (400, 1, False, False),
        (403, 1, False, False),
        (404, 1, False, False),
        (410, 1, False, False),
        (413, 1, False, False),
        (422, 1, False, False),
        (429, 3, True, False),
        (500, 3, True, False),
        (501, 1, False, False),
        (502, 3, True, True),
        (503, 3, True, False),
        (504, 3, True, True),
        (204, 1, None, None),
    ],
)
def test_only_2xx_is_a_yes(
    receiver: FakeReceiver, status: int, requests: int, *, retryable: bool | None, may_have_arrived: bool | None
) -> None:
    """What may pass by itself is tried again; behind a gateway nobody knows."""
    receiver.answer_next(*[Answer(status)] * 3)
    if retryable is None:
        a_notifier(receiver.url).send(MORNING)
    else:
        error = failure(a_notifier(receiver.url))
        assert f"HTTP {status}: " in str(error)
        assert (error.retryable, error.may_have_arrived) == (retryable, may_have_arrived)
    assert receiver.requests == requests


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_yes(receiver: FakeReceiver, status: int) -> None:
    """A login page on the same host answers 200 to everything (H30)."""
    receiver.answer_next(Answer(status, {"Location": PATH}))
    assert "set the final address" in str(failure(a_notifier(receiver.url)))
    receiver.answer_next(Answer(status))
    assert "redirects" in str(failure(a_notifier(receiver.url)))
    assert receiver.requests == 2


def test_a_refused_address_is_never_called(receiver: FakeReceiver) -> None:
    """Metadata services answer to anybody inside (H30)."""
    error = failure(a_notifier(f"https://169.254.169.254{PATH}"))
    assert "metadata" in str(error)
    assert not error.may_have_arrived
    assert receiver.requests == 0


def test_nobody_listening_is_worth_another_try() -> None:
    """Nothing can have arrived."""
    error = failure(a_notifier(f"http://127.0.0.1:1{PATH}"))
    assert "Connection refused" in str(error)
    assert (error.retryable, error.may_have_arrived) == (True, False)


@pytest.mark.parametrize(
    "trouble", [flaky.reset, flaky.silent, flaky.truncated, flaky.dripping_body, flaky.dripping_head]
)
def test_a_lost_answer_is_told(trouble: flaky.Behaviour) -> None:
    """It may be there; another try does no harm, because the receiver knows what it has."""
    with FlakyServer(trouble) as server:
        error = failure(a_notifier(f"{server.url}{PATH}", limits=HASTY))
    assert (error.retryable, error.may_have_arrived) == (True, True)


@pytest.mark.parametrize(
    ("key", "sent_as"),
    [("web-20261120T06Z/2", None), ("a b", "sha256:"), ("x\r\nEvil: 1", "sha256:"), ("ü", "sha256:"), ("", "sha256:")],
)
def test_a_strange_key_goes_as_its_digest(receiver: FakeReceiver, key: str, sent_as: str | None) -> None:
    """A header cannot be broken open, and two keys stay two."""
    a_notifier(receiver.url).send(replace(MORNING, key=key))
    header = receiver.calls[0].headers["X-NeuroPilot-Delivery"]
    assert header == key if sent_as is None else header.startswith(sent_as)
    assert "Evil" not in receiver.calls[0].headers
    assert delivery_id("a b", str) != delivery_id("a  b", str)
    assert SECRET not in delivery_id(SECRET, mask_of(SECRET))


def test_hostile_text_is_text() -> None:
    """Whatever is written into a label arrives as a string of valid JSON, and no terminal obeys it (H20)."""
    texts = tuple(text[:2000] for text in hostile().values())
    body = message_bytes(replace(MORNING, document=None, facts=tuple((text, text) for text in texts)), str)
    said = json.loads(body)
    assert Draft202012Validator(SCHEMA).is_valid(said)
    assert len(said["facts"]) == len(texts)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", body.decode())
    shown = [fact["value"] for fact in said["facts"]]
    assert all(text in shown for text in texts if text.isascii() and text.isprintable())


def test_secrets_never_leave(receiver: FakeReceiver) -> None:
    """A canary in any part of a message stays here (H09)."""
    a_notifier(receiver.url).send(filled(f"password is {SECRET}!"))
    (call,) = receiver.calls
    assert SECRET not in call.body.decode() + str(call.headers)
    assert "password is ***!" in call.body.decode()


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        (replace(MORNING, text="ä" * 600_000), ["document", "text"]),
        (replace(MORNING, text="x" * 999_000), ["document"]),
        (replace(filled("\\" * 10_000), text=""), ["document"]),
        (
            Message("k", "t" * 3000, (("a" * 3000, "b" * 3000),) * 999, ("\0\x01" * 3000,) * 99),
            ["the ends of long lists and texts"],
        ),
    ],
    ids=["text too", "document", "escapes", "lists"],
)
def test_a_giant_message_is_cut_and_says_so(message: Message, left_out: list[str]) -> None:
    """Receivers refuse what is larger than 1 MB."""
    body = message_bytes(message, str)
    assert len(body) <= BYTES_MAX
    said = json.loads(body)
    assert said["left_out"] == left_out
    assert Draft202012Validator(SCHEMA).is_valid(said)


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), -float("inf")])
def test_a_figure_that_is_no_number_is_not_known(figure: float) -> None:
    """JSON has no word for it."""
    body = message_bytes(replace(MORNING, properties=(Property("Cost", figure),)), str)
    assert json.loads(body)["properties"] == [{"name": "Cost", "value": None}]


def test_the_schema_knows_every_kind_and_level() -> None:
    """A new one must not surprise receivers."""
    assert SCHEMA["properties"]["kind"]["enum"] == [kind.value for kind in MessageKind]
    assert SCHEMA["properties"]["level"]["enum"] == [level.value for level in Level]

"""Writing pages while the network, or Notion, fails in every way: one page in the end, never two, and whole."""

from __future__ import annotations

import json
import socket
import traceback
from typing import TYPE_CHECKING

import pytest
from fakes.clock import Clock
from fakes.flaky import FlakyServer, answer, dripping_body, dripping_head, redirect, reset, silent, truncated, web_page
from fakes.notion import DATABASE, TOKEN, FakeNotion, Fault

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Message, Picture
from ai_ops.notify.notion.line import Limits, NotionLine
from ai_ops.notify.notion.notion import NotionNotifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes.flaky import Behaviour

LINES = tuple(f"line {number}" for number in range(250))
MESSAGE = Message("web-1", "web: hold", (), LINES, pictures=(Picture("cost", "cost rose", b"\x89PNG"),))
REQUESTS = {
    "look at the database": ("GET", "/databases/"),
    "look at its columns": ("GET", "/data_sources/"),
    "look for the page": ("POST", "/query$"),
    "announce a picture": ("POST", "/file_uploads$"),
    "send a picture": ("POST", "/send$"),
    "make the page": ("POST", "/pages$"),
    "add blocks": ("PATCH", "/children$"),
    "finish the page": ("PATCH", "/pages/"),
}


@pytest.fixture
def clock() -> Clock:
    """Time for one test."""
    return Clock()


@pytest.fixture
def notion(clock: Clock) -> Iterator[FakeNotion]:
    """Start a Notion that grants three requests a second."""
    with FakeNotion(clock=clock) as server:
        yield server


def a_notifier(notion: FakeNotion, clock: Clock) -> NotionNotifier:
    """A notifier that never really sleeps."""
    return NotionNotifier(TOKEN, DATABASE, redact=str, base_url=notion.url, clock=clock, sleep=clock.sleep)


def failure(notifier: NotionNotifier) -> NotifyError:
    """Send, and return the error; its whole story must not hold the token."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(MESSAGE)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert not caught.value.may_have_arrived
    return caught.value


def assert_whole(notion: FakeNotion) -> None:
    """There is one page, with every line once and in order, the picture behind them, and the key alone."""
    (page,) = notion.pages
    texts = [block[block["type"]].get("rich_text", [{}]) for block in page.blocks]
    lines = [items[0]["text"]["content"] for items in texts if items[0]]
    assert lines == ["web: hold", *LINES]
    assert page.blocks[-1]["type"] == "image"
    assert page.text("Run ID") == "web-1"


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("status", [0, 502])
@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS.keys())
def test_a_lost_answer_leaves_one_whole_page(
    notion: FakeNotion, clock: Clock, asked: tuple[str, str], status: int, *, is_done: bool
) -> None:
    """Whether the request was obeyed or not, nothing is missing and nothing stands there twice (R30)."""
    notion.inject(Fault(*asked, status, acts=is_done))
    sent = a_notifier(notion, clock).send(MESSAGE)
    assert_whole(notion)
    assert sent.reference == notion.pages[0].id


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_server_that_fails_may_have_done_it(notion: FakeNotion, clock: Clock, status: int) -> None:
    """Notion gives up after a minute, and a gateway never knows."""
    notion.inject(Fault(*REQUESTS["make the page"], status, "service_unavailable", acts=True))
    a_notifier(notion, clock).send(MESSAGE)
    assert notion.count("POST", "/pages$") == 1
    assert_whole(notion)


@pytest.mark.parametrize(
    ("status", "headers", "pauses"),
    [
        (429, {"Retry-After": "7"}, [7.0]),
        (529, {"Retry-After": "11"}, [11.0]),
        (429, {}, [1.0]),
        (429, {"Retry-After": "soon"}, [1.0]),
        (409, {}, [1.0]),
    ],
)
@pytest.mark.parametrize("asked", [REQUESTS["make the page"], REQUESTS["add blocks"], REQUESTS["look for the page"]])
def test_a_busy_notion_is_asked_again_after_the_time_it_names(
    notion: FakeNotion, clock: Clock, asked: tuple[str, str], status: int, headers: dict[str, str], pauses: list[float]
) -> None:
    """It has done nothing, so that asking again cannot do anything twice (H31)."""
    notion.inject(Fault(*asked, status, "rate_limited" if status != 409 else "conflict_error", headers))
    sent = a_notifier(notion, clock).send(MESSAGE)
    assert_whole(notion)
    assert [pause for pause in clock.pauses if pause > 0.5] == pauses
    assert sent.attempts == 2


def test_a_pause_of_an_hour_is_not_waited_for(notion: FakeNotion, clock: Clock) -> None:
    """The next run tries again."""
    notion.inject(Fault(*REQUESTS["make the page"], 429, "rate_limited", {"Retry-After": "3600"}))
    error = failure(a_notifier(notion, clock))
    assert error.retryable
    assert "rate_limited" in str(error)
    assert clock.now < 10


def test_one_message_takes_no_more_than_its_time(notion: FakeNotion, clock: Clock) -> None:
    """Every pause is allowed by itself; altogether they end, and the next run completes what was begun."""
    notion.inject(Fault(*REQUESTS["add blocks"], 429, "rate_limited", {"Retry-After": "60"}, times=99))
    notion.inject(Fault(*REQUESTS["make the page"], 429, "rate_limited", {"Retry-After": "59"}, times=2))
    notifier = a_notifier(notion, clock)
    error = failure(notifier)
    assert error.retryable
    assert clock.now < 250
    notion.recover()
    notifier.send(MESSAGE)
    assert_whole(notion)


def test_a_search_that_lags_behind_does_not_make_two_pages(notion: FakeNotion, clock: Clock) -> None:
    """The page was made, its answer was lost, and Notion's search does not know it yet."""
    notion.inject(Fault(*REQUESTS["make the page"], 0, acts=True))
    notifier = a_notifier(notion, clock)
    notion.blind_queries = 2  # when it looks first, and when it looks again
    notifier.send(MESSAGE)
    assert len(notion.all_pages) == 2
    assert_whole(notion)


def test_notion_that_is_down_is_left_alone_after_three_attempts(notion: FakeNotion, clock: Clock) -> None:
    """A run does not hang because a service is down."""
    notion.inject(Fault(status=503, body="service_unavailable", times=99))
    error = failure(a_notifier(notion, clock))
    assert error.retryable
    assert len(notion.requests) == 3


def test_a_page_that_never_comes_about_is_an_error(notion: FakeNotion, clock: Clock) -> None:
    """Three times made, three times lost, never found: nothing is there, and it is said."""
    notion.inject(Fault(*REQUESTS["make the page"], 0, times=99))
    error = failure(a_notifier(notion, clock))
    assert error.retryable
    assert notion.count("POST", "/pages$") == 3
    assert not notion.pages


def test_blocks_that_never_come_through_leave_a_marked_page(notion: FakeNotion, clock: Clock) -> None:
    """And the next run writes it anew."""
    notion.inject(Fault(*REQUESTS["add blocks"], 502, times=99))
    notifier = a_notifier(notion, clock)
    assert failure(notifier).retryable
    assert notion.pages[0].text("Run ID") == "web-1 (being written)"
    notion.recover()
    notifier.send(MESSAGE)
    assert_whole(notion)


def test_a_person_who_throws_the_page_away_meanwhile_gets_an_error_and_no_defect(
    notion: FakeNotion, clock: Clock
) -> None:
    """Whatever people do in their database, the agent keeps its sentence."""
    notion.inject(Fault(*REQUESTS["finish the page"], 404, "object_not_found"))
    assert "Connections" in str(failure(a_notifier(notion, clock)))


@pytest.mark.parametrize(
    ("status", "word", "advice"),
    [
        (400, "validation_error", "columns of the database"),
        (400, "invalid_json", "report it"),
        (400, "missing_version", "report it"),
        (401, "unauthorized", "NOTION_API_KEY"),
        (403, "restricted_resource", "capabilities"),
        (404, "object_not_found", "Connections"),
    ],
)
def test_a_refusal_names_notions_word_and_the_way_out(
    notion: FakeNotion, clock: Clock, status: int, word: str, advice: str
) -> None:
    """Each documented answer is a sentence that a person can act upon; asking again would not help."""
    notion.inject(Fault(*REQUESTS["make the page"], status, word))
    error = failure(a_notifier(notion, clock))
    assert word in str(error)
    assert advice in str(error)
    assert not error.retryable
    assert notion.count("POST", "/pages$") == 1


def test_foreign_words_in_a_refusal_are_harmless(notion: FakeNotion, clock: Clock) -> None:
    """Notion quotes what it was sent; the sentence comes to step summaries and other channels (H20)."""
    says = f"@everyone [skip ci] https://evil.example {TOKEN} " + "x" * 5000
    body = json.dumps({"object": "error", "status": 400, "code": "validation_error", "message": says})
    notion.inject(Fault(*REQUESTS["make the page"], 400, body))
    text = str(failure(a_notifier(notion, clock)))
    assert not any(part in text for part in ("@everyone", "[skip", "https://evil"))
    assert len(text) < 600


ODD: dict[str, tuple[Behaviour, str]] = {
    "a page of a proxy": (web_page(200), "no JSON"),
    "a refusal of a proxy": (web_page(403), "not in Notion's words"),
    "a list": (answer(body=b"[]"), "not in Notion's words"),
    "an empty object": (answer(body=b"{}"), "linked view"),
    "a deep one": (answer(body=b"[" * 100_000), "no JSON"),
    "a redirect": (redirect("http://169.254.169.254/latest"), "redirect"),
    "a source without an id": (answer(body=b'{"data_sources": [{"id": "../users"}]}'), "without an id"),
    "a source that is none": (answer(body=b'{"data_sources": ["x"]}'), "without an id"),
    "a cut answer": (truncated, "lost"),
    "a broken line": (reset, "lost"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_answer_that_is_not_notions_is_a_sentence(name: str, clock: Clock) -> None:
    """Something on the way may answer anything; nothing of it is trusted (H30)."""
    behaviour, says = ODD[name]
    with FlakyServer(behaviour) as server:
        notifier = NotionNotifier(TOKEN, DATABASE, redact=str, base_url=server.url, clock=clock, sleep=clock.sleep)
        assert says in str(failure(notifier))


def test_a_schema_that_is_none_is_a_sentence(clock: Clock) -> None:
    """A database always has exactly one title."""
    sources = json.dumps({"data_sources": [{"id": DATABASE}]}).encode()
    with FlakyServer(answer(body=sources), answer(body=b'{"properties": {"Name": {"type": "number"}}}')) as server:
        notifier = NotionNotifier(TOKEN, DATABASE, redact=str, base_url=server.url, clock=clock, sleep=clock.sleep)
        assert "describes no database" in str(failure(notifier))


@pytest.mark.parametrize("behaviour", [silent, dripping_head, dripping_body])
def test_whoever_is_silent_or_drips_is_cut_off(behaviour: Behaviour, clock: Clock) -> None:
    """A byte now and then buys nobody more time (H29)."""
    with FlakyServer(behaviour) as server:
        limits = Limits(attempt_seconds=0.2)
        line = NotionLine(TOKEN, server.url, redact=str, limits=limits, clock=clock, sleep=clock.sleep)
        with pytest.raises(NotifyError, match="lost"):
            line.ask(lambda client: client.databases.retrieve(DATABASE), may_repeat=False)
        assert len(server.asked) == 1


def test_nobody_listening_is_an_error_that_helps(clock: Clock) -> None:
    """Nothing can have arrived."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    error = failure(NotionNotifier(TOKEN, DATABASE, redact=str, base_url=url, clock=clock, sleep=clock.sleep))
    assert error.retryable
    assert "refused" in str(error)
    assert [pause for pause in clock.pauses if pause >= 1] == [1.0, 4.0]


@pytest.mark.parametrize("url", ["http://169.254.169.254", "http://metadata.google.internal", "http://[fd00:ec2::254]"])
def test_a_metadata_address_is_never_called(url: str, clock: Clock) -> None:
    """Whatever the settings name (H30)."""
    error = failure(NotionNotifier(TOKEN, DATABASE, redact=str, base_url=url, clock=clock, sleep=clock.sleep))
    assert "metadata" in str(error)
    assert not error.retryable


def test_a_proxy_of_the_machine_opens_no_other_way(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one guarded way out knows the proxies; the client itself must not find them (H30)."""
    with FlakyServer(web_page(200)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        url = "http://169.254.169.254"
        error = failure(NotionNotifier(TOKEN, DATABASE, redact=str, base_url=url, clock=clock, sleep=clock.sleep))
        assert not proxy.asked
    assert "metadata" in str(error)


def test_the_fake_refuses_what_notion_refuses(clock: Clock) -> None:
    """The tests above mean something: other versions, other parents and too fast callers are sent away."""
    with FakeNotion(clock=clock) as notion:
        line = NotionLine(TOKEN, notion.url, redact=str, clock=clock, sleep=clock.sleep)
        row = {"Name": {"title": [{"type": "text", "text": {"content": "x"}}]}}
        source = {"type": "data_source_id", "data_source_id": notion.sources[0]}
        bullets = [{"type": "paragraph", "paragraph": {"rich_text": []}}]
        wrong: list[tuple[Callable[..., object], str]] = [
            (lambda client: client.pages.create(parent={"database_id": DATABASE}, properties=row), "data_source_id"),
            (lambda client: client.pages.create(parent=source, properties={"Cost": {"number": 1}}), "title"),
            (lambda client: client.pages.create(parent=source, properties={**row, "No": {"number": 1}}), "not a prop"),
            (lambda client: client.pages.create(parent=source, properties=row, children=bullets * 101), "101"),
        ]
        for what, says in wrong:
            with pytest.raises(NotifyError, match=says):
                line.ask(what)
        assert not notion.pages
        with pytest.raises(NotifyError, match="used up"):
            _ask_too_fast(line, clock)
        line._client.client.headers["Notion-Version"] = "2025-09-03"
        line.begin()
        with pytest.raises(NotifyError, match="2026-03-11"):
            line.ask(lambda client: client.databases.retrieve(DATABASE))


def _ask_too_fast(line: NotionLine, clock: Clock) -> None:
    """Ask twice at once, without the time to wait for a third attempt."""
    for _ in range(2):
        line._next, line._end = clock(), clock() + 0.1
        line.ask(lambda client: client.databases.retrieve(DATABASE))

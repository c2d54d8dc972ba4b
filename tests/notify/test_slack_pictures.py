"""Pictures below a Slack message, and what becomes of the message when they fail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fakes.slack_api import HANG_UP, TOKEN, FakeSlackApi, Fault
from fakes.slack_workspace import CHANNEL
from hostile import hostile
from slack_cards import HIDDEN_FROM_SLACK

from ai_ops.domain.errors import HttpError
from ai_ops.domain.message import Message, MessageKind, Picture
from ai_ops.notify.slack.bot import Patience, SlackBot
from ai_ops.notify.slack.pictures import show_pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.domain.message import Sent

CANARY = "canary-7Q2mZ"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
COST = Picture("web-cost", "Cost rose from 1.60 to 2.04 EUR a day", PNG)
ASK, COMPLETE, SEND = "files.getUploadURLExternal", "files.completeUploadExternal", ""


def mask(text: str) -> str:
    """Take the canary out."""
    return text.replace(CANARY, "***")


def nowhere_else(url: str) -> None:
    """Refuse all but loopback."""
    if not url.startswith("http://127.0.0.1"):
        raise HttpError(f"{url} is not called")


def pictures_sent(
    slack: FakeSlackApi, *pictures: Picture, clock: Callable[[], float] = lambda: 0.0, total_seconds: float = 60.0
) -> Sent:
    """Send a report with pictures."""
    patience = Patience(timeout_seconds=0.5, total_seconds=total_seconds, sleep=lambda _: None, clock=clock)
    bot = SlackBot(TOKEN, CHANNEL, redact=mask, check_address=nowhere_else, base_url=slack.url, patience=patience)
    return bot.send(Message("k", "web kept its promise", (), (), kind=MessageKind.DAILY_REPORT, pictures=pictures))


@pytest.fixture
def slack() -> Iterator[FakeSlackApi]:
    """Start a Slack for one test."""
    with FakeSlackApi() as server:
        yield server


def test_pictures_stand_in_the_thread_with_words_for_who_cannot_see_them(slack: FakeSlackApi) -> None:
    """Whole and in order, in one message, each with its description."""
    forecast = Picture("web-forecast", "The busiest hour will be at 18:10", PNG[:500])
    sent = pictures_sent(slack, COST, forecast)
    (reply,) = slack.workspace.replies(sent.reference)
    assert [(file.filename, file.title, file.alt, file.content) for file in reply.files] == [
        ("web-cost.png", "web-cost", COST.alt, PNG),
        ("web-forecast.png", "web-forecast", forecast.alt, PNG[:500]),
    ]
    assert sent.note == ""


def test_the_token_stays_with_the_methods(slack: FakeSlackApi) -> None:
    """An upload address is enough by itself; whoever answers there learns no secret (H09)."""
    pictures_sent(slack, COST)
    tokens = {call.path.partition("/ticket")[0]: call.token for call in slack.calls}
    assert tokens.pop("/upload/v1") == ""
    assert set(tokens.values()) == {TOKEN}


def test_a_thread_gets_four_pictures_and_no_more(slack: FakeSlackApi) -> None:
    """The rest is in the report, to which the card leads."""
    sent = pictures_sent(slack, *[COST] * 9)
    (reply,) = slack.workspace.replies(sent.reference)
    assert len(reply.files) == 4
    assert len(slack.called(ASK)) == 4
    assert sent.note == ""


def test_a_card_without_pictures_asks_for_no_upload(slack: FakeSlackApi) -> None:
    """Most messages have none."""
    pictures_sent(slack)
    assert [call.path for call in slack.calls] == ["/api/chat.postMessage", "/api/chat.getPermalink"]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(ASK, status=200, body={"ok": False, "error": "file_uploads_disabled"}), "takes no files"),
        (Fault(ASK, status=200, body={"ok": False, "error": "storage_limit_reached"}), "no room"),
        (Fault(ASK, status=500), "HTTP 500"),
        (Fault(ASK, status=HANG_UP), "no whole answer"),
        (Fault(ASK, status=200, body={"ok": True}), "no upload address"),
        (Fault(ASK, status=200, body={"ok": True, "upload_url": 5, "file_id": "F1"}), "no upload address"),
        (Fault(COMPLETE, status=200, body={"ok": False, "error": "file_type_not_allowed"}), "PNG"),
        (Fault(COMPLETE, status=502), "HTTP 502"),
        (Fault(COMPLETE, status=HANG_UP), "no whole answer"),
    ],
    ids=lambda value: f"{value.path} {value.body}"[:60] if isinstance(value, Fault) else "",
)
def test_a_picture_that_fails_is_noted_and_the_message_is_sent(slack: FakeSlackApi, fault: Fault, says: str) -> None:
    """The verdict is in the card; a chart is an extra."""
    slack.fail(*[fault] * 3)
    sent = pictures_sent(slack, COST)
    assert says in sent.note
    assert sent.note.startswith("1 of 1 pictures are missing: ")
    assert len(slack.workspace.posts) == 1
    assert sent.reference == slack.workspace.posts[0].ts


def test_a_missing_permission_for_files_is_named_once(slack: FakeSlackApi) -> None:
    """A bot that may write but not upload posts every report; the note says which scope to add."""
    slack.tokens[TOKEN] = {"chat:write"}
    sent = pictures_sent(slack, *[COST] * 4)
    assert sent.note.count("add files:write") == 1


def test_the_others_are_shown_when_one_fails(slack: FakeSlackApi) -> None:
    """An empty picture is refused by Slack, the one beside it is not."""
    sent = pictures_sent(slack, Picture("empty", "", b""), COST)
    (reply,) = slack.workspace.replies(sent.reference)
    assert [file.title for file in reply.files] == ["web-cost"]
    assert "1 of 2 pictures are missing" in sent.note


class Uploads(FakeSlackApi):
    """A Slack whose upload addresses fail so often before they work."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = list(faults)

    def judge(self, path, headers, body):
        """Fail uploads alone."""
        if path.startswith("/upload/") and self.faults:
            self.fail(self.faults.pop(0))
        return super().judge(path, headers, body)


@pytest.mark.parametrize("status", [429, 500, 503, HANG_UP])
def test_an_upload_that_breaks_off_is_tried_again(status: int) -> None:
    """Nobody sees a file before its upload is completed, so twice is no worse than once."""
    with Uploads(Fault("", status=status), Fault("", status=status)) as slack:
        sent = pictures_sent(slack, COST)
        assert sent.note == ""
        assert slack.workspace.replies(sent.reference)[0].files[0].content == PNG


@pytest.mark.parametrize("status", [500, HANG_UP])
def test_an_upload_that_never_works_is_given_up(status: int) -> None:
    """Three attempts, and the message stands without its picture."""
    with Uploads(*[Fault("", status=status)] * 9) as slack:
        sent = pictures_sent(slack, COST)
        assert "1 of 1 pictures are missing" in sent.note
        assert len([call for call in slack.calls if call.path.startswith("/upload/")]) == 3
        assert slack.called(COMPLETE) == []


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://files.slack.com@evil.example/upload",
        "https://evil.example/upload?x=files.slack.com",
        "https://files.slack.com.evil.example/upload",
        "https://evilslack.com/upload",
        "http://files.slack.com/upload/v1/abc",
        "https://files.slack.com:8443/upload/v1/abc",
        "file:///etc/passwd",
        "http://127.0.0.1:1/upload",
        "https://[::1/upload",
        "",
    ],
)
def test_pictures_go_to_slack_and_nowhere_else(slack: FakeSlackApi, address: str) -> None:
    """A forged answer cannot make the agent send a picture into the network, or elsewhere (H30)."""
    slack.fail(Fault(ASK, status=200, body={"ok": True, "upload_url": address, "file_id": "F1"}))
    sent = pictures_sent(slack, COST)
    assert "not its own" in sent.note
    assert slack.called(COMPLETE) == []


@pytest.mark.parametrize(
    "address", ["https://files.slack.com/upload/v1/abc", "https://files.slack-gov.com/upload/v1/a"]
)
def test_slacks_own_hosts_are_checked_too(slack: FakeSlackApi, address: str) -> None:
    """A name of Slack's may be made to lead to a machine inside: the check of addresses has the last word."""
    slack.fail(Fault(ASK, status=200, body={"ok": True, "upload_url": address, "file_id": "F1"}))
    assert f"{address} is not called" in pictures_sent(slack, COST).note


def test_a_redirected_upload_is_refused(slack: FakeSlackApi) -> None:
    """Nothing is sent on to where an answer points."""
    with Uploads(Fault("", status=307, headers={"Location": "http://127.0.0.1:1/"})) as strange:
        assert "HTTP 307" in pictures_sent(strange, COST).note


def test_the_patience_is_for_the_message_and_its_pictures_together(slack: FakeSlackApi) -> None:
    """A slow Slack cannot hold a run for longer than one message is worth (H29)."""
    seconds = iter(range(0, 10_000, 15))
    sent = pictures_sent(slack, *[COST] * 4, clock=lambda: float(next(seconds)), total_seconds=60.0)
    assert "the 60 s for one message are used up" in sent.note
    assert len(slack.calls) <= 4


@pytest.mark.parametrize("text", [f"{CANARY} {CANARY}", "x" * 5000, "", "../../etc/passwd\n\u202e"])
def test_any_name_and_description_is_taken(slack: FakeSlackApi, text: str) -> None:
    """Long ones are cut, empty ones replaced, secrets masked (H09)."""
    sent = pictures_sent(slack, Picture(text, text, PNG[:9]))
    (file,) = slack.workspace.replies(sent.reference)[0].files
    assert sent.note == ""
    assert not any(CANARY in part for part in (file.filename, file.title, file.alt))


class AnySlack:
    """Takes everything that is asked of it."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []
        self.titles: list[str] = []

    def upload_address(self, filename: str, length: int, alt: str) -> dict[str, str]:
        """Note how a file will be called."""
        self.names.append((filename, alt))
        return {"upload_url": "https://files.slack.com/1", "file_id": "F1"}

    def upload(self, url: str, content: bytes) -> None:
        """Take it."""

    def complete_uploads(self, channel: str, timestamp: str, files: list[dict[str, str]]) -> dict[str, str]:
        """Note what is written above a file."""
        self.titles += [file["title"] for file in files]
        return {}


@pytest.mark.parametrize("text", hostile().values(), ids=hostile())
def test_nothing_hostile_names_a_file(text: str) -> None:
    """A file's name is a plain word, its description one line in which nothing hides (H20)."""
    slack: Any = AnySlack()
    assert show_pictures(slack, [Picture(text, text, PNG)], (CHANNEL, "1.1"), str) == ""
    ((filename, alt),), (title,) = slack.names, slack.titles
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,80}\.png", filename)
    assert 0 < len(title) <= 80
    assert len(alt) <= 1000
    assert not HIDDEN_FROM_SLACK.search(title + alt)

"""The fake Slack is as strict as the real one: Slack's own client gets along with it, and breaches are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from fakes.slack_api import TOKEN, FakeSlackApi
from fakes.slack_workspace import CHANNEL
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def slack() -> Iterator[FakeSlackApi]:
    """Start a Slack for one test."""
    with FakeSlackApi() as server:
        yield server


def refusal(call: Callable[..., object], **arguments: Any) -> str:
    """Slack's word for why it does not do it."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_slacks_own_client_uploads_a_file(slack: FakeSlackApi) -> None:
    """The three steps as the SDK takes them."""
    client = WebClient(TOKEN, slack.url)
    ts = client.chat_postMessage(channel=CHANNEL, text="hello")["ts"]
    client.files_upload_v2(filename="a.png", content=b"12345", alt_txt="numbers", channel=CHANNEL, thread_ts=ts)
    ((file,),) = (reply.files for reply in slack.workspace.replies(ts))
    assert (file.content, file.alt) == (b"12345", "numbers")


def test_uploads_out_of_order_are_refused(slack: FakeSlackApi) -> None:
    """Nothing is shown before it was sent, or twice, or as something else than was announced."""
    client = WebClient(TOKEN, slack.url)
    asked = client.files_getUploadURLExternal(filename="a.png", length=5)
    shown = {"files": [{"id": asked["file_id"], "title": "a"}], "channel_id": CHANNEL}
    assert refusal(client.files_completeUploadExternal, **shown) == "file_not_found"
    assert requests.post(asked["upload_url"], b"1234", timeout=5).status_code == 400
    assert requests.post(asked["upload_url"] + "x", b"12345", timeout=5).status_code == 400
    assert requests.post(asked["upload_url"], b"12345", timeout=5).text == "OK - 5"
    assert refusal(client.files_completeUploadExternal, **shown, thread_ts="1.1") == "invalid_arguments"
    client.files_completeUploadExternal(**shown)
    assert refusal(client.files_completeUploadExternal, **shown) == "file_not_found"


def test_announcements_that_slack_refuses(slack: FakeSlackApi) -> None:
    """An empty file, and a description that is too long."""
    ask = WebClient(TOKEN, slack.url).files_getUploadURLExternal
    assert refusal(ask, filename="a.png", length=0) == "missing_argument"
    assert refusal(ask, filename="", length=4) == "missing_argument"
    assert refusal(ask, filename="a.png", length=4, alt_txt="x" * 1001) == "alt_txt_too_large"


def test_messages_that_slack_refuses(slack: FakeSlackApi) -> None:
    """Without text, with too many blocks or too much in them, or in a place that is none."""
    post = WebClient(TOKEN, slack.url).chat_postMessage
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
    with pytest.warns(UserWarning, match="text"):
        assert refusal(post, channel=CHANNEL) == "no_text"
    assert refusal(post, channel=CHANNEL, text="t", blocks=[{"type": "divider"}] * 51) == "invalid_blocks"
    assert refusal(post, channel=CHANNEL, text="t", blocks=[long] * 5) == "msg_blocks_too_long"
    assert refusal(post, channel="C0NOWHERE00", text="t") == "channel_not_found"
    assert refusal(WebClient("xoxb-other", slack.url).chat_postMessage, channel=CHANNEL, text="t") == "invalid_auth"


def test_a_channel_takes_one_message_a_second() -> None:
    """Faster ones get a 429 with the time to wait; a second later all is well."""
    now = [0.0]
    with FakeSlackApi(messages_per_second=1, clock=lambda: now[0]) as slack:
        post = WebClient(TOKEN, slack.url).chat_postMessage
        post(channel=CHANNEL, text="t")
        with pytest.raises(SlackApiError) as caught:
            post(channel=CHANNEL, text="t")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "1"
        now[0] = 1.0
        post(channel=CHANNEL, text="t")


def test_methods_that_read_do_not_look_into_json(slack: FakeSlackApi) -> None:
    """Arguments of these must come as a form."""
    client = WebClient(TOKEN, slack.url)
    ts = client.chat_postMessage(channel=CHANNEL, text="hello")["ts"]
    assert client.conversations_replies(channel=CHANNEL, ts=ts)["messages"][0]["ts"] == ts
    arguments = {"channel": CHANNEL, "ts": ts}
    assert refusal(client.api_call, api_method="conversations.replies", json=arguments) == "channel_not_found"

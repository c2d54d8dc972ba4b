"""Slack's own client of its Web API, kept on a short leash. Imported where the bot first speaks."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from requests import Request
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState
from slack_sdk.web import WebClient
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from ai_ops.domain.errors import HttpError
from ai_ops.http_client import Deadline, Reply
from ai_ops.http_transport import Transport, Untrusted
from ai_ops.notify.slack.client import PAUSE_MAX_SECONDS, RETRIES, pause_seconds

if TYPE_CHECKING:
    import urllib.request
    from collections.abc import Mapping

    from ai_ops.notify.slack.bot import Patience

BODY_MAX_BYTES = 1024**2
"""The longest answer tells of one thread with 15 messages."""

UPLOAD_PAUSES_SECONDS = (1.0, 2.0)
"""Before the second and the third attempt."""

_REPEATABLE = {"chat.getPermalink", "conversations.replies", "files.getUploadURLExternal"}
"""Methods that leave nothing behind that anybody would see twice."""

_NOT_DONE = {"ratelimited", "rate_limited", "service_unavailable"}
"""Words by which Slack says that it has not even begun."""


class LeashedWebClient(WebClient):
    """`WebClient` whose requests are checked, timed and bounded by our own transport, and of which nothing is logged.

    It follows no redirect. What is no JSON object reads as an empty one, which Slack never sends.

    Parameters
    ----------
    token
        The bot's, a secret; it goes to `base_url` alone.
    base_url
        Where the methods are.
    patience
        How long to wait; all that one client asks shares `patience.total_seconds`.
    """

    def __init__(self, token: str, base_url: str, patience: Patience) -> None:
        silent = logging.Logger("slack", level=logging.CRITICAL + 1)  # noqa: LOG001  # the SDK logs what it sends
        self._line = _Line(patience)
        super().__init__(token, base_url, logger=silent, retry_handlers=[_Retries(self._line)])

    @property
    def attempts(self) -> int:
        """Requests sent so far."""
        return self._line.attempts

    def upload(self, url: str, content: bytes) -> int:
        """Send `content` to an upload address, without the token; return the status that Slack answers with.

        Twice is no worse than once: nobody sees a file before its upload is completed.
        """
        for pause in UPLOAD_PAUSES_SECONDS:
            with suppress(ConnectTimeoutError, ProtocolError):
                status = self._upload_once(url, content)
                if status < 500 and status != 429:  # noqa: PLR2004  # the server's own faults, and too fast
                    return status
            if not self._line.has(pause):
                break
            self._line.pause(pause)
        return self._upload_once(url, content)

    def _upload_once(self, url: str, content: bytes) -> int:
        return self._line.exchange(url, {"Content-Type": "application/octet-stream"}, content).status

    def _perform_urllib_http_request_internal(self, url: str, req: urllib.request.Request) -> dict[str, Any]:
        """Send one request; the SDK's own version follows redirects and reads an answer of any length."""
        body: Any = req.data
        reply = self._line.exchange(url, dict(req.header_items()), body)
        return {"status": reply.status, "headers": reply.headers, "body": json.dumps(_object(reply))}


class _Line:
    """The way to Slack, for one message."""

    def __init__(self, patience: Patience) -> None:
        self.attempts = 0
        self._patience = patience
        self._transport = Transport(allow_private=True)
        self._deadline = Deadline(patience.total_seconds, patience.clock)

    def exchange(self, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        """Send once."""
        left = self._deadline.left()
        if not left:
            raise HttpError(f"the {self._deadline.seconds:g} s for one message are used up: run again later")
        self.attempts += 1
        request = Request("POST", url, headers=dict(headers), data=content).prepare()
        most = min(float(self._patience.timeout_seconds), left)
        return Reply(*self._transport.exchange(request, (most, most), seconds=most, body_max_bytes=BODY_MAX_BYTES))

    def pause(self, seconds: float) -> None:
        """Wait before the next attempt."""
        self._patience.sleep(seconds)

    def has(self, seconds: float) -> bool:
        """Whether so long a pause leaves time for another attempt."""
        return seconds <= PAUSE_MAX_SECONDS and seconds < self._deadline.left()


class _Retries(RetryHandler):
    """Asks again for what Slack has surely not done, and for what may be done twice."""

    def __init__(self, line: _Line) -> None:
        super().__init__(max_retry_count=RETRIES)
        self._line = line

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        is_worth_it = _may_help(response, error, is_repeatable=request.url.rpartition("/")[2] in _REPEATABLE)
        return is_worth_it and self._line.has(pause_seconds(response, state))

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  # the SDK passes it
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002  # the SDK passes it
    ) -> None:
        state.next_attempt_requested = True
        self._line.pause(pause_seconds(response, state))
        state.increment_current_attempt()


def _may_help(response: HttpResponse | None, error: Exception | None, *, is_repeatable: bool) -> bool:
    """Whether the same request may fare better, and cannot be obeyed twice."""
    if response is None:
        is_lost = isinstance(error, ProtocolError) and not isinstance(error, Untrusted)
        return isinstance(error, ConnectTimeoutError) or (is_lost and is_repeatable)
    is_not_done = response.status_code == 429 or (response.body or {}).get("error") in _NOT_DONE  # noqa: PLR2004
    return is_not_done or (response.status_code >= 500 and is_repeatable)  # noqa: PLR2004  # the server's own faults


def _object(reply: Reply) -> dict[str, Any]:
    """Parse the answer; {} for a proxy's page and whatever else is not Slack's."""
    try:
        parsed = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}

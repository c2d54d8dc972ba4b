"""Slack's own webhook client, kept on a short leash. Imported where the first card is sent."""

from __future__ import annotations

import io
import logging
import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from ssl import SSLError
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState
from slack_sdk.webhook import WebhookClient, WebhookResponse

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPResponse

PAUSE_MAX_SECONDS = 30.0
RETRIES = 2
REPLY_MAX_BYTES = 1024
"""Slack answers with one word."""
LEEWAY_SECONDS = 0.5
"""So that a silent server is reported as silent, and only one that drips is cut off."""


class LeashedClient(WebhookClient):
    """`WebhookClient` without redirects, without unbounded replies, and without the address in any log.

    Parameters
    ----------
    url
        The webhook's address, which is a secret.
    timeout_seconds
        For connecting, for each read, and (with a little leeway) for one whole attempt.
    sleep
        Called with seconds between two attempts.

    Attributes
    ----------
    attempts
        Requests sent so far.
    """

    def __init__(self, url: str, timeout_seconds: int, sleep: Callable[[float], None]) -> None:
        # A logger outside the tree: the SDK logs the address at level DEBUG.
        silent = logging.Logger("slack", level=logging.CRITICAL + 1)  # noqa: LOG001
        super().__init__(url, timeout=timeout_seconds, logger=silent, retry_handlers=[_Patience(sleep)])
        self._opener = _opener()
        self.attempts = 0

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        """Send one request; the SDK's own version follows redirects and reads a reply of any length."""
        self.attempts += 1
        try:
            with self._opener.open(req, timeout=self.timeout) as reply:
                body = reply.read(REPLY_MAX_BYTES).decode("utf-8", "replace")
                return WebhookResponse(url=url, status_code=reply.status, body=body, headers=dict(reply.headers))
        except HTTPError as err:
            with err:
                start = err.read(REPLY_MAX_BYTES).decode("utf-8", "replace").encode()
            del err.headers["Content-Type"]  # the SDK would decode by whatever charset it names
            raise HTTPError(url, err.code, err.msg, err.headers, io.BytesIO(start)) from None


class _Patience(RetryHandler):
    """Tries again what Slack says it did not take; never what may have arrived."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        super().__init__(max_retry_count=RETRIES)
        self._sleep = sleep

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  # the SDK passes it
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is not None:
            # 429: too fast. 500 and 503: Slack posted nothing. 502 and 504 come from proxies, which cannot know.
            return response.status_code in {429, 500, 503} and pause_seconds(response, state) <= PAUSE_MAX_SECONDS
        return isinstance(error, URLError) and not isinstance(error.reason, SSLError)

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  # the SDK passes it
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002  # the SDK passes it
    ) -> None:
        state.next_attempt_requested = True
        self._sleep(pause_seconds(response, state))
        state.increment_current_attempt()


def pause_seconds(response: HttpResponse | None, state: RetryState) -> float:
    """Return the `Retry-After` of the reply, else 1 s and then 2 s: a webhook takes one message per second."""
    headers = {name.lower(): values for name, values in response.headers.items()} if response else {}
    asked = headers.get("retry-after", [""])[0].strip()
    return float(asked) if asked.isdecimal() else float(2**state.current_attempt)


class _LeashedHttp(HTTPConnection):
    """Cut off when its time is up: a byte now and then would reset every other clock."""

    _far_end: socket.socket | None = None

    def connect(self) -> None:
        """Connect, with the time already running."""
        watchdog = threading.Timer(float(self.timeout or 0) + LEEWAY_SECONDS, self._cut)
        watchdog.daemon = True
        watchdog.start()
        super().connect()
        self._far_end = self.sock  # urllib takes `sock` away before it reads the answer

    def _cut(self) -> None:
        connected = self._far_end or self.sock
        if connected is not None:
            with suppress(OSError):  # it has ended by itself meanwhile
                connected.shutdown(socket.SHUT_RDWR)


class _LeashedHttps(_LeashedHttp, HTTPSConnection):
    """The same with TLS."""


class _LeashedHandler(HTTPHandler):
    """Opens http addresses."""

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_LeashedHttp, req)


class _LeashedTlsHandler(HTTPSHandler):
    """Opens https addresses."""

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_LeashedHttps, req)


def _opener() -> OpenerDirector:
    """Build an opener that speaks HTTP only and does not know how to follow a redirect."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        _LeashedHandler,
        _LeashedTlsHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        UnknownHandler,
    ):
        opener.add_handler(handler())
    return opener

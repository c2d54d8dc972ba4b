"""Notion's own client on a short leash: one guarded way out, its pace kept, and nothing done twice on a guess.

Imported where the first page is written. The client sends through `http_transport`, which checks addresses, cuts off
whoever drips, and reads no more than it must; its own retries and its log, which would name what is asked, are off.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from notion_client import Client
from notion_client.errors import HTTPResponseError
from requests import Request
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from ai_ops.domain.errors import HttpError, NotifyError
from ai_ops.http_transport import Transport
from ai_ops.notify.notion.words import AnswerLost, lost, not_notion, refusal, too_slow, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = "2026-03-11"
"""Of the API: named here, so that a newer client changes nothing."""

SPACING_SECONDS = 0.34
"""From request to request: three a second is what Notion grants on average."""

PAUSES_SECONDS = (1.0, 4.0)
"""Before the second and the third attempt, where Notion names no other."""

PAUSE_MAX_SECONDS = 60.0
"""Notion's window is a minute; who asks for more is asked again by the next run."""

BODY_MAX_BYTES = 16 * 1024**2

_BUSY = {429, 529}
_CONFLICT = 409
_GUESSWORK = range(500, 600)
_STRIPPED = {"content-encoding", "content-length", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long Notion is waited for.

    Parameters
    ----------
    connect_seconds, attempt_seconds
        For one connection, and for one request with its answer. Notion itself gives up after 60 s.
    message_seconds
        For everything that one message needs, with all pauses.
    """

    connect_seconds: float = 5.0
    attempt_seconds: float = 65.0
    message_seconds: float = 240.0


class NotionLine:
    """The way to one Notion.

    Parameters
    ----------
    token
        Of an integration; it appears in no error and in no log.
    base_url
        Usually https://api.notion.com. It may lie in a private network, but never at a cloud's metadata service.
    redact
        Takes secrets out of a text.
    limits
        How long to wait.
    clock, sleep
        Monotonic seconds, and waiting for so many of them.

    Attributes
    ----------
    attempts
        How often the most stubborn of the requests was sent, since `begin`.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        redact: Callable[[str], str],
        limits: Limits = Limits(),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.attempts = 1
        self._redact = redact
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._next = clock()
        self._client = _client(token, base_url, limits)
        self.begin()

    def begin(self) -> None:
        """Let the time for a message begin to run."""
        self.attempts = 1
        self._end = self._clock() + self._limits.message_seconds

    def ask(self, what: Callable[[Client], Any], *, may_repeat: bool = True) -> dict[str, Any]:
        """Send one request until there is an answer, or trying again cannot help, or the time is up.

        Parameters
        ----------
        what
            Calls one method of the client.
        may_repeat
            Whether it may be obeyed twice without harm.

        Raises
        ------
        NotifyError
            When it was not done; `AnswerLost` when nobody knows.
        """
        for number, pause in enumerate((*PAUSES_SECONDS, None), 1):
            self.attempts = max(self.attempts, number)
            outcome = self._attempt(what)
            if isinstance(outcome, dict):
                return outcome
            failure = outcome
            wait = failure.seconds_until_next(pause, may_repeat=may_repeat)
            if wait is None:
                break
            self.wait(wait)
        raise failure.error

    def wait(self, seconds: float) -> None:
        """Wait, as long as there is time left for the message.

        Raises
        ------
        NotifyError
            When there is not.
        """
        if self._clock() + seconds >= self._end:
            raise too_slow(self._limits.message_seconds)
        if seconds > 0:
            self._sleep(seconds)

    def _attempt(self, what: Callable[[Client], Any]) -> dict[str, Any] | _Failure:
        """Send once, when it is time; a failure is returned, because it may be worth another attempt."""
        self.wait(max(0.0, self._next - self._clock()))
        self._next = self._clock() + SPACING_SECONDS
        try:
            answer = what(self._client)
        except HTTPResponseError as error:
            return self._answered(error)
        except ConnectTimeoutError as error:
            return _Failure(unreachable(self._redact(str(error))), never_left=True)
        except ProtocolError as error:
            return _Failure(lost(f"its answer was lost ({self._redact(str(error))})"))
        except HttpError as error:  # an address that is refused, or an answer without end
            return _Failure(NotifyError(self._redact(str(error))))
        except (ValueError, RecursionError):
            return _Failure(lost("its answer was no JSON"))
        return answer if isinstance(answer, dict) else _Failure(not_notion("is no object"))

    def _answered(self, error: HTTPResponseError) -> _Failure:
        if error.status in _GUESSWORK and error.status not in _BUSY:
            return _Failure(lost(f"answered HTTP {error.status}"))
        asked = error.headers.get("retry-after", "").strip()
        after = float(asked) if asked.isascii() and asked.isdecimal() else None
        code, says = _said(error.body)
        was_not_done = error.status in _BUSY or error.status == _CONFLICT
        return _Failure(refusal(error.status, code, self._redact(says)), after, never_left=was_not_done)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why one attempt brought nothing.

    Parameters
    ----------
    error
        What to raise when there is no other attempt.
    after_seconds
        The pause that Notion asks for; None without.
    never_left
        Whether nothing was done for sure, and trying again may help.
    """

    error: NotifyError
    after_seconds: float | None = None
    never_left: bool = False

    def seconds_until_next(self, pause: float | None, *, may_repeat: bool) -> float | None:
        """How long to wait before the same request is sent again; None when it must not or need not be."""
        is_worth_it = self.never_left or (may_repeat and isinstance(self.error, AnswerLost))
        if pause is None or not is_worth_it:
            return None
        wait = pause if self.after_seconds is None else self.after_seconds
        return wait if wait <= PAUSE_MAX_SECONDS else None


def _said(body: str) -> tuple[str, str]:
    """Notion's word and its sentence; the client knows fewer words than Notion."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    found = answer if isinstance(answer, dict) else {}
    return str(found.get("code", "")), str(found.get("message", ""))


def _client(token: str, base_url: str, limits: Limits) -> Client:
    # A logger outside of the tree tells nobody what is asked; proxies are the business of the transport.
    off = logging.CRITICAL + 1
    silent = logging.Logger("notion", level=off)  # noqa: LOG001
    return Client(
        client=httpx.Client(transport=_Guarded(limits), trust_env=False),
        auth=token,
        base_url=base_url,
        notion_version=VERSION,
        retry=False,
        logger=silent,
        log_level=off,
    )


class _Guarded(httpx.BaseTransport):
    """Carries the requests of an httpx client over the one guarded way out."""

    def __init__(self, limits: Limits) -> None:
        self._transport = Transport(allow_private=True)
        self._limits = limits

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send once, and read the whole answer."""
        headers = {**request.headers, "accept-encoding": "gzip, deflate", "user-agent": "neuropilot"}
        ours = Request(request.method, str(request.url), headers=headers, data=request.read()).prepare()
        limits = self._limits
        status, found, body = self._transport.exchange(
            ours,
            (limits.connect_seconds, limits.attempt_seconds),
            seconds=limits.attempt_seconds,
            body_max_bytes=BODY_MAX_BYTES,
        )
        plain = [(name, value) for name, value in found.items() if name.lower() not in _STRIPPED]
        return httpx.Response(status, headers=plain, content=body)

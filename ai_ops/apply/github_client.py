"""PyGithub on a short leash: one guarded way out, bounded patience, and no write sent twice on a guess.

Imported where GitHub is first asked. PyGithub lets a `Requester` choose its connection classes; ours send through
`http_transport`, which checks addresses, cuts off whoever drips, and reads no more than it must.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from github import Auth, Consts
from github.Requester import Requester
from requests import Request
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from ai_ops.apply.github_words import AnswerLost, is_limited, said
from ai_ops.domain.errors import DeliveryError
from ai_ops.http_transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Mapping

    from requests import PreparedRequest

    from ai_ops.apply.github import Limits

PAUSES_SECONDS = (1.0, 2.0)
"""Before the second and the third attempt."""

BODY_MAX_BYTES = 16 * 1024**2
"""Thirty pull requests with the longest bodies there can be make 4 MiB."""

_REPEATABLE = {"GET", "PATCH"}
"""Twice leaves the same as once: a PATCH of ours says the whole title, body or state."""

_NO_CONTENT = 204

_GUESSWORK = {500, 502, 503, 504}
"""The answer of a server or a gateway that cannot know whether the request was obeyed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What GitHub answered, in the shape that PyGithub reads."""

    status: int
    headers: Mapping[str, str]
    text: str

    def getheaders(self) -> ItemsView[str, str]:
        """The headers, with names in any case of letters."""
        return self.headers.items()

    def read(self) -> str:
        """The body."""
        return self.text


class Line:
    """The way to one API; all that is sent over it shares one patience.

    Parameters
    ----------
    api_url
        Requests go to this host only, whatever address an answer names.
    limits
        How long to wait.
    sleep
        Waits so many seconds between two attempts.
    """

    def __init__(self, api_url: str, limits: Limits, sleep: Callable[[float], None]) -> None:
        self._host = urlsplit(api_url)._replace(path="").geturl()
        self._transport = Transport(allow_private=True)
        self._limits = limits
        self._left_seconds = limits.patience_seconds
        self._sleep = sleep

    def send(self, verb: str, path: str, headers: Mapping[str, str], body: str | None) -> Reply:
        """Send until there is an answer, or trying again cannot help, or the time is up.

        Raises
        ------
        DeliveryError
            When nothing usable came back; `AnswerLost` when the request may have been obeyed all the same.
        HttpError
            When the address is refused, or the answer too large.
        """
        request = Request(verb, self._host + path, headers=dict(headers), data=body).prepare()
        for pause in (*PAUSES_SECONDS, None):
            outcome = self._attempt(request)
            wait = _seconds_until_next(verb, outcome, pause)
            if wait is None or wait >= self._left_seconds:
                break
            self._left_seconds -= wait
            self._sleep(wait)
        return _usable(outcome)

    def _attempt(self, request: PreparedRequest) -> Reply | ConnectTimeoutError | ProtocolError:
        """Send once; a failure is returned, because it may be worth another attempt."""
        if self._left_seconds <= 0:
            raise DeliveryError(
                f"the {self._limits.patience_seconds:g} s for GitHub are used up: run again, or look at "
                "https://www.githubstatus.com"
            )
        begin, most = time.monotonic(), min(self._limits.attempt_seconds, self._left_seconds)
        timeouts = (min(self._limits.connect_seconds, most), most)
        try:
            answer = self._transport.exchange(request, timeouts, seconds=most, body_max_bytes=BODY_MAX_BYTES)
        except (ConnectTimeoutError, ProtocolError) as error:
            return error
        finally:
            self._left_seconds -= time.monotonic() - begin
        return Reply(answer[0], answer[1], answer[2].decode("utf-8", "replace"))


def requester(line: Line, token: str, api_url: str, pause_between_writes_seconds: float) -> Requester:
    """Build PyGithub's own requester, whose every connection is `line`."""
    leashed: type[Requester] = type("LeashedRequester", (Requester,), {})  # its own, so that no other one is changed
    connect: Any = partial(_Connection, line)
    leashed.injectConnectionClasses(connect, connect)
    return leashed(
        auth=Auth.Token(token),
        base_url=api_url,
        timeout=Consts.DEFAULT_TIMEOUT,  # of connections that are never made
        user_agent="neuropilot",
        per_page=Consts.DEFAULT_PER_PAGE,
        verify=True,
        retry=None,
        pool_size=None,
        seconds_between_requests=None,
        seconds_between_writes=pause_between_writes_seconds,
        lazy=True,  # no object is fetched only to be written to
        api_version=Consts.API_VERSION_2022_11_28,
    )


class _Connection:
    """What PyGithub takes for its connection: one request, then its answer."""

    def __init__(self, line: Line, host: str, port: int | None = None, **_: object) -> None:
        self._line = line
        self.host, self.port = host, port
        self._request: tuple[str, str, Mapping[str, str], str | None] | None = None

    def request(
        self,
        verb: str,
        url: str,
        input: str | None,  # noqa: A002  # PyGithub's name for it
        headers: Mapping[str, str],
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002  # PyGithub passes it
    ) -> None:
        """Take the request."""
        self._request = (verb, url, headers, input)

    def getresponse(self) -> Reply:
        """Send it."""
        assert self._request is not None  # noqa: S101  # PyGithub has called `request`
        return self._line.send(*self._request)

    def close(self) -> None:
        """Do nothing: every request has its own connection."""


def _seconds_until_next(
    verb: str, outcome: Reply | ConnectTimeoutError | ProtocolError, pause: float | None
) -> float | None:
    """How long to wait before the same request is sent again; None when it must not or need not be."""
    if pause is None:
        return None
    if isinstance(outcome, ConnectTimeoutError):  # it never left
        return pause
    if isinstance(outcome, ProtocolError) or outcome.status in _GUESSWORK:
        return pause if verb in _REPEATABLE else None
    headers = {name.lower(): value for name, value in outcome.headers.items()}
    after = headers.get("retry-after", "")
    if is_limited(outcome.status, said(_parsed(outcome.text)), headers) and after.isdecimal():
        return max(pause, float(after))
    return None


def _usable(outcome: Reply | ConnectTimeoutError | ProtocolError) -> Reply:
    """The reply as PyGithub can read it."""
    if isinstance(outcome, ConnectTimeoutError):
        raise DeliveryError(f"GitHub cannot be reached: {outcome}")
    if isinstance(outcome, ProtocolError):
        raise AnswerLost(f"GitHub got the request, but its answer was lost: {outcome}")
    if 300 <= outcome.status < 400:  # noqa: PLR2004  # the range is what a redirect is
        raise DeliveryError(
            f"the repository has moved (HTTP {outcome.status}): its new name belongs in `github_repository`"
        )
    parsed = _parsed(outcome.text)
    if outcome.status >= 400:  # noqa: PLR2004  # the range is what an error is
        return Reply(outcome.status, outcome.headers, outcome.text if isinstance(parsed, dict) else "{}")
    if outcome.status != _NO_CONTENT and not isinstance(parsed, dict | list):
        raise DeliveryError(
            "the answer is no JSON: `github_api_url` probably leads to a web page (GitHub Enterprise Server: "
            "https://HOST/api/v3)"
        )
    return outcome


def _parsed(text: str) -> Any:  # noqa: ANN401  # JSON may be anything
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

"""The one door to the network for what has no SDK: timeouts, retries, a total deadline, refused addresses.

Every failure leaves as `HttpError` with secrets removed. A reply with an error status is no failure here: the caller
knows what it means.
"""

from __future__ import annotations

import json
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ai_ops.domain.errors import HttpError, Unreachable
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest
    from urllib3 import Retry

_REDIRECTS = {301, 302, 303, 307, 308}
_SEE_OTHER = 303
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait and how much to take.

    Parameters
    ----------
    connect_seconds, read_seconds
        For one connection, and for the head of the answer or any pause within it.
    total_seconds
        For one request with all its retries, where no shared `Deadline` is given.
    retries
        How often to try again.
    redirects
        How many to follow on the same host; 0 refuses them, for whom an answer counts only from where it was asked.
    retry_after_max_seconds
        A server may not ask for a longer pause than this.
    body_max_bytes
        Of the answer, after decompression.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 60.0
    retries: int = 3
    redirects: int = 5
    retry_after_max_seconds: int = 30
    body_max_bytes: int = 64 * 1024**2


class Deadline:
    """Time that many requests share; it begins to run when it is first asked for.

    Parameters
    ----------
    seconds
        The time there is.
    clock
        Monotonic seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = math.nan

    def left(self) -> float:
        """Seconds that remain; 0 when the time is up."""
        if math.isnan(self._end):
            self._end = self._clock() + self.seconds
        return max(0.0, self._end - self._clock())


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered. `headers` are found in any case of letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401  # JSON may be anything
        """Parse the body.

        Raises
        ------
        HttpError
            When it is no JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise HttpError(
                f"the answer is no JSON but {self.headers.get('content-type', 'of unknown type')}; "
                "the address probably leads to a web page or a login, not to an API"
            ) from error


class HttpClient:
    """Asks servers over HTTP.

    Parameters
    ----------
    allow_private
        Whether loopback and private networks may be called: only for addresses from the settings.
    retry_post
        Whether a POST only reads, so that it may be sent again.
    deadline
        Shared by all requests of this client; None gives each request `limits.total_seconds`.
    limits
        How long to wait and how much to take.
    redactor
        Takes secrets out of the text of an error.
    sleep
        Waits so many seconds between two attempts.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        retry_post: bool = False,
        deadline: Deadline | None = None,
        limits: Limits = Limits(),
        redactor: Callable[[str], str] = redact,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        from urllib3 import Retry

        from ai_ops.http_transport import Transport

        self._transport = Transport(allow_private=allow_private)
        self._deadline = deadline
        self._limits = limits
        self.redactor = redactor
        self._sleep = sleep
        self._policy = Retry(
            total=limits.retries,
            allowed_methods={"GET", "PUT", "POST"} if retry_post else {"GET", "PUT"},
            status_forcelist={429, 500, 502, 503, 504},
            backoff_factor=0.5,
            backoff_jitter=0.25,
            retry_after_max=limits.retry_after_max_seconds,
        )

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Reply:
        """Ask with GET.

        Raises
        ------
        HttpError
            When there is no complete answer in time, or the address is refused.
        """
        return self._request("GET", url, params=params, headers=headers, auth=auth)

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | bytes | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Reply:
        """Ask with POST; the body is a form, bytes that are a body already, or JSON.

        Raises
        ------
        HttpError
            When there is no complete answer in time, or the address is refused.
        """
        return self._request("POST", url, data=form, json=json, headers=headers, auth=auth)

    def put(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Put `body` in place of what is there; trying again does no harm.

        Raises
        ------
        HttpError
            When there is no complete answer in time, or the address is refused.
        """
        return self._request("PUT", url, data=body, headers=headers, auth=None)

    def _request(self, method: str, url: str, *, auth: tuple[str, str] | None, **parts: Any) -> Reply:  # noqa: ANN401
        """Send until there is an answer, or trying again cannot help, or the time is up."""
        from urllib3.exceptions import ConnectTimeoutError, HTTPError

        request = self._prepared(method, url, auth, parts)
        deadline = self._deadline or Deadline(self._limits.total_seconds)
        policy = self._policy
        while True:
            outcome = self._attempt(request, deadline)
            reply, failure = (outcome, None) if isinstance(outcome, Reply) else (None, outcome)
            if reply and not policy.is_retry(method, reply.status, "retry-after" in reply.headers):
                return reply
            try:
                policy = policy.increment(method, error=failure)
            except HTTPError:  # the retries are spent, or this request must not be sent twice
                break
            pause = _pause(policy, reply)
            if pause >= deadline.left():
                break
            self._sleep(pause)
        if reply:
            return reply
        error = self._error(
            request, str(failure) if deadline.left() else f"no whole answer within {deadline.seconds:g} s"
        )
        raise Unreachable(str(error)) if isinstance(failure, ConnectTimeoutError) else error

    def _prepared(
        self, method: str, url: str, auth: tuple[str, str] | None, parts: Mapping[str, Any]
    ) -> PreparedRequest:
        """Build the request; name and password inside the URL move into a header. No .netrc is read."""
        from requests import Request
        from requests.auth import HTTPBasicAuth

        basic = HTTPBasicAuth(auth[0].encode(), auth[1].encode()) if auth else None
        try:
            return Request(method, url, auth=basic, **parts).prepare()
        except ValueError:  # its text quotes what is wrong, which may be a token
            words = "address or header malformed; does a token end in a line break?"
            raise HttpError(self.redactor(f"{method} {url.partition('?')[0]}: {words}")) from None

    def _attempt(self, request: PreparedRequest, deadline: Deadline) -> Reply | Exception:
        """Send once, following redirects; a failure is returned in the form that the retry policy understands."""
        from urllib3.exceptions import HTTPError

        try:
            for _ in range(self._limits.redirects + 1):
                reply = self._exchange(request, deadline)
                if reply.status not in _REDIRECTS or "location" not in reply.headers:
                    return reply
                request = self._redirected(request, reply)
        except HTTPError as error:
            return error
        raise self._error(request, f"redirected more than {self._limits.redirects} times; set the final address")

    def _exchange(self, request: PreparedRequest, deadline: Deadline) -> Reply:
        """Send `request` once and read the whole answer."""
        left, limits = deadline.left(), self._limits
        if not left:
            raise self._error(request, f"the {deadline.seconds:g} s for all requests together are used up")
        timeouts = (min(limits.connect_seconds, left), min(limits.read_seconds, left))
        answer = self._transport.exchange(request, timeouts, seconds=left, body_max_bytes=limits.body_max_bytes)
        return Reply(*answer)

    def _redirected(self, request: PreparedRequest, reply: Reply) -> PreparedRequest:
        """Build the request that a redirect asks for, as long as it stays on the same host."""
        location, following = reply.headers["location"], request.copy()
        try:
            following.prepare_url(urljoin(str(request.url), location), None)
            stays = _is_same_host(str(request.url), str(following.url))
        except ValueError:
            stays = False
        if not stays:
            raise self._error(request, f"redirected elsewhere, to {location.partition('?')[0]}; set the final address")
        if reply.status == _SEE_OTHER:
            following.method, following.body = "GET", None
            for name in ("content-length", "content-type"):
                following.headers.pop(name, None)
        return following

    def _error(self, request: PreparedRequest, words: str) -> HttpError:
        """Name the request and what went wrong, without secrets."""
        return HttpError(self.redactor(f"{request.method} {str(request.url).partition('?')[0]}: {words}"))


def _pause(policy: Retry, reply: Reply | None) -> float:
    """Seconds until the next attempt: what the server asks for, within reason, else the policy's backoff."""
    from urllib3.exceptions import InvalidHeader

    asked = reply.headers.get("retry-after") if reply else None
    if asked:
        with suppress(InvalidHeader, ValueError, OverflowError):
            return policy.parse_retry_after(asked)
    return policy.get_backoff_time()


def _is_same_host(before: str, after: str) -> bool:
    """Whether a redirect stays with the server that sent it; moving up to https is staying."""
    old, new = urlsplit(before), urlsplit(after)
    ports = [part.port or _PORTS.get(part.scheme) for part in (old, new)]
    is_same_door = old.scheme == new.scheme and ports[0] == ports[1]
    return old.hostname == new.hostname and (is_same_door or (old.scheme, new.scheme) == ("http", "https"))

"""What lies between `requests` and the socket: the far end is checked, and dripping bytes buy nobody more time.

`http_client` uses this, and what carries PyGithub's requests; it stands apart because it needs `requests` as soon as
it is imported.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Session
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProtocolError

from ai_ops.addresses import check_address, refusal, resolve
from ai_ops.domain.errors import HttpError, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from urllib3 import HTTPResponse


_CHUNK_BYTES = 64 * 1024


class Untrusted(ProtocolError):
    """The far end's certificate was refused, so the request never left."""


class Transport:
    """Sends requests, each exactly once, and reads the whole answer within its limits.

    Parameters
    ----------
    allow_private
        Whether loopback and private networks may be called.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._adapter = _GuardedAdapter(allow_private=allow_private)
        self._environment = Session()  # knows the proxies and certificate bundles of the machine; sends nothing
        self._allow_private = allow_private

    def exchange(
        self, request: PreparedRequest, timeouts: tuple[float, float], *, seconds: float, body_max_bytes: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and the decompressed body.

        Parameters
        ----------
        timeouts
            Seconds for the connection, and for the head of the answer or any pause within it.
        seconds
            For everything from now on.

        Raises
        ------
        HttpError
            When the address is refused or the answer too large.
        urllib3.exceptions.ConnectTimeoutError
            When the request never left, so that anybody may send it again.
        urllib3.exceptions.ProtocolError
            When the answer did not come, or not whole; `Untrusted` when the far end is not who it says.
        """
        try:
            return self._exchange(request, timeouts, seconds, body_max_bytes)
        except (OSError, HTTPError, ValueError) as error:
            chain = list(_chain(error))
            kind = _kind_of(chain)
        raise kind(_words(chain[-1]))

    def _exchange(
        self, request: PreparedRequest, timeouts: tuple[float, float], seconds: float, body_max_bytes: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Do what `exchange` promises; errors are those of the libraries."""
        begin, url = time.monotonic(), str(request.url)
        route: Any = self._environment.merge_environment_settings(url, {}, stream=True, verify=True, cert=None)
        is_direct = select_proxy(url, route["proxies"]) is None  # then the far end is checked once connected
        check_address(url, allow_private=self._allow_private, resolver=_unresolved if is_direct else resolve)
        response = self._adapter.send(request, timeout=timeouts, **route)
        body = bytearray()
        try:
            with _cut_after(seconds - (time.monotonic() - begin), response.raw.shutdown):
                for chunk in response.iter_content(_CHUNK_BYTES):
                    body += chunk
                    if len(body) > body_max_bytes:
                        raise TooLarge(f"{urlsplit(url).hostname} answered with more than {body_max_bytes} bytes")
        finally:
            response.close()
        if time.monotonic() - begin >= seconds:  # an answer of undeclared length looks whole when it was cut
            message = "cut off"
            raise TimeoutError(message)
        return response.status_code, response.headers, bytes(body)


class _GuardedAdapter(HTTPAdapter):
    """Makes connections whose far end is checked before the first byte. Those to a proxy are the operator's choice."""

    def __init__(self, *, allow_private: bool) -> None:
        self._connections: dict[str, Any] = {
            "http": (HTTPConnectionPool, partial(_GuardedHttp, allow_private=allow_private)),
            "https": (HTTPSConnectionPool, partial(_GuardedHttps, allow_private=allow_private)),
        }
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as `requests` declares it
        """Make every direct connection a guarded one."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {scheme: partial(self._pool, scheme) for scheme in self._connections}

    def _pool(self, scheme: str, *args: object, **kwargs: object) -> HTTPConnectionPool:
        """Build the pool for one host."""
        pool_class, connection = self._connections[scheme]
        pool: HTTPConnectionPool = pool_class(*args, **kwargs)
        pool.ConnectionCls = connection
        return pool


class _GuardedHttp(HTTPConnection):
    """Asks who is at the far end as soon as it is connected, and gives the head of the answer a total time."""

    def __init__(self, *args: Any, allow_private: bool, **kwargs: Any) -> None:  # noqa: ANN401  # as urllib3 declares it
        super().__init__(*args, **kwargs)
        self._allow_private = allow_private

    def _new_conn(self) -> socket.socket:
        """Connect, and hang up unless the address at the far end is allowed: what a name resolved to is known here."""
        connected = super()._new_conn()
        reason = refusal(connected.getpeername()[0], allow_private=self._allow_private)
        if reason:
            connected.close()
            raise HttpError(f"{self.host} is not called: {reason}")
        return connected

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3 overrides it likewise
        """Wait for status and headers, altogether no longer than a single read may take."""
        begin, seconds = time.monotonic(), float(self.timeout or 0)
        with _cut_after(seconds, partial(self.sock.shutdown, socket.SHUT_RDWR)):
            response = super().getresponse()
        if time.monotonic() - begin >= seconds:  # headers that were cut off look as if they had come to their end
            response.close()
            message = "cut off"
            raise TimeoutError(message)
        return response


class _GuardedHttps(_GuardedHttp, HTTPSConnection):
    """The same with TLS; the check comes before the handshake."""


@contextmanager
def _cut_after(seconds: float, cut: Callable[[], None]) -> Iterator[None]:
    """Call `cut` from another thread when the block takes longer than `seconds`, which wakes up a read that waits."""

    def cut_quietly() -> None:
        with suppress(OSError, RuntimeError, ValueError):  # the connection has ended by itself meanwhile
            cut()

    watchdog = threading.Timer(seconds, cut_quietly)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _unresolved(_host: str, _port: int) -> tuple[str, ...]:
    """Resolve nothing: the connection will tell which address it has reached."""
    return ()


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what caused it, down to the root; the libraries keep the cause in different places."""
    inner: BaseException | None = error
    while inner is not None:
        yield inner
        inner = inner.__cause__ or next((one for one in reversed(inner.args) if isinstance(one, BaseException)), None)


def _kind_of(chain: list[BaseException]) -> type[ConnectTimeoutError | ProtocolError]:
    """Say how far the request came."""
    if any(isinstance(one, ConnectTimeoutError) for one in chain):
        return ConnectTimeoutError
    return Untrusted if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain) else ProtocolError


def _words(root: BaseException) -> str:
    """Say for a person what the system said."""
    words = getattr(root, "strerror", None) or str(root) or type(root).__name__
    if isinstance(root, ssl.SSLCertVerificationError):
        return f"{words}; if the certificate comes from your own authority, name its file in REQUESTS_CA_BUNDLE"
    return f"{words}; is the address right and the server up?"

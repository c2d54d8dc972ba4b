"""A web server that misbehaves on demand, on loopback: every way in which an answer can go wrong."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Behaviour = Callable[["Handler"], None]

_GIVE_UP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class FlakyServer:
    """A server for `with`: it behaves as told, request by request, and keeps to the last behaviour.

    Parameters
    ----------
    behaviours
        What to do, in order.
    certificate
        Certificate and key in one file; with it the server speaks TLS.

    Attributes
    ----------
    asked
        What arrived, in order.
    """

    def __init__(self, *behaviours: Behaviour, certificate: Path | None = None) -> None:
        self.asked: list[Asked] = []
        self._scheme = "https" if certificate else "http"
        self._behaviours = deque(behaviours)
        self._stopped = threading.Event()
        self._server = _QuietServer(("127.0.0.1", 0), type("Handler", (Handler,), {"flaky": self}))
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def behave(self, *behaviours: Behaviour) -> None:
        """Behave so from now on."""
        self._behaviours = deque(behaviours)

    def behaviour(self) -> Behaviour:
        """What to do for the next request."""
        return self._behaviours.popleft() if len(self._behaviours) > 1 else self._behaviours[0]

    def wait(self, seconds: float) -> bool:
        """Wait, but not after the end of the test; say whether to go on."""
        return not self._stopped.wait(seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Behaviour:
    """Answer properly; `content_type="text/html"` gives the header Content-Type."""

    def behave(handler: Handler) -> None:
        handler.head(status, **{"content_length": str(len(body)), "content_type": "application/json", **headers})
        handler.wfile.write(body)

    return behave


def answer_json(document: object, status: int = 200) -> Behaviour:
    """Answer with JSON."""
    return answer(status, json.dumps(document).encode())


def web_page(status: int) -> Behaviour:
    """Answer with the page of some web server on the way."""
    return answer(status, b"<html><body><h1>Something went wrong</h1></body></html>", content_type="text/html")


def redirect(location: str, status: int = 302) -> Behaviour:
    """Send the client elsewhere."""
    return answer(status, b"", location=location)


def truncated(handler: Handler) -> None:
    """Promise 100 bytes, send 5, hang up."""
    handler.head(200, content_length="100")
    handler.wfile.write(b'{"a":')


def truncated_chunk(handler: Handler) -> None:
    """Hang up in the middle of a chunk."""
    handler.head(200, transfer_encoding="chunked")
    handler.wfile.write(b'64\r\n{"a":')


def reset(handler: Handler) -> None:
    """Break the connection off the hard way."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def silent(handler: Handler) -> None:
    """Never answer."""
    handler.flaky.wait(_GIVE_UP_SECONDS)


def dripping_body(handler: Handler) -> None:
    """Send a byte from time to time, so that no single read ever times out."""
    handler.head(200, content_length="100000")
    while handler.flaky.wait(0.05):
        handler.wfile.write(b" ")


def dripping_head(handler: Handler) -> None:
    """The same with a header that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while handler.flaky.wait(0.05):
        handler.wfile.write(b"x")


def endless_until_cut(handler: Handler) -> None:
    """Send a body of undeclared length, then stay silent: once cut off, it looks whole."""
    handler.head(200)
    handler.wfile.write(b"{}")
    handler.flaky.wait(_GIVE_UP_SECONDS)


def gzip_bomb(megabytes: int) -> Behaviour:
    """Answer with zeros that grow a thousandfold when they are unpacked."""
    packed = gzip.compress(b"0" * 1024**2, 9) * megabytes
    return answer(200, packed, content_encoding="gzip")


class Handler(BaseHTTPRequestHandler):
    """Notes the request and behaves."""

    flaky: FlakyServer
    protocol_version = "HTTP/1.1"

    def head(self, status: int, **headers: str) -> None:
        """Send status and headers; `content_type` stands for Content-Type."""
        self.send_response(status)
        for name, value in {"connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def do_GET(self) -> None:
        """Note, behave, and hang up: a broken answer must not disturb the next."""
        length = int(self.headers.get("content-length") or 0)
        self.flaky.asked.append(Asked(self.command, self.path, dict(self.headers), self.rfile.read(length)))
        self.close_connection = True
        self.flaky.behaviour()(self)

    do_POST = do_PUT = do_GET  # noqa: N815  # the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _QuietServer(ThreadingHTTPServer):
    """Does not complain about clients that hang up, which is what the tests are about."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Let it go."""

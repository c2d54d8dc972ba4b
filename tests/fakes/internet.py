"""Servers of others, by their own names and over TLS: a proxy on loopback answers in their place.

`requests` asks it because HTTPS_PROXY says so, and trusts it because REQUESTS_CA_BUNDLE names its certificate.
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Heard:
    """A request, and whom it was for."""

    host: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class FakeInternet:
    """A proxy for `with`; `heard` is what was asked, in order.

    Parameters
    ----------
    certificate
        Certificate and key in one file, for all the hosts that shall answer.
    """

    def __init__(self, certificate: Path) -> None:
        self.heard: list[Heard] = []
        self.status = 200
        self.answers: dict[str, bytes] = {"hooks.slack.com": b"ok"}
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self.environment = {
            "HTTPS_PROXY": f"http://127.0.0.1:{self._server.server_port}",
            "REQUESTS_CA_BUNDLE": str(certificate),
            "NO_PROXY": "127.0.0.1",
        }

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            host = ""

            def do_CONNECT(self) -> None:
                """Be the server that was asked for."""
                self.host = self.path.partition(":")[0]
                self.send_response(200)
                self.end_headers()
                self.connection = cast("Any", fake._context.wrap_socket(self.connection, server_side=True))
                self.rfile = self.connection.makefile("rb")
                self.wfile = cast("Any", self.connection.makefile("wb", buffering=0))
                self.close_connection = False

            def do_GET(self) -> None:
                """Take whatever it is."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fake.heard.append(Heard(self.host, self.path, dict(self.headers), body))
                answer = fake.answers.get(self.host, b'{"ok": true, "messages": [{"id": "1"}], "id": "1"}')
                self.send_response(fake.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(answer)
                self.close_connection = True
                self.connection.close()

            do_POST = do_PUT = do_GET  # noqa: N815  # the names that http.server looks for

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up."""

"""Slack's Web API on loopback: it holds a bot to the documented rules, or misbehaves as told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from fakes.slack_workspace import METHODS, SCOPES, Refused, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKEN = "xoxb-canary-4711-aZ91Qq"
UPLOAD = "/upload/v1/"
HANG_UP, RESET = 0, -1
"""As a fault's status: the server closes the connection, softly or the hard way, and says nothing."""

_JSON_METHODS = {"chat.postMessage", "files.getUploadURLExternal", "files.completeUploadExternal"}
"""The others do not look into a body of JSON."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next request whose path ends with `path`.

    Parameters
    ----------
    status, body, headers
        What the server answers instead.
    acts
        Whether the request is obeyed all the same.
    wait_seconds
        How long the server is silent first.
    """

    path: str = "chat.postMessage"
    status: int = 500
    body: object = b"<html>Something went wrong</html>"
    headers: Mapping[str, str] = field(default_factory=dict)
    acts: bool = False
    wait_seconds: float = 0.0


@dataclass(frozen=True)
class Call:
    """One request as it arrived; `form` are its arguments."""

    path: str
    token: str
    form: Mapping[str, Any]


class FakeSlackApi:
    """A server for `with`: `url` is the base of its methods, `workspace` is what came of them.

    Parameters
    ----------
    messages_per_second
        Faster ones into one channel are answered 429 with `Retry-After: 1`; None takes any rate.
    clock
        Monotonic seconds.

    Attributes
    ----------
    tokens
        What each token may do, in Slack's scopes.
    calls
        What arrived, in order.
    """

    def __init__(
        self, *, messages_per_second: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.tokens = {TOKEN: {"chat:write", "files:write", "channels:history"}}
        self.calls: list[Call] = []
        self.workspace = Workspace(messages_per_second, clock)
        self._faults: list[Fault] = []
        self._stopped = threading.Event()
        self._server = _QuietServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self.workspace.upload_root = self.url.removesuffix("/api")

    @property
    def url(self) -> str:
        """The address below which the methods are."""
        return f"http://127.0.0.1:{self._server.server_port}/api"

    def fail(self, *faults: Fault) -> None:
        """Let these go wrong first, each once, in order."""
        self._faults.extend(faults)

    def called(self, path: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.path.endswith(path)]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def judge(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], object]:
        """Status, headers and body of the answer."""
        kind, token = headers.get("Content-Type", ""), headers.get("Authorization", "").removeprefix("Bearer ")
        form = _arguments(path, kind, body)
        self.calls.append(Call(path, token, form))
        fault = next((one for one in self._faults if path.endswith(one.path)), None)
        if fault is None:
            return self._obey(path, token, form, body)
        self._faults.remove(fault)
        if fault.acts:
            self._obey(path, token, form, body)
        self._stopped.wait(fault.wait_seconds)
        return fault.status, fault.headers, fault.body

    def _obey(
        self, path: str, token: str, form: Mapping[str, Any], body: bytes
    ) -> tuple[int, Mapping[str, str], object]:
        if path.startswith(UPLOAD):
            is_taken = self.workspace.take_upload(path.removeprefix(UPLOAD), body)
            return (200, {}, f"OK - {len(body)}".encode()) if is_taken else (400, {}, b"bad upload")
        method = path.removeprefix("/api/")
        if method not in METHODS:
            return 200, {}, {"ok": False, "error": "unknown_method"}
        try:
            self._let_in(method, token)
            return 200, {}, {"ok": True, **METHODS[method](self.workspace, form)}
        except Refused as refused:
            return refused.status, refused.headers, refused.body

    def _let_in(self, method: str, token: str) -> None:
        if not token:
            raise Refused("not_authed")
        if token not in self.tokens:
            raise Refused("invalid_auth")
        if SCOPES[method] and SCOPES[method] not in self.tokens[token]:
            raise Refused("missing_scope", needed=SCOPES[method], provided=",".join(sorted(self.tokens[token])))


class _QuietServer(ThreadingHTTPServer):
    """Does not complain about clients that hang up, which is what some tests are about."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Let it go."""


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to its server."""

    fake: FakeSlackApi

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, answer = self.fake.judge(self.path, self.headers, body)
        if status == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        if status in {RESET, HANG_UP}:
            return
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        self.fake.calls.append(Call(self.path, "", {}))
        self.send_error(405)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def _arguments(path: str, kind: str, body: bytes) -> Mapping[str, Any]:
    if path.startswith(UPLOAD):
        return {}
    if kind.startswith("application/json"):
        return json.loads(body) if path.removeprefix("/api/") in _JSON_METHODS else {}
    return dict(parse_qsl(body.decode(), keep_blank_values=True))

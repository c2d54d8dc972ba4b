"""A receiver of signed webhooks, on loopback: it takes what is ours, new, and of the documented shape, and no more."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jsonschema import Draft202012Validator

import ai_ops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATH = "/hooks/neuropilot/made-up-4f2a11c0"
WINDOW_SECONDS = 300
SCHEMA = json.loads((Path(ai_ops.__file__).parent / "config/schemas/message.schema.json").read_text(encoding="utf-8"))
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


@dataclass(frozen=True)
class Call:
    """One call that was taken."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """What it says."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the receiver says instead of judging the call; None for a status takes it and hangs up."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)


class FakeReceiver:
    """A receiver for `with`: `url` is its address, `calls` are those it took, in order.

    Parameters
    ----------
    secret
        What calls must be signed with; "" takes unsigned ones.
    now
        Seconds since 1970.
    """

    def __init__(self, secret: str, now: Callable[[], float]) -> None:
        self.calls: list[Call] = []
        self.requests = 0
        self._secret = secret
        self._now = now
        self._answers: deque[Answer] = deque()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where it listens; the path is a secret."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def answer_next(self, *answers: Answer) -> None:
        """Give these answers first, in order."""
        self._answers.extend(answers)

    def lose_next_answer(self) -> None:
        """Take the next call and hang up without a word."""
        self.answer_next(Answer(None))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                call = Call(dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
                answer = fake._answer(self.path, call)
                if answer.status is None:
                    return
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def do_GET(self) -> None:
                fake.requests += 1
                self.send_error(405)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler

    def _answer(self, path: str, call: Call) -> Answer:
        self.requests += 1
        if self._answers:
            answer = self._answers.popleft()
            if answer.status is None:
                self.calls.append(call)
            return answer
        status = 404 if path != PATH else self._judge(call)
        if status == 200:
            self.calls.append(call)
        return Answer(status)

    def _judge(self, call: Call) -> int:
        """Follow the four steps that the sender's documentation asks for."""
        timestamp = call.headers["X-NeuroPilot-Timestamp"]
        if abs(self._now() - int(timestamp)) > WINDOW_SECONDS:
            return 401
        signed = b".".join([timestamp.encode(), call.body])
        wanted = "sha256=" + hmac.digest(self._secret.encode(), signed, hashlib.sha256).hex()
        if self._secret and not hmac.compare_digest(wanted, call.headers.get("X-NeuroPilot-Signature", "")):
            return 401
        if any(call.headers["Idempotency-Key"] == one.headers["X-NeuroPilot-Delivery"] for one in self.calls):
            return 409
        return 200 if _VALIDATOR.is_valid(call.message) else 422


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up."""

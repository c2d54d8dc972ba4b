"""An incoming webhook that holds senders to Slack's documented limits, on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx"
BLOCKS_MAX, HEADER_MAX, TEXT_MAX, FIELDS_MAX, FIELD_MAX, CONTEXT_MAX = 50, 150, 3000, 10, 2000, 10
TOTAL_MAX = 13_000


@dataclass(frozen=True)
class Answer:
    """What the server says instead of judging the card; after it waited, when it shall."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0


_HANG_UP = Answer(200, "ok")


class FakeSlack:
    """A webhook server for `with`: `url` is its address, `cards` are the bodies it took, in order.

    Parameters
    ----------
    messages_per_second
        Faster ones are answered 429 with `Retry-After: 1`; None takes any rate.
    """

    def __init__(self, *, messages_per_second: float | None = None) -> None:
        self.cards: list[dict[str, Any]] = []
        self.requests = 0
        self._answers: deque[Answer] = deque()
        self._spacing_seconds = 1.0 / messages_per_second if messages_per_second else 0.0
        self._newest = float("-inf")
        self._stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The webhook's address; its path is the secret."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def answer_next(self, *answers: Answer) -> None:
        """Give these answers first, in order, whatever is sent."""
        self._answers.extend(answers)

    def hang_next(self, seconds: float) -> None:
        """Take the next card, but answer only after `seconds`: the sender cannot know."""
        self.answer_next(Answer(200, "ok", wait_seconds=seconds))

    def hang_up_next(self) -> None:
        """Take the next card and close the connection without a word."""
        self.answer_next(_HANG_UP)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = fake._judge(self.path, body)
                fake._stopped.wait(answer.wait_seconds)
                if answer is _HANG_UP or fake._stopped.is_set():
                    return
                text = answer.body.encode()
                self.send_response(answer.status)
                for name, value in {"Content-Type": "text/html", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self) -> None:
                fake.requests += 1
                self.send_error(405)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler

    def _judge(self, path: str, body: bytes) -> Answer:
        self.requests += 1
        if self._answers:
            answer = self._answers.popleft()
            if answer.body == "ok":
                self.cards.append(json.loads(body))
            return answer
        if path != PATH:
            return Answer(404, "no_service")
        now = time.monotonic()
        if now - self._newest < self._spacing_seconds:
            return Answer(429, "rate_limited", {"Retry-After": "1"})
        try:
            card = json.loads(body)
        except ValueError:
            return Answer(400, "invalid_payload")
        fault = fault_of(card)
        if fault:
            return Answer(400, fault)
        self._newest = now
        self.cards.append(card)
        return Answer(200, "ok")


def fault_of(card: object) -> str | None:
    """Return the word that Slack refuses a body with, or None for a good one."""
    if not isinstance(card, dict):
        return "invalid_payload"
    blocks = card.get("blocks", [])
    if not card.get("text") and not blocks:
        return "no_text"
    if not isinstance(blocks, list) or len(blocks) > BLOCKS_MAX or not all(_is_block(block) for block in blocks):
        return "invalid_blocks"
    if len(json.dumps(blocks, ensure_ascii=False)) > TOTAL_MAX:
        return "msg_blocks_too_long"
    return None


def _is_block(block: object) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return 1 <= len(text) <= HEADER_MAX
        case {"type": "section", **rest}:
            text, fields = rest.get("text"), rest.get("fields", [])
            return (
                (text is not None or bool(fields))
                and (text is None or _is_text(text, TEXT_MAX))
                and isinstance(fields, list)
                and len(fields) <= FIELDS_MAX
                and all(_is_text(item, FIELD_MAX) for item in fields)
            )
        case {"type": "context", "elements": [*elements]}:
            return 1 <= len(elements) <= CONTEXT_MAX and all(_is_text(item, TEXT_MAX) for item in elements)
        case {"type": "divider"}:
            return True
    return False


def _is_text(item: object, longest: int) -> bool:
    match item:
        case {"type": "mrkdwn" | "plain_text", "text": str(text)}:
            return 1 <= len(text) <= longest and not any("\ud800" <= char <= "\udfff" for char in text)
    return False

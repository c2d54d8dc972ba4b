"""PagerDuty's Events API v2 on loopback, with its documented limits, and the alerts that its events open and close."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUTING_KEY = "R0canary81Q2mZsecretKeyOfAlerts1"
BYTES_MAX, SUMMARY_MAX, KEY_MAX = 512 * 1024, 1024, 255

_KEYS = {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"}
_PAYLOAD = {"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Answer:
    """What the server says in place of its own answer; status 0 hangs up without a word.

    Parameters
    ----------
    is_taken
        Whether the event counts all the same.
    """

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_taken: bool = False


class FakePagerDuty:
    """A server for `with`; `url` is what `channel_addresses.pagerduty` names.

    Attributes
    ----------
    events
        What was taken, in order.
    alerts
        By key, the events of the alert that stands open.
    closed
        Keys of alerts that were closed, in order.
    """

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.alerts: dict[str, list[dict[str, Any]]] = {}
        self.closed: list[str] = []
        self.requests = 0
        self._answers: deque[Answer | None] = deque()
        self._one_at_a_time = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"duty": self}))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer_next(self, *answers: Answer | None) -> None:
        """Give these answers first, in order, whatever is sent; None is the server's own answer."""
        self._answers.extend(answers)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def judge(self, path: str, body: bytes) -> Answer:
        """Answer one request."""
        with self._one_at_a_time:
            self.requests += 1
            told = self._answers.popleft() if self._answers else None
            if told is None:
                return self._answer(path, body)
            if told.is_taken:
                self._take(json.loads(body))
            return told

    def _answer(self, path: str, body: bytes) -> Answer:
        if path != "/v2/enqueue":
            return Answer(404, "Not Found")
        if len(body) > BYTES_MAX:
            return Answer(413, "Request Entity Too Large")
        try:
            event = json.loads(body)
        except ValueError:
            return _refused("Event object is invalid JSON")
        faults = faults_of(event)
        if faults:
            return _refused(*faults)
        self._take(event)
        return Answer(202, json.dumps({"status": "success", "message": "Event processed", **_key_of(event)}))

    def _take(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        key = event["dedup_key"]
        if event["event_action"] == "trigger":
            self.alerts.setdefault(key, []).append(event)
        elif self.alerts.pop(key, None):
            self.closed.append(key)


def faults_of(event: Any) -> list[str]:
    """What PagerDuty would complain of."""
    if not isinstance(event, dict):
        return ["Event object is no object"]
    key, dedup = event.get("routing_key"), event.get("dedup_key", "")
    checks = {
        "'routing_key' is invalid (must be a 32 character string)": isinstance(key, str) and len(key) == 32,
        "'routing_key' is unknown": key == ROUTING_KEY,
        "'event_action' is invalid": event.get("event_action") in {"trigger", "acknowledge", "resolve"},
        f"'dedup_key' is longer than {KEY_MAX}": isinstance(dedup, str) and 0 < len(dedup) <= KEY_MAX,
        "there are unknown keys": set(event) <= _KEYS,
        "'links' is invalid": all(re.match(r"https?://", link["href"]) for link in event.get("links", ())),
    }
    if event.get("event_action") == "trigger":
        checks |= _checks_of(event.get("payload", {}))
    return [fault for fault, is_fine in checks.items() if not is_fine]


def _checks_of(payload: dict[str, Any]) -> dict[str, bool]:
    summary = payload.get("summary")
    return {
        "'payload.summary' is missing or blank": bool(summary),
        f"'payload.summary' is longer than {SUMMARY_MAX}": len(summary or "") <= SUMMARY_MAX,
        "'payload.source' is missing or blank": bool(payload.get("source")),
        "'payload.severity' is invalid": payload.get("severity") in {"critical", "error", "warning", "info"},
        "'payload.timestamp' is invalid": bool(_TIME.fullmatch(payload.get("timestamp", "2026-11-20T06:00:00Z"))),
        "'payload.custom_details' is no object": isinstance(payload.get("custom_details", {}), dict),
        "there are unknown keys in the payload": set(payload) <= _PAYLOAD,
    }


def _refused(*faults: str) -> Answer:
    says = {"status": "invalid event", "message": "Event object is invalid", "errors": list(faults)}
    return Answer(400, json.dumps(says))


def _key_of(event: dict[str, Any]) -> dict[str, str]:
    return {"dedup_key": event["dedup_key"]}


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to its server."""

    duty: FakePagerDuty

    def do_POST(self) -> None:
        answer = self.duty.judge(self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if answer.status == 0:
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body.encode())))
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def log_message(self, *_: object) -> None:
        """Stay silent."""

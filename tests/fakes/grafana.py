"""A Grafana on loopback: its data source proxy forwards to a real Prometheus, and it keeps annotations."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

import requests

TOKEN = "glsa_made0up0for0tests0only_0badcafe"  # opens nothing
UID = "prom-1"
_PROXY = "/api/datasources/proxy/"
_ANNOTATIONS = "/api/annotations"
_TAGS_LENGTH_MAX = 500  # [annotations] tags_length_limit, as it comes


class FakeGrafana:
    """A server for `with`.

    Parameters
    ----------
    prometheus_url
        Where the data source `UID` leads.
    takes_post
        Whether its proxy lets POST through; without that it answers as Grafana does.
    may_look
        Whether the token may see data sources, beside querying them.
    permissions
        What else the token may do.

    Attributes
    ----------
    asked
        Method and path of every request.
    annotations
        What was marked, in the form in which Grafana lists it, oldest first.
    """

    def __init__(
        self,
        prometheus_url: str = "http://127.0.0.1:1",
        *,
        takes_post: bool = True,
        may_look: bool = True,
        permissions: tuple[str, ...] = ("annotations:read", "annotations:create", "annotations:write"),
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        self.annotations: list[dict[str, Any]] = []
        self.permissions = permissions
        self.prometheus_url = prometheus_url
        self.takes_post = takes_post
        self.may_look = may_look
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"grafana": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Its start page."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers one request as Grafana documents it."""

    grafana: FakeGrafana
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Note the request, check the token, find the right answer."""
        path = self.path.partition("?")[0]
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.grafana.asked.append((self.command, path))
        if path == "/api/health":
            self._say(200, {"database": "ok", "version": "13.1.0", "commit": "made-up"})
        elif self.headers.get("authorization") != f"Bearer {TOKEN}":
            self._say(401, {"message": "Invalid API key"})
        elif path.startswith(_PROXY):
            self._proxy(path.removeprefix(_PROXY))
        elif path == _ANNOTATIONS or path.startswith(f"{_ANNOTATIONS}/"):
            self._annotate(path.removeprefix(_ANNOTATIONS).strip("/"))
        elif not self.grafana.may_look:
            self._say(403, {"message": "You'll need additional permissions to perform this action"})
        elif path == "/api/datasources":
            self._say(200, [{"uid": UID, "name": "Metrics", "type": "prometheus"}, {"uid": "l", "type": "loki"}])
        elif path == f"/api/datasources/uid/{UID}/health":
            self._say(200, {"status": "OK", "message": "Successfully queried the Prometheus API."})
        else:
            self._say(404, {"message": "Data source not found"})

    do_POST = do_PATCH = do_GET  # noqa: N815  # the names that http.server looks for

    def _annotate(self, number: str) -> None:
        """List, add or change annotations, as far as the token may."""
        needed = {"GET": "annotations:read", "POST": "annotations:create", "PATCH": "annotations:write"}[self.command]
        if needed not in self.grafana.permissions:
            words = f"You'll need additional permissions to perform this action. Permissions needed: {needed}"
            self._say(403, {"accessErrorId": "ACE0", "message": words, "title": "Access denied"})
        elif self.command == "GET":
            self._say(200, self._found())
        elif self.command == "POST":
            self._add(json.loads(self.body))
        else:
            self._change(int(number), json.loads(self.body))

    def _found(self) -> list[dict[str, Any]]:
        """Those within the times that have every tag, newest first, a hundred unless more are asked for."""
        asked = parse_qs(self.path.partition("?")[2])
        begin, end = (int(asked.get(key, [usual])[0]) for key, usual in (("from", "0"), ("to", str(2**62))))
        tags, limit = set(asked.get("tags", ())), int(asked.get("limit", ["100"])[0])
        fits = [one for one in self.grafana.annotations if begin <= one["time"] <= end and tags <= set(one["tags"])]
        return sorted(fits, key=lambda one: -one["time"])[:limit]

    def _add(self, wanted: dict[str, Any]) -> None:
        tags = wanted.get("tags") or []
        if not wanted.get("text"):
            self._say(400, {"message": "Failed to save annotation", "error": "text field should not be empty"})
        elif len(json.dumps(tags)) > _TAGS_LENGTH_MAX:
            self._say(500, {"message": "Failed to save annotation"})
        else:
            number = len(self.grafana.annotations) + 1
            kept = {"id": number, "time": wanted["time"], "timeEnd": wanted.get("timeEnd", wanted["time"])}
            self.grafana.annotations.append(kept | {"tags": tags, "text": wanted["text"], "dashboardUID": None})
            self._say(200, {"message": "Annotation added", "id": number})

    def _change(self, number: int, wanted: dict[str, Any]) -> None:
        found = next((one for one in self.grafana.annotations if one["id"] == number), None)
        if found is None:
            self._say(404, {"message": "Annotation not found"})
        else:
            found.update(wanted)
            self._say(200, {"message": "Annotation patched"})

    def _proxy(self, rest: str) -> None:
        """Forward what is allowed; a numeric id is not, since Grafana 13."""
        kind, _, path = rest.partition(f"/{UID}/")
        if kind != "uid" or not path:
            self._say(404, {"message": "Unable to find datasource"})
        elif self.command == "POST" and not self.grafana.takes_post:
            self._say(403, {"message": "non allow-listed POSTs not allowed on proxied Prometheus datasource"})
        else:
            self._forward(path)

    def _forward(self, path: str) -> None:
        """Ask Prometheus the same and pass its answer on, body untouched."""
        url = f"{self.grafana.prometheus_url}/{path}?{self.path.partition('?')[2]}"
        headers = {"Content-Type": self.headers.get("content-type") or ""} if self.body else {}
        try:
            reply = requests.request(self.command, url, data=self.body, headers=headers, timeout=30)
        except requests.ConnectionError:
            self._say(502, {"message": "Bad Gateway"})
        else:
            self._send(reply.status_code, reply.headers["content-type"], reply.content)

    def _say(self, status: int, document: object) -> None:
        """Answer with JSON."""
        self._send(status, "application/json", json.dumps(document).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        """Answer."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.path.startswith(_ANNOTATIONS):
            self.send_header("Deprecation", "@1793232000")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

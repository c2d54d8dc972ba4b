"""A Grafana that forwards to a real Prometheus, as far as its data source proxy goes; on loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import requests

TOKEN = "glsa_made0up0for0tests0only_0badcafe"  # opens nothing
UID = "prom-1"
_PROXY = "/api/datasources/proxy/"


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

    Attributes
    ----------
    asked
        Method and path of every request.
    """

    def __init__(self, prometheus_url: str, *, takes_post: bool = True, may_look: bool = True) -> None:
        self.asked: list[tuple[str, str]] = []
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
        elif not self.grafana.may_look:
            self._say(403, {"message": "You'll need additional permissions to perform this action"})
        elif path == "/api/datasources":
            self._say(200, [{"uid": UID, "name": "Metrics", "type": "prometheus"}, {"uid": "l", "type": "loki"}])
        elif path == f"/api/datasources/uid/{UID}/health":
            self._say(200, {"status": "OK", "message": "Successfully queried the Prometheus API."})
        else:
            self._say(404, {"message": "Data source not found"})

    do_POST = do_GET  # noqa: N815  # the name that http.server looks for

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
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

"""Railway's public GraphQL API as documented, for one project token, on loopback."""

from __future__ import annotations

import json
import re
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PROJECT, ENVIRONMENT, SERVICE = "1f0c", "2e1d", "3d2e"
TOKEN = "0b5b1c9e-7a34-4a5e-9d54-2f6a6c1f9d10"
MEASUREMENTS = {
    "CPU_USAGE", "CPU_LIMIT", "MEMORY_USAGE_GB", "MEMORY_LIMIT_GB", "NETWORK_RX_GB", "NETWORK_TX_GB", "DISK_USAGE_GB",
    "EPHEMERAL_DISK_USAGE_GB", "BACKUP_USAGE_GB",
}  # fmt: skip
TAGS = {"DEPLOYMENT_ID", "DEPLOYMENT_INSTANCE_ID", "REGION", "SERVICE_ID"}
_NOT_AUTHORIZED = {"errors": [{"message": "Not Authorized"}], "data": None}


class FakeRailway:
    """An API server for `with`: `url` is its endpoint.

    It takes only POST of JSON at `/graphql/v2`. A token counts only in the header `Project-Access-Token`, and opens one
    environment; anything else is status 200 with the error "Not Authorized". Unknown enum values and missing
    variables are status 400. Samples do not lie on anybody's grid.

    Parameters
    ----------
    used
        By service id and measurement, the constant amount in use.
    requests_per_hour
        The documented limit; beyond it status 429 with Retry-After.
    """

    def __init__(self, used: dict[str, dict[str, float]], *, requests_per_hour: int = 1000) -> None:
        self.used = used
        self.left = requests_per_hour
        self.limit = requests_per_hour
        self.silent_hours: tuple[float, float] | None = None
        self.says: tuple[int, bytes] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_port}/graphql/v2"

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
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = fake.says or fake._judge(self.path, self.headers, body)
                text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-RateLimit-Limit", str(fake.limit))
                self.send_header("X-RateLimit-Remaining", str(max(fake.left, 0)))
                if status == 429:
                    self.send_header("Retry-After", "3600")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler

    def _judge(self, path: str, headers: Any, body: bytes) -> tuple[int, Any]:
        self.left -= 1
        if self.left < 0:
            return 429, {"errors": [{"message": "Rate limit exceeded"}]}
        if path != "/graphql/v2" or headers.get_content_type() != "application/json":
            return 404, {"error": "Not Found"}
        asked = json.loads(body)
        if headers.get("Project-Access-Token") != TOKEN:
            return 200, _NOT_AUTHORIZED
        if re.search(r"\bprojectToken\b", asked["query"]):
            return 200, {"data": {"projectToken": {"projectId": PROJECT, "environmentId": ENVIRONMENT}}}
        if re.search(r"\bmetrics\s*\(", asked["query"]):
            return self._metrics(asked["query"], asked["variables"])
        return 400, {"errors": [{"message": "Cannot query field on type Query"}]}

    def _metrics(self, query: str, given: dict[str, Any]) -> tuple[int, Any]:
        declared = dict(re.findall(r"\$(\w+):\s*([\w!\[\]]+)", query))
        missing = [name for name, kind in declared.items() if kind.endswith("!") and given.get(name) is None]
        strange = [name for name in given["measurements"] if name not in MEASUREMENTS]
        strange += [name for name in given.get("groupBy") or () if name not in TAGS]
        start, end = (datetime.fromisoformat(given[name]) for name in ("startDate", "endDate"))
        if missing or strange or set(given) - set(declared) or start.tzinfo is None or end <= start:
            return 400, {"errors": [{"message": f"Variable got invalid value: {(missing + strange) or 'dates'}"}]}
        if (given["projectId"], given["environmentId"]) != (PROJECT, ENVIRONMENT):
            return 200, _NOT_AUTHORIZED
        services = [given["serviceId"]] if given.get("serviceId") else list(self.used)
        entries = [
            {"measurement": name, "values": self._samples(start, end, given["sampleRateSeconds"], amount)}
            for service in services
            for name, amount in self.used.get(service, {}).items()
            if name in given["measurements"]
        ]
        return 200, {"data": {"metrics": entries}}

    def _samples(self, start: datetime, end: datetime, step: int, amount: float) -> list[dict[str, float]]:
        first = int(start.timestamp()) + 17
        times = range(first, int(end.timestamp()), step)
        silent = self.silent_hours or (0.0, 0.0)
        return [{"ts": time, "value": amount} for time in times if not silent[0] <= (time - first) / 3600 < silent[1]]

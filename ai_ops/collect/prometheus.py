"""Metrics straight from Prometheus, or from anything that speaks its HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.collect.prometheus_api import Connection, PrometheusApi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.metrics import Answer, Query, Window
    from ai_ops.http_client import HttpClient

_CREDENTIALS = "check PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, or PROMETHEUS_TOKEN"
_HINTS = {
    401: _CREDENTIALS,
    403: _CREDENTIALS,
    404: "check PROMETHEUS_URL: it is everything that stands before /api/v1",
}


def prometheus_api(
    client: HttpClient,
    url: str,
    *,
    auth: tuple[str, str] | None = None,
    token: str = "",
    hints: Mapping[int, str] | None = None,
) -> PrometheusApi:
    """Give the API of the Prometheus at `url`; the parameters are those of `PrometheusSource`.

    `hints` say, by HTTP status, what a person can do where the usual advice does not fit.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    base = url.rstrip("/").removesuffix("/api/v1")
    return PrometheusApi(Connection(base, client, headers, auth, hints={**_HINTS, **(hints or {})}))


class PrometheusSource:
    """A metric source: a Prometheus HTTP API at `url`.

    Parameters
    ----------
    client
        Asks over the network; its POSTs only read, so it should retry them.
    url
        Everything before `/api/v1`; for Grafana Cloud it ends in `/api/prom`.
    auth
        Name and password; for Grafana Cloud the metrics instance id and an access-policy token.
    token
        Sent as bearer token instead of `auth`; empty when there is none.
    """

    name = "prometheus"
    is_simulated = False

    def __init__(self, client: HttpClient, url: str, *, auth: tuple[str, str] | None = None, token: str = "") -> None:
        self._api = prometheus_api(client, url, auth=auth, token=token)

    def fetch(self, query: Query, window: Window) -> Answer:
        """Ask one query over `window`.

        Raises
        ------
        SourceError
            When there is no usable answer: unreachable, refused, empty, not one series.
        """
        return self._api.fetch(query, window)

    def probe(self) -> str:
        """Say which server answers.

        Raises
        ------
        SourceError
            When none does, with the line that fixes it.
        """
        return f"Prometheus {self._api.version()} answers"

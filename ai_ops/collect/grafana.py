"""Metrics through Grafana's data source proxy: the same Prometheus API, with Grafana's token and Grafana's limits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from ai_ops.collect.prometheus_api import Connection, PrometheusApi, look_up
from ai_ops.domain.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.metrics import Answer, Query, Window
    from ai_ops.http_client import HttpClient

_OK = 200
_MAY_NOT_LOOK = {403, 404}  # the token may query but not look at data sources, or Grafana has no such check
_UNREACHABLE = "Grafana cannot reach its Prometheus; open the data source in Grafana and press Save & test"
_QUERY_HINTS = {
    401: "check GRAFANA_API_KEY: a token of a service account, beginning with glsa_",
    403: "give the service account of GRAFANA_API_KEY the permission datasources:query on this data source",
    404: "check GRAFANA_URL and grafana_datasource_uid: the uid stands in the data source's address in Grafana",
    502: _UNREACHABLE,
}
_HINTS = {**_QUERY_HINTS, 400: _UNREACHABLE, 503: _UNREACHABLE}  # where no expression can be at fault


class GrafanaSource:
    """A metric source: a Prometheus data source of the Grafana at `url`.

    Parameters
    ----------
    client
        Asks over the network; its POSTs only read, so it should retry them.
    url
        Where Grafana's start page is.
    uid
        The data source; its numeric id does not do.
    token
        Of a service account.
    spend
        Called before every request through Grafana; raises BudgetSpent when the hour is used up.
    """

    name = "grafana"
    is_simulated = False

    def __init__(self, client: HttpClient, url: str, *, uid: str, token: str, spend: Callable[[], None]) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._grafana = Connection(url.rstrip("/"), client, headers, spend=spend, hints=_HINTS)
        proxy = f"{self._grafana.url}/api/datasources/proxy/uid/{quote(uid, safe='')}"
        self._api = PrometheusApi(replace(self._grafana, url=proxy, hints=_QUERY_HINTS))
        self._uid = uid

    def fetch(self, query: Query, window: Window) -> Answer:
        """Ask one query over `window`.

        Raises
        ------
        SourceError
            When there is no usable answer: unreachable, refused, empty, not one series.
        BudgetSpent
            When the hour's requests are used up.
        """
        if not self._uid:
            raise SourceError("grafana_datasource_uid is empty; `neuropilot doctor` lists the data sources")
        return self._api.fetch(query, window)

    def probe(self) -> str:
        """Say which Grafana answers, and that its data source does.

        Raises
        ------
        SourceError
            When one of them does not, with the line that fixes it.
        BudgetSpent
            When the hour's requests are used up.
        """
        health = self._grafana.content(self._grafana.get("/api/health"))
        if not self._uid:
            raise SourceError(f"grafana_datasource_uid is empty; {self._choices()}")
        reply = self._grafana.get(f"/api/datasources/uid/{quote(self._uid, safe='')}/health")
        if reply.status in _MAY_NOT_LOOK:
            self._api.ask("/api/v1/query", {"query": "vector(1)"})
        else:
            self._grafana.content(reply)
        version = self._grafana.clean(str(look_up(health, "version") or "of unknown version"))
        return f"Grafana {version} answers, and so does its data source {self._uid}"

    def _choices(self) -> str:
        """The data sources to choose from, as far as the token may see them."""
        reply = self._grafana.get("/api/datasources")
        if reply.status != _OK:
            return "the uid is the last part of the data source's address in Grafana"
        sources = self._grafana.content(reply)
        named = ", ".join(
            self._grafana.clean(f"{look_up(source, 'uid')} ({look_up(source, 'name')})")
            for source in (sources if isinstance(sources, list) else ())
            if look_up(source, "type") == "prometheus"
        )
        return f"this Grafana has {named}" if named else "this Grafana has no Prometheus data source; add one"

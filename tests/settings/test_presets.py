"""The presets' queries, asked of a real Prometheus."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import requests
from backfill import END, Service, openmetrics

from ai_ops.domain.metrics import Query
from ai_ops.settings.expressions import presets
from ai_ops.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer

LATEST = END - timedelta(minutes=10)


def queries(preset: str, **keys: object) -> list[Query]:
    """What a service with this preset asks, its check of the histogram's bucket included."""
    settings = Settings.model_validate({"services": [{"name": "web", "preset": preset, **keys}]})
    (service,) = settings.services
    check = [Query("slo_bucket", service.slo_bucket_query)] if service.slo_bucket_query else []
    return [*service.queries, *check]


def every_query() -> list[tuple[str, Query]]:
    """Each preset with each of its queries, and with an empty selector, which must stay valid PromQL."""
    return [
        (preset, query)
        for preset in sorted(presets())
        for selector in ('job="$service"', "")
        for query in queries(preset, selector=selector)
    ]


def result(server: RunningServer, expression: str) -> list[float]:
    """The values that `server` answers at the end of its data, one per series."""
    asked = {"query": expression, "time": str(LATEST.timestamp())}
    reply = requests.get(f"{server.url}/api/v1/query", params=asked, timeout=30)
    reply.raise_for_status()
    return [float(one["value"][1]) for one in reply.json()["data"]["result"]]


@pytest.mark.parametrize(
    ("preset", "query"), every_query(), ids=lambda part: part.metric if isinstance(part, Query) else part
)
def test_prometheus_can_read_every_query(prometheus: RunningServer, preset: str, query: Query) -> None:
    """A preset with a typing error would be a gap on every run, for everybody."""
    reply = requests.post(f"{prometheus.url}/api/v1/format_query", data={"query": query.expression}, timeout=30)
    assert reply.json()["status"] == "success", reply.text


@pytest.mark.parametrize("query", queries("node_exporter"), ids=lambda query: query.metric)
def test_every_query_for_node_exporter_answers_with_one_series(prometheus: RunningServer, query: Query) -> None:
    """Whatever the number of hosts, cores, codes and buckets (S001-73, S001-74)."""
    (value,) = result(prometheus, query.expression)
    assert np.isfinite(value)


def test_what_the_queries_for_node_exporter_say_is_plausible(prometheus: RunningServer) -> None:
    """Units and scales are those of the canonical metrics."""
    (said,) = zip(*(result(prometheus, query.expression) for query in queries("node_exporter")), strict=True)
    value = dict(zip((query.metric for query in queries("node_exporter")), said, strict=True))
    assert 0 < value["cpu_percent"] < 100
    assert 0 < value["memory_percent"] < 100
    assert 20 < value["latency_p95_ms"] < 1000
    assert 0 <= value["error_percent"] < 5
    assert 1 < value["requests_per_second"] < 500
    assert 0.9 < value["slo_good_ratio"] <= 1
    assert 1 <= value["instances"] <= 4


@pytest.fixture(scope="module")
def quiet(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """Two services: one has not a single series for a failure, the other none for a success."""
    rows = [
        f'http_request_duration_seconds_{name}{{job="{job}",code="{code}"{le}}} {value} {LATEST.timestamp() - ago}\n'
        for job, code in (("web", "200"), ("broken", "503"))
        for name, le in (("bucket", ',le="0.4"'), ("bucket", ',le="+Inf"'), ("count", ""), ("sum", ""))
        for value, ago in ((0, 120), (60, 60), (120, 0))
    ]
    return start_prometheus("".join(["# TYPE http_request_duration_seconds histogram\n", *rows, "# EOF\n"]))


def expression(metric: str, **keys: object) -> str:
    """The query for `metric` of a service on node_exporter."""
    return next(query.expression for query in queries("node_exporter", **keys) if query.metric == metric)


def test_a_service_without_a_failure_has_no_errors(quiet: RunningServer) -> None:
    """No series with a 5xx code means 0 %, not unknown."""
    assert result(quiet, expression("error_percent")) == [0.0]
    assert result(quiet, expression("slo_good_ratio")) == [1.0]


def test_a_service_without_a_success_is_not_good(quiet: RunningServer) -> None:
    """No series without a 5xx code means that nothing was good, not that nothing is known."""
    assert result(quiet, expression("slo_good_ratio", selector='job="broken"')) == [0.0]
    assert result(quiet, expression("error_percent", selector='job="broken"')) == [100.0]


def test_a_bucket_that_does_not_exist_is_unknown_and_can_be_noticed(quiet: RunningServer) -> None:
    """An SLI of 0 for want of a bucket would scale the service to its maximum (R6)."""
    assert result(quiet, expression("slo_good_ratio", slo={"latency_ms": 300})) == []
    assert result(quiet, expression("slo_bucket", slo={"latency_ms": 300})) == []
    assert result(quiet, expression("slo_bucket")) == [1.0]


def test_a_service_that_is_not_there_is_unknown(quiet: RunningServer) -> None:
    """A selector that matches nothing must not read as 0 errors."""
    for query in queries("node_exporter", selector='job="gone"'):
        assert result(quiet, query.expression) == [], query.metric


def test_the_backfilled_service_is_told_apart_by_its_selector(start_prometheus: Callable[..., RunningServer]) -> None:
    """Two services on one Prometheus do not add up."""
    day = {"days": 0.2, "end": END}
    server = start_prometheus(openmetrics(Service("web", **day), Service("api", **day, load=3.0)))
    web, api = (result(server, expression("requests_per_second", selector=f'job="{job}"'))[0] for job in ("web", "api"))
    assert 2 * web < api < 4 * web

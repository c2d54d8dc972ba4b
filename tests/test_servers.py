"""The made-up service and the real servers that the other tests stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from backfill import END, Service, openmetrics

if TYPE_CHECKING:
    from running import RunningServer


def test_backfill_is_the_same_for_the_same_service() -> None:
    """A failing test can be repeated, because nothing in the made-up history depends on the moment or the machine."""
    assert openmetrics(Service(days=0.5)) == openmetrics(Service(days=0.5))
    assert openmetrics(Service(days=0.5)) != openmetrics(Service(days=0.5, seed=8))


def test_backfill_leaves_out_what_is_told_to_be_missing() -> None:
    """A test of gaps must be able to take one metric away and leave the rest."""
    text = openmetrics(Service(days=0.1, without=frozenset({"http_requests"})))
    assert "http_requests_total" not in text
    assert "node_cpu_seconds_total" in text
    assert text.endswith("# EOF\n")


def test_prometheus_holds_the_backfilled_weeks(prometheus: RunningServer) -> None:
    """The server really answers for a moment two weeks back; its default retention would have deleted that block."""
    at = END.timestamp() - 14 * 86400
    answer = requests.get(f"{prometheus.url}/api/v1/query", {"query": "count(up)", "time": at}, timeout=10).json()
    assert answer["data"]["result"][0]["value"][1] == "4"

"""The same questions to VictoriaMetrics, which answers a little differently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import requests
from running import start_victoria_metrics

from ai_ops.collect.prometheus import PrometheusSource
from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import Query, Window
from ai_ops.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from running import RunningServer

MINUTE = timedelta(minutes=1)
START = datetime(2025, 5, 1, tzinfo=UTC)
POINTS = 12_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A VictoriaMetrics with a number for each minute, a hole, and two hosts."""
    values = {
        "minute": range(POINTS),
        "holed": [None if 1000 <= n < 1200 else n for n in range(2000)],
        'pair{zone="z",host="a"}': range(10),
        'pair{zone="z",host="b"}': range(10),
    }
    lines = [
        f"{name} {value} {START.timestamp() + 60 * number:.0f}\n"
        for name, series in values.items()
        for number, value in enumerate(series)
        if value is not None
    ]
    running = start_victoria_metrics(tmp_path_factory.mktemp("victoria"), "".join(lines))
    yield running
    running.close()


@pytest.fixture
def source(server: RunningServer) -> PrometheusSource:
    """The source under test."""
    return PrometheusSource(HttpClient(allow_private=True, retry_post=True), server.url)


def ask(source: PrometheusSource, expression: str, first: int, last: int) -> np.ndarray:
    """Values of `expression` from minute `first` to before minute `last`."""
    window = Window(START + first * MINUTE, START + last * MINUTE, MINUTE)
    return source.fetch(Query("cpu_percent", expression), window).series.values


def test_long_windows_are_cut_and_stitched(source: PrometheusSource) -> None:
    """It rounds the times of long windows in its own way; on our grid that changes nothing."""
    np.testing.assert_array_equal(ask(source, "minute", 0, POINTS), np.arange(POINTS))
    np.testing.assert_array_equal(ask(source, "minute", 7, 10), [7, 8, 9])


def test_a_hole_stays_a_hole(source: PrometheusSource) -> None:
    """It repeats the last value for about one interval only."""
    values = ask(source, "holed", 900, 1300)
    assert np.isnan(values[106:300]).all()
    assert np.isfinite(values[:100]).all()
    assert np.isfinite(values[300:]).all()


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("nothing_like_it", "no data between"),
        ("sum(", r"HTTP 422 \(422\): .*; correct the expression"),
        ("pair", r'several series: \{__name__="pair", host="a", zone="z"\}, \{__name__="pair", host="b"'),
    ],
)
def test_errors_are_explained(source: PrometheusSource, expression: str, words: str) -> None:
    """Its errors have another status, and its labels another order."""
    with pytest.raises(SourceError, match=words):
        ask(source, expression, 0, 5)


def test_statistics_beside_the_answer_are_no_warning(server: RunningServer, source: PrometheusSource) -> None:
    """It tells how it worked; that it does so is no sign of partial data."""
    params = {"query": "minute", "start": "2025-05-01T00:00:00Z", "end": "2025-05-01T00:05:00Z", "step": "60s"}
    assert "stats" in requests.get(f"{server.url}/api/v1/query_range", params, timeout=10).json()
    window = Window(START, START + 5 * MINUTE, MINUTE)
    assert source.fetch(Query("cpu_percent", "minute"), window).warnings == ()


def test_probe_names_a_version(source: PrometheusSource) -> None:
    """It claims to be a Prometheus, which is all that matters here."""
    assert source.probe().startswith("Prometheus 2.")

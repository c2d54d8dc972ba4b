"""Two weeks of minutes out of a real Prometheus, through Grafana, by the preset's own expressions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import backfill
import numpy as np
import pytest
from backfill import END
from fakes.grafana import TOKEN, UID, FakeGrafana

from ai_ops.collect.cost import PricedInstances
from ai_ops.collect.fetching import Fetching
from ai_ops.collect.grafana import GrafanaSource
from ai_ops.collect.minute_cache import MinuteCache
from ai_ops.collect.minutes import LATE_MINUTES, MINUTE_METRICS, MinuteHistory
from ai_ops.http_client import HttpClient
from ai_ops.settings.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from running import RunningServer

    from ai_ops.collect.minutes import Minutes
    from ai_ops.domain.metrics import Query

PRICE = 0.0168
WEB = Service.model_validate(
    {
        "name": "web",
        "slo": {"latency_ms": 400, "window": "30m"},
        "queries": {"instances_desired": "max(autoscaler_instances_desired{$selector})"},
    }
)
DAYS = 14


@pytest.fixture(scope="module")
def grafana(prometheus: RunningServer) -> Iterator[FakeGrafana]:
    """A Grafana in front of a Prometheus that has a sample every minute."""
    with FakeGrafana(prometheus.url) as server:
        yield server


def minute_queries(window: str) -> tuple[Query, ...]:
    """What is asked of "web"."""
    return tuple(query for query in WEB.queries_over(window) if query.metric in MINUTE_METRICS)


def fetch(grafana: FakeGrafana, folder: Path, window: str = "4m", days: float = 0) -> Minutes:
    """Two weeks of minutes that end some days before the newest sample."""
    client = HttpClient(allow_private=True, retry_post=True)
    source = GrafanaSource(client, grafana.url, uid=UID, token=TOKEN, spend=lambda: None)
    cache = MinuteCache(folder, pytest.fail)
    fetching = Fetching("web", source, minute_queries(window), LATE_MINUTES, "grafana", cache)
    return MinuteHistory(fetching, DAYS, PricedInstances(PRICE)).fetch(END - timedelta(days=days), {})


@pytest.fixture(scope="module")
def minutes(grafana: FakeGrafana, tmp_path_factory: pytest.TempPathFactory) -> Minutes:
    """The two weeks, by four scrapes."""
    return fetch(grafana, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def lived() -> backfill._Life:
    """What the service really went through in these two weeks."""
    times = END.timestamp() - 60 * np.arange(15 * 1440, 0, -1)
    whole = backfill._live(backfill.Service(), times)
    return backfill._Life(*(getattr(whole, name)[1440:] for name in backfill._Life.__slots__))


def test_every_metric_comes_and_is_whole(minutes: Minutes) -> None:
    """Nine of them, 20,160 minutes each, without a gap."""
    assert set(minutes.series) == set(MINUTE_METRICS)
    assert minutes.gaps == ()
    for one in minutes.series.values():
        assert one.values.shape == (20_160,)
        assert np.isfinite(one.values).all()


def test_instances_and_their_cost_are_exact_in_every_minute(minutes: Minutes, lived: backfill._Life) -> None:
    """What the autoscaler did is replayed from these: a change that is a minute late would be a wrong boot time."""
    np.testing.assert_array_equal(minutes.series["instances"].values, lived.ready)
    np.testing.assert_array_equal(minutes.series["instances_desired"].values, lived.wanted)
    np.testing.assert_allclose(minutes.series["cost_per_hour"].values, lived.ready * PRICE, rtol=2e-5)


def test_rates_follow_the_minutes_and_not_the_promises_window(minutes: Minutes, lived: backfill._Life) -> None:
    """Demand over four minutes is demand then; over the SLO's thirty a peak would be half gone."""
    requests = (lived.good + lived.failed) / 60
    mean_of_four = np.convolve(requests, np.ones(4) / 4)[3 : requests.size]
    seen = minutes.series["requests_per_second"].values
    np.testing.assert_allclose(seen[3:], mean_of_four, rtol=0.02)
    in_time = np.floor(lived.good * -np.expm1(-0.4 / lived.latency))
    promised = np.average(minutes.series["slo_good_ratio"].values, weights=seen)
    assert promised == pytest.approx(in_time.sum() / (lived.good + lived.failed).sum(), abs=2e-5)
    assert np.corrcoef(minutes.series["cpu_percent"].values[3:], lived.utilisation[3:])[0, 1] > 0.9


def test_the_next_day_takes_one_short_request_a_metric(grafana: FakeGrafana, tmp_path: Path) -> None:
    """The first fetch takes two for each of the eight queries; both fit into Grafana's hundred (S001-130)."""
    asked = len(grafana.asked)
    fetch(grafana, tmp_path, days=1)
    first = len(grafana.asked) - asked
    joined = fetch(grafana, tmp_path)
    assert (first, len(grafana.asked) - asked - first) == (16, 8)
    again = fetch(grafana, tmp_path / "anew")
    assert joined.series == again.series

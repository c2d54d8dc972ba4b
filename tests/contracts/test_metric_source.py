"""What every metric source owes its callers, run over each of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from backfill import END
from fakes.grafana import TOKEN, UID, FakeGrafana

from ai_ops.collect.grafana import GrafanaSource
from ai_ops.collect.prometheus import PrometheusSource
from ai_ops.collect.simulated import SimulatedSource
from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import Query, Window
from ai_ops.domain.tuning import Thresholds
from ai_ops.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from running import RunningServer

    from ai_ops.domain.ports import MetricSource

RATE = Query("requests_per_second", 'sum(rate(http_requests_total{job="web"}[10m]))')
SMOOTH = Query("requests_per_second", 'sum(rate(http_requests_total{job="web"}[4m]))')
UNKNOWN = Query("moon_phase", "moon_phase")


@dataclass(frozen=True)
class Plugs:
    """Starts each source on the same two weeks."""

    prometheus_url: str

    @contextmanager
    def prometheus(self) -> Iterator[MetricSource]:
        """A real Prometheus."""
        yield PrometheusSource(a_client(), self.prometheus_url)

    @contextmanager
    def grafana(self) -> Iterator[MetricSource]:
        """The same one behind a Grafana."""
        with FakeGrafana(self.prometheus_url) as server:
            yield GrafanaSource(a_client(), server.url, uid=UID, token=TOKEN, spend=lambda: None)

    @contextmanager
    def simulated(self) -> Iterator[MetricSource]:
        """The embedded service, which needs no server."""
        yield SimulatedSource(lambda: Thresholds({}))


def a_client() -> HttpClient:
    """Ask servers on loopback."""
    return HttpClient(allow_private=True, retry_post=True)


@pytest.fixture(params=["prometheus", "grafana", "simulated"])
def source(request: pytest.FixtureRequest, prometheus: RunningServer) -> Iterator[MetricSource]:
    """Each source in turn."""
    with getattr(Plugs(prometheus.url), request.param)() as plug:
        yield plug


def window(hours: float, *, before: float = 0.0, step_minutes: float = 10) -> Window:
    """So many hours that end some hours `before` the newest sample."""
    end = END - timedelta(hours=before)
    return Window(end - timedelta(hours=hours), end, timedelta(minutes=step_minutes))


FORTNIGHT = window(336, step_minutes=1)
"""More points than a Prometheus answers at once."""


def test_it_says_who_it_is(source: MetricSource) -> None:
    """The name stands beside every figure, and a simulated one is never taken for real."""
    assert source.name.isidentifier()
    assert source.is_simulated == (source.name == "simulated")


@pytest.mark.parametrize("asked", [window(6), window(1 / 6), window(24, step_minutes=1), window(336), FORTNIGHT])
def test_the_answer_lies_on_the_windows_grid(source: MetricSource, asked: Window) -> None:
    """The rooms that follow put series side by side without looking at times again (S001-73)."""
    series = source.fetch(RATE, asked).series
    assert (series.metric, series.start, series.step) == (RATE.metric, asked.start, asked.step)
    assert series.values.shape == (asked.points,)
    assert series.values.dtype == np.float64


def test_values_are_numbers_or_gaps(source: MetricSource) -> None:
    """An infinity would swallow every mean (H29)."""
    values = source.fetch(RATE, window(24)).series.values
    assert not np.isinf(values).any()
    assert np.isfinite(values).mean() > 0.95
    assert (values[np.isfinite(values)] > 0).all()


def test_two_weeks_of_minutes_are_whole(source: MetricSource) -> None:
    """They come in two parts, and at the border between them nothing is lost, doubled or moved (S001-73)."""
    values = source.fetch(SMOOTH, FORTNIGHT).series.values
    assert np.isfinite(values).all()
    border = window(2, before=336 - 11_001 / 60 - 1, step_minutes=1)
    np.testing.assert_allclose(values[11_001 - 60 : 11_001 + 60], source.fetch(SMOOTH, border).series.values, rtol=1e-9)


def test_asking_twice_gives_the_same(source: MetricSource) -> None:
    """A decision can be repeated from its window."""
    first, second = source.fetch(RATE, window(6)), source.fetch(RATE, window(6))
    assert first == second
    assert first.warnings == ()


def test_a_later_question_agrees_with_an_earlier_one(source: MetricSource) -> None:
    """The history cache joins what different runs have fetched."""
    long, short = source.fetch(RATE, window(48, before=2)).series, source.fetch(RATE, window(6)).series
    np.testing.assert_allclose(long.within(window(4, before=2)), short.within(window(4, before=2)), rtol=1e-9)


def test_what_it_does_not_have_is_a_source_error(source: MetricSource) -> None:
    """Collect turns it into a gap with this reason, so the reason is there."""
    with pytest.raises(SourceError, match=r"\w+ \w+"):
        source.fetch(UNKNOWN, window(6))


def test_it_can_be_probed(source: MetricSource) -> None:
    """The doctor shows one line for each."""
    assert len(source.probe().splitlines()) == 1

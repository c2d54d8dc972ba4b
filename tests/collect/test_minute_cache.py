"""The cache of minutes: small, and never trusted further than a cache."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import NOON, a_series

from ai_ops.collect.minute_cache import MinuteCache
from ai_ops.collect.minutes import MINUTE, MINUTE_METRICS
from ai_ops.collect.simulated import SimulatedSource
from ai_ops.domain.metrics import Query, Series, Window
from ai_ops.domain.quantised import quantised
from ai_ops.domain.tuning import Thresholds
from ai_ops.packing import packed

FORTNIGHT = Window(NOON - timedelta(days=14), NOON, MINUTE)
SERIES = Series("cpu_percent", NOON, MINUTE, np.array([1.0, np.nan, 63.21]))


@pytest.fixture
def warnings():
    """What the cache complained of."""
    return []


@pytest.fixture
def cache(tmp_path, warnings):
    """A cache in an empty folder."""
    return MinuteCache(tmp_path, warnings.append)


def test_what_was_saved_comes_back_rounded(cache):
    """Gaps included, each service by itself."""
    cache.save("web", {"cpu_percent@1": SERIES, "instances@2": a_series("instances", [3.0])})
    assert cache.load("web") == {"cpu_percent@1": quantised(SERIES), "instances@2": a_series("instances", [3.0])}
    assert cache.load("api") == {}
    cache.save("api", {"cpu_percent@1": SERIES})
    assert len(cache.load("web")) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-1],
        lambda raw: raw[:100] + b"\0" + raw[101:],
        lambda raw: b"",
        lambda raw: b'{"version": 1}',
        lambda raw: raw.replace(b" 1 ", b" 2 ", 1),
        lambda raw: packed({"kind": "snapshot"}, {}),
        lambda raw: packed({"kind": "minutes"}, {}),
        lambda raw: packed({"kind": "minutes", "series": {"a": {"metric": "cpu_percent"}}}, {"a": np.arange(2)}),
        lambda raw: packed(
            {"kind": "minutes", "series": {"a": {"metric": "x", "start": "2026-11-18T12:00", "step_seconds": 60}}},
            {"a": np.arange(2)},
        ),
        lambda raw: packed(
            {"kind": "minutes", "series": {"a": {"metric": "x", "start": NOON.isoformat(), "step_seconds": 1e300}}},
            {"a": np.arange(2)},
        ),
    ],
    ids=["cut", "altered", "empty", "JSON", "version", "snapshot", "no series", "no time", "no zone", "long step"],
)
def test_a_file_that_cannot_be_used_costs_one_longer_fetch(cache, warnings, spoil):
    """A warning that names it, nothing else (H32)."""
    cache.save("web", {"cpu_percent@1": SERIES})
    cache.path("web").write_bytes(spoil(cache.path("web").read_bytes()))
    assert cache.load("web") == {}
    (warning,) = warnings
    assert warning.startswith("metrics_minutes-web.columns cannot be used (")
    assert warning.endswith("): fetching every minute anew")
    cache.save("web", {"cpu_percent@1": SERIES})
    assert set(cache.load("web")) == {"cpu_percent@1"}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("stand_in", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), os.mkdir])
def test_what_is_no_plain_file_is_not_waited_for(cache, warnings, stand_in):
    """A pipe would hang each run for ever, a device would take all memory (H32)."""
    stand_in(cache.path("web"))
    assert cache.load("web") == {}
    assert "fetching every minute anew" in warnings[0]


@pytest.mark.timeout(20)
def test_a_file_without_end_is_read_as_far_as_one_of_ours_could_go(cache, warnings):
    """What begins like ours and goes on for gigabytes is cut off, and then fits no checksum (H32)."""
    cache.save("web", {"cpu_percent@1": SERIES})
    os.truncate(cache.path("web"), 5 * 1024**3)
    assert cache.load("web") == {}
    assert "something was added to it" in warnings[0]


def test_a_folder_that_refuses_is_told_and_harmless(tmp_path, warnings):
    """The next run asks for more."""
    (tmp_path / "file").write_text("in the way")
    MinuteCache(tmp_path / "file", warnings.append).save("web", {"cpu_percent@1": SERIES})
    assert "cannot be written" in warnings[0]


def test_a_read_only_cache_writes_nothing(tmp_path):
    """A dry run leaves nothing behind."""
    MinuteCache(tmp_path, pytest.fail, is_kept=False).save("web", {"cpu_percent@1": SERIES})
    assert list(tmp_path.iterdir()) == []


def test_two_weeks_of_a_noisy_service_fit_into_a_fifth_of_a_megabyte(cache):
    """Counted requests, as a real exporter sees them: the cache of twenty services stays below 4 MB."""
    cache.save("web", noisy_fortnight())
    assert 50_000 < cache.path("web").stat().st_size < 200_000


def noisy_fortnight() -> dict[str, Series]:
    """The embedded service, its shares and its demand drawn request by request."""
    source, rng = SimulatedSource(lambda: Thresholds({})), np.random.default_rng(5)
    series = {metric: source.fetch(Query(metric, ""), FORTNIGHT).series for metric in MINUTE_METRICS}
    requests = rng.poisson(60 * series["requests_per_second"].values)
    failed = rng.binomial(requests, series["error_percent"].values / 100)
    good = rng.binomial(requests, series["slo_good_ratio"].values)
    memory = series["memory_percent"].values
    drawn = {
        "requests_per_second": requests / 60,
        "error_percent": 100 * failed / requests,
        "slo_good_ratio": good / requests,
        "memory_percent": memory + rng.normal(0, 0.4, memory.size),
    }
    return series | {metric: replace(series[metric], values=values) for metric, values in drawn.items()}

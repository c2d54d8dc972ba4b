"""The made-up metrics and incidents that detectors are compared on."""

from __future__ import annotations

import numpy as np
import pytest
from kpis import DAY, INCIDENTS, Metric, carriers, cloud_metric, generated, web_metric, with_incidents

WEB, CLOUD = ("requests", "latency", "errors"), ("cpu", "network", "memory")


@pytest.mark.parametrize(("make", "kinds"), [(web_metric, WEB), (cloud_metric, CLOUD)])
def test_a_seed_makes_the_same_series_again(make, kinds):
    """A comparison that cannot be repeated proves nothing."""
    first, again = (generated(make, kinds, (2, 300.0, 14.0), seed=3) for _ in range(2))
    other = generated(make, kinds, (2, 300.0, 14.0), seed=4)
    for one, same, different in zip(first, again, other, strict=True):
        assert np.array_equal(one.values, same.values)
        assert one.events == same.events
        assert not np.array_equal(one.values, different.values)


@pytest.mark.parametrize(("make", "kinds"), [(web_metric, WEB), (cloud_metric, CLOUD)])
def test_incidents_come_after_the_warm_up_and_apart(make, kinds):
    """Detectors get a week to learn, and no two incidents can be found by one page."""
    for case in generated(make, kinds, (2, 300.0, 28.0), seed=5):
        assert case.events
        assert case.events[0][0] > case.warm_up == 7 * 288
        gaps = [later[0] - earlier[1] for earlier, later in zip(case.events, case.events[1:], strict=False)]
        assert min(gaps, default=288) >= 144
        assert case.events[-1][1] < case.values.size
        assert np.isfinite(case.values).all()
        assert case.values.min() >= 0.0
        assert case.kind not in {"cpu", "memory"} or case.values.max() <= 100.0


@pytest.mark.parametrize("kind", INCIDENTS)
def test_an_incident_changes_its_rows_and_only_those(kind):
    """What is labelled is what was changed; only a level shift stays beyond its label."""
    times = np.datetime64("2026-03-02") + np.arange(28 * 288) * np.timedelta64(5, "m")
    values = 100.0 + np.sin(np.arange(times.size))
    case = with_incidents(kind, Metric("plain", times, values, np.ones(times.size), (kind,)), np.random.default_rng(1))
    inside = np.zeros(times.size, dtype=bool)
    for first, last in case.events:
        inside[first : last + 1] = True
    changed = case.values != values
    assert changed[inside].mean() > 0.5
    if kind == "level shift":
        assert changed[case.events[0][0] :].all()
    else:
        assert not changed[~inside].any()


def test_a_real_series_carries_incidents_measured_in_its_own_noise():
    """A size of ten means ten times what an hour's median leaves, not ten times the daily swing."""
    rng = np.random.default_rng(2)
    rows = 43 * 288
    times = np.datetime64("2026-03-02") + np.arange(rows) * np.timedelta64(5, "m")
    values = (100 + 50 * np.sin(2 * np.pi * np.arange(rows) / 288)) * (1 + 0.02 * rng.normal(size=rows))
    stretches = list(carriers("day", times, values, days=21.0))
    assert len(stretches) == 2
    assert stretches[0].values.size == 21 * DAY / 300
    relative = stretches[0].unit / np.maximum(stretches[0].values, 1.0)
    assert np.median(relative) == pytest.approx(0.02, rel=0.3)

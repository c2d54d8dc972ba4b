"""Demand of the made-up services."""

from __future__ import annotations

import numpy as np
import pytest

from ai_ops.simulator.traffic import SHAPES, recorded


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_shape_is_demand_of_a_few_weeks_by_its_seed(shape):
    """Finite, not negative, about as high as told, the same again."""
    demand = shape(100.0, 21, np.random.default_rng(5))
    assert demand.shape == (21 * 1440,)
    assert np.isfinite(demand).all()
    assert demand.min() >= 0
    assert 70 < np.quantile(demand, 0.995) < 200
    assert np.array_equal(demand, shape(100.0, 21, np.random.default_rng(5)))
    assert not np.array_equal(demand, shape(100.0, 21, np.random.default_rng(6)))


def test_weekends_of_an_office_are_quiet():
    """Minutes count from a Monday."""
    demand = SHAPES["weekly"](100.0, 14, np.random.default_rng(1)).reshape(2, 7, 1440)
    assert demand[:, 5:].mean() < 0.6 * demand[:, :5].mean()


def test_recorded_traffic_starts_on_a_monday_and_keeps_its_shape(tmp_path):
    """Coarser files are interpolated; their means survive."""
    path = tmp_path / "traffic.csv"
    stamps = np.datetime64("2026-03-01T20:00") + np.arange(3 * 288) * np.timedelta64(5, "m")
    rates = 50 + 40 * np.sin(np.arange(stamps.size) / 40)
    rows = [f"{stamp}:00,{rate:.4f}" for stamp, rate in zip(stamps, rates, strict=True)]
    path.write_text("timestamp,requests_per_second\n" + "\n".join(rows) + "\n", encoding="utf-8")
    demand = recorded(path, 200.0, np.random.default_rng(1))
    assert np.quantile(demand, 0.995) == pytest.approx(200.0)
    monday = rates[48:]
    means = demand[: 288 * 5].reshape(-1, 5).mean(axis=1)
    assert np.corrcoef(means, monday[: means.size])[0, 1] > 0.98

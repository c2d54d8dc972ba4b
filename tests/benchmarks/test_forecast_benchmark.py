"""A forecast is compared with a naive one that is as good as it can be, at hours that favour nobody."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import forecast as benchmark
import numpy as np
import pytest

from ai_ops.domain.metrics import Series

START = datetime(2026, 11, 2, tzinfo=UTC)


def hours(days, noise):
    """A daily rhythm of 100 +- 30 with noise."""
    angle = np.arange(days * 24) * 2 * np.pi / 24
    values = 100.0 + 30.0 * np.sin(angle) + noise * np.random.default_rng(1).normal(size=angle.size)
    return Series("latency_p95_ms", START, benchmark.HOUR, values)


def test_the_pinball_loss_has_its_golden_value():
    """Ten above the 5 % quantile costs half a point, ten below the 95 % quantile as much."""
    assert benchmark.pinball(np.array([10.0]), np.full((1, 5), 0.0)) == pytest.approx(5.0)
    only_outer = np.array([[0.0, 10.0, 10.0, 10.0, 20.0]])
    assert benchmark.pinball(np.array([10.0]), only_outer) == pytest.approx((0.5 + 0.5) / 5)


@pytest.mark.parametrize("span", [100, 500, 1656, 5000])
def test_every_hour_of_the_day_has_its_turn(span):
    """Origins that fell on the same hours would judge those hours alone."""
    step = benchmark.hours_apart(span, most=60)
    assert step > benchmark.HORIZON
    assert span / step <= 60
    assert {k * step % 24 for k in range(24)} == set(range(24))


def test_the_naive_forecast_is_exact_where_nothing_changes():
    """The opponent is no straw man: a perfect rhythm costs it nothing."""
    values = hours(days=10, noise=0.0).values
    quantiles = benchmark.naive_quantiles(values[:-6])
    assert benchmark.pinball(values[-6:], quantiles) == pytest.approx(0.0, abs=1e-9)


def test_skill_is_measured_where_there_is_some():
    """Noise that yesterday's value repeats is what the forecast leaves out."""
    row = benchmark.measure("noisy", hours(days=14, noise=5.0), is_real=False, history=336, most=60)
    assert row is not None
    assert row.skill > 0.1
    assert not row.is_worse


def test_too_short_a_series_is_left_out():
    """A handful of origins would be an anecdote."""
    assert benchmark.measure("short", hours(days=8, noise=5.0), is_real=False, history=336, most=60) is None


def test_a_file_that_is_no_series_is_left_out(tmp_path):
    """A folder of data holds other tables too."""
    (tmp_path / "log.csv").write_text("line,level,text\n1,INFO,hello\n")
    (tmp_path / "names.csv").write_text("name,count\nalice,1\nbob,2\n")
    (tmp_path / "kpi.csv").write_text("timestamp,value\n2026-11-02 00:10,1\n2026-11-02 00:40,3\n2026-11-02 02:00,5\n")
    known = {file.name: benchmark.read(file) for file in tmp_path.iterdir()}
    assert known["log.csv"] is None
    assert known["names.csv"] is None
    assert known["kpi.csv"] == Series("value", START, benchmark.HOUR, np.array([2.0, np.nan, 5.0]))


def test_the_whole_benchmark_runs(tmp_path, monkeypatch, capsys):
    """Table on stdout, JSON beside it, and no series clearly worse than naive (S001-134)."""
    answer = tmp_path / "forecast.json"
    monkeypatch.setattr(sys, "argv", ["forecast.py", "--rows", "1", "--origins", "9", "--json", str(answer)])
    with pytest.raises(SystemExit) as ended:
        benchmark.main()
    assert ended.value.code == 0
    figures = json.loads(answer.read_text())
    assert figures["means"]["made up"]["series"] == len(figures["series"]) > 5
    assert "mean skill" in capsys.readouterr().out

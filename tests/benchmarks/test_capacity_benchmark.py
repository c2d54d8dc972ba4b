"""Demand forecasts are compared with opponents as good as they can be, on series read as they were recorded."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import capacity as benchmark
import numpy as np
import pytest
from demands import a_demand, daily

HEAD = "timestamp,requests_per_second\n"


def test_a_file_is_dated_as_it_was_recorded(tmp_path):
    """A bin of the file begins at its time: one hour of it is that hour."""
    rows = "".join(f"2026-11-02T{hour:02}:{minute:02}Z,{hour}\n" for hour in (5, 6) for minute in range(0, 60, 5))
    (tmp_path / "traffic.csv").write_text(HEAD + rows)
    demand = benchmark.read(tmp_path / "traffic.csv")
    assert demand.start == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert demand.values.tolist() == [5.0] * 6 + [6.0] * 6


def test_a_file_that_holds_no_requests_is_left_out(tmp_path):
    """A folder of data holds other tables too."""
    (tmp_path / "log.csv").write_text("line,level\n1,INFO\n")
    assert benchmark.read(tmp_path / "log.csv") is None


def test_the_textbooks_model_is_no_straw_man():
    """On a perfect rhythm it is as good as exact."""
    hours = a_demand(daily(16)).hourly_peaks().values
    assert benchmark.holt_winters(hours[:-48]) == pytest.approx(hours[-48:], rel=0.02)


def test_skill_is_measured_where_there_is_some():
    """Yesterday repeats the noise of one day, the forecast does not; and most of what comes lies inside."""
    row = benchmark.measure(
        "noisy", a_demand(daily(28), noise=0.1).hourly_peaks(), is_real=False, days=28, with_peer=False
    )
    assert row.to_naive < 0.9
    assert not row.is_worse
    assert 0.8 < row.coverage < 1.0
    assert np.isnan(row.holt_winters_to_naive)


def test_too_short_a_series_is_left_out():
    """A handful of origins would be an anecdote."""
    short = a_demand(daily(11)).hourly_peaks()
    assert benchmark.measure("short", short, is_real=False, days=28, with_peer=False) is None
    assert benchmark.measure_weeks("short", a_demand(daily(24)), is_real=False) is None


def test_weeks_are_compared_with_the_last_one():
    """Growth goes on, so that whoever sees it does better than who does not."""
    growth = daily(70) * 1.05 ** (np.arange(70 * 144) / 1008)
    row = benchmark.measure_weeks("growing", a_demand(growth), is_real=False)
    assert row.origins == 7
    assert row.to_naive < 0.85


def test_the_whole_benchmark_runs(tmp_path, monkeypatch, capsys):
    """Tables on stdout, JSON beside them, and no made-up series clearly worse than seasonal-naive (S000-56)."""
    answer = tmp_path / "capacity.json"
    monkeypatch.setattr(sys, "argv", ["capacity.py", "--days", "35", "--without-peer", "--json", str(answer)])
    with pytest.raises(SystemExit) as ended:
        benchmark.main()
    assert ended.value.code == 0
    figures = json.loads(answer.read_text())
    assert figures["means"]["made up"]["series"] == len(figures["hours"]) == 8
    assert figures["means"]["made up"]["to_naive"] < 1.0
    assert 0.8 <= figures["means"]["made up"]["coverage"] <= 0.97
    assert "weekly peaks" in capsys.readouterr().out

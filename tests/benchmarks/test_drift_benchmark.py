"""The benchmark of drift: what it promises in the documents holds for a few services, and all of it runs."""

from __future__ import annotations

import json
import sys

import drift as benchmark
import numpy as np
import pytest

BY_NAME = {case.name: case for case in benchmark.CASES}


@pytest.mark.parametrize("name", ["independent", "AR(1) 0.6", "daily season, 0.6"])
def test_half_a_sigma_is_found_within_two_windows_and_nothing_else(name):
    """Eight services of each kind: all are found, at most one quiet window is named."""
    row = benchmark.measure(BY_NAME[name], 8, 0.5, 7)
    assert row.found == 1.0
    assert row.false_alarms <= 1 / 8
    assert row.nothing_else >= 7 / 8


def test_rows_are_as_much_alike_as_their_case_says():
    """Neighbours correlate by phi, and the variance is one whatever it is."""
    times = np.arange(50_000) * 600.0
    values = np.nan_to_num(benchmark.made_up(BY_NAME["AR(1) 0.8"], times, np.random.default_rng(1)))
    assert values.std() == pytest.approx(1.0, abs=0.05)
    assert np.corrcoef(values[1:, 0], values[:-1, 0])[0, 1] == pytest.approx(0.8, abs=0.03)


def test_the_whole_benchmark_runs(tmp_path, monkeypatch, capsys):
    """A line for each case, and the same as JSON."""
    answer = tmp_path / "drift.json"
    cases = ["independent", "AR(1) 0.3"]
    monkeypatch.setattr(sys, "argv", ["drift.py", "--trials", "2", "--json", str(answer), "--case", *cases])
    benchmark.main()
    figures = json.loads(answer.read_text())
    assert [one["case"] for one in figures] == cases
    assert capsys.readouterr().out.count("h off |") == 2

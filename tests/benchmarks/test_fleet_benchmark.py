"""The measurement of a scan runs, on a fleet small enough for a test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "fleet.py"


@pytest.mark.slow
@pytest.mark.usefixtures("prometheus")  # skips where there is none
def test_a_scan_is_measured_with_its_workers(tmp_path):
    """The figures that are claimed can be had by anybody with one command, and those made slow are found."""
    size = ["--services", "210", "--days", "4", "--repeats", "1"]
    done = subprocess.run(
        [sys.executable, BENCHMARK, *size, "--json", tmp_path / "figures.json", "--data", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    scan = figures["scan"]
    assert (scan["judged"], scan["slow"], scan["slow_named"]) == (210, 3, 3)
    assert 0 < scan["peak_mb_of_one"] < scan["peak_mb_together"]
    assert scan["wall_seconds"] > 0
    assert scan["cpu_seconds"] > 0
    assert all(seconds > 0 for seconds in figures["parts_seconds"].values())
    assert "wall time" in done.stdout

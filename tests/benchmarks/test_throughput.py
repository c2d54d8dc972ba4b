"""The measurement of speed runs, on a fleet small enough for a test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "throughput.py"


def test_every_row_is_measured_in_the_same_run(tmp_path):
    """A ratio means something only when both were timed side by side; a missing peer says how to get it."""
    command = [sys.executable, BENCHMARK, "--series", "2", "--days", "8", "--repeats", "1", "--stl-series", "1"]
    done = subprocess.run([*command, "--json", tmp_path / "out.json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "out.json").read_text())
    rows = figures["rows"]
    assert rows["ours: both alarms"]["times_ours"] == 1.0
    assert {
        "ours: the six detectors by name",
        "ours: the forecast",
        "pandas EWMA + z, one frame",
        "statsmodels STL",
    } <= set(rows)
    assert all(one["seconds_per_million"] > 0 for one in rows.values())
    assert "PyOD ECOD, warm" in rows or "python -m pip install pyod" in done.stderr
    assert "2 series x 2304 points, one thread, best of 1" in done.stdout

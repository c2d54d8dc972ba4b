"""The comparison on operations metrics runs, carries thresholds, and tells where we lose."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from events import OURS, losses, measure, read_traffic
from kpis import generated, web_metric

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "events.py"


def test_a_set_becomes_a_table_and_figures(tmp_path):
    """One command repeats the comparison; the detector that looks at nothing comes last."""
    command = [sys.executable, BENCHMARK, "--sets", "web, 5", "--only", "3 sigma", "always", "--each", "2"]
    done = subprocess.run(
        [*command, "--halves", "3", "--json", tmp_path / "out.json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "web, 5 min: 6 series" in done.stdout
    assert "Where we lose" not in done.stdout
    figures = json.loads((tmp_path / "out.json").read_text())["sets"]["web, 5 min"]["detectors"]
    assert figures["always on"]["carried"]["f1"] < 0.1 < figures["3 sigma"]["carried"]["f1"]


def test_one_who_knows_the_events_is_perfect_on_every_half():
    """The protocol itself loses nothing: what a detector misses, it misses itself."""
    cases = generated(web_metric, ("requests",), (4, 300.0, 21.0), seed=2)
    known = {case.values.tobytes(): case.events for case in cases}

    def oracle(_, values):
        scores = np.zeros(values.size)
        for first, last in known[values.tobytes()]:
            scores[first : last + 1] = 2.0
        return scores

    row = measure(cases, {OURS: oracle}, budget=1.0, halves=4, seed=1)["detectors"][OURS]
    assert row["shipped"]["f1"] == row["carried"]["f1"] == row["budget"]["recall"] == row["average_precision"] == 1.0
    assert row["budget"]["false_per_week"] == row["carried"]["median_delay"] == 0.0


def test_where_we_lose_is_read_from_the_figures():
    """The line that a reader trusts most is written by nobody."""

    def row(f1, area, recall):
        return {"carried": {"f1": f1}, "average_precision": area, "budget": {"recall": recall}}

    rows = {OURS: row(0.7, 0.6, 0.8), "ours, before": row(0.9, 0.9, 0.9), "MAD": row(0.75, 0.5, 0.8)}
    assert list(losses({"web": {"detectors": rows}})) == ["web, F1: ours 0.70; MAD 0.75"]


def test_real_traffic_becomes_stretches_of_three_weeks(tmp_path):
    """Whoever has request rates of their own can put incidents into them."""
    times = np.datetime64("2026-01-01") + np.arange(43 * 288) * np.timedelta64(5, "m")
    rows = [f"{time}Z,{100 + 50 * np.sin(i / 46) + i % 7}" for i, time in enumerate(times)]
    (tmp_path / "web.csv").write_text("\n".join(["timestamp,requests_per_second", *rows]) + "\n")
    cases = read_traffic(tmp_path, seed=1)
    assert [case.kind for case in cases] == ["web", "web"]
    assert all(case.events for case in cases)
    assert cases[0].values.size == 21 * 288

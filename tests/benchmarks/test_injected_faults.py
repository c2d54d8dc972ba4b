"""The count of found faults, on as little as it can be tried on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from examples import a_series
from injected_faults import fair_scale, pooled, read_series

from ai_ops.detect.self_test.self_test import paged
from ai_ops.domain.self_test import Fault, FaultFound

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "injected_faults.py"


def test_recall_is_pooled_over_trials_and_delay_over_series():
    """A series with more places for a fault weighs more; one without any says nothing."""
    one = FaultFound(Fault.SPIKE, 9, 10, None, smallest_hits=1, smallest_trials=2, delay_samples=1.0)
    other = FaultFound(Fault.RAMP, 15, 30, None, smallest_hits=1, smallest_trials=6, delay_samples=3.0)
    none = FaultFound(Fault.DROPOUT, 0, 0, None)
    figures = pooled([one, other, none])
    assert figures["recall"] == 24 / 40
    assert figures["recall_of_smallest"] == 2 / 8
    assert figures["median_delay_samples"] == 2.0


def test_without_any_trial_there_is_no_recall():
    """Nothing tried is not nothing found."""
    assert pooled([])["recall"] is None


def test_a_fair_threshold_leaves_one_alarm_and_no_less():
    """At equal budget nobody hides behind a threshold that is too high or wins by crying wolf."""
    score = np.abs(np.random.default_rng(1).normal(size=2016))
    series = a_series("requests_per_second", score)
    threshold = fair_scale(score, series)
    assert paged(score / threshold, series.step)[-1008:].sum() <= 1
    assert paged(score / (0.9 * threshold), series.step)[-1008:].sum() > 1


def test_a_file_is_read_on_its_own_grid(tmp_path):
    """Real files miss rows and repeat them; a series has a value or a gap at every step."""
    file = tmp_path / "one.csv"
    lines = ["timestamp,cpu", *(f"2026-01-01 00:{minute:02d}:00,{minute}" for minute in (0, 5, 10, 10, 20, 25))]
    file.write_text("\n".join(lines))
    series = read_series(file)
    assert series is not None
    np.testing.assert_array_equal(series.values, [0.0, 5.0, 10.0, np.nan, 20.0, 25.0])
    assert series.metric == "cpu"


@pytest.mark.parametrize("text", ["label,when,what\n1,2,3\n", "a,b\n1,2\n"])
def test_another_table_is_left_out(tmp_path, text):
    """A folder of data holds other things as well."""
    file = tmp_path / "other.csv"
    file.write_text(text)
    assert read_series(file) is None


def test_it_prints_a_table_and_writes_json(tmp_path):
    """One file, one command, with the user's own series beside the made-up ones."""
    file, data = tmp_path / "figures.json", tmp_path / "data" / "mine"
    data.mkdir(parents=True)
    rng, start = np.random.default_rng(1), np.datetime64("2026-01-01T00:00")
    rows = (f"{start + np.timedelta64(hour, 'h')},{100 + rng.normal():.3f}" for hour in range(24 * 14))
    (data / "one.csv").write_text("\n".join(["timestamp,requests", *rows]))
    sizes = ["--rows", "1", "--trials", "2", "--only-ours", "--minutes", "60"]
    command = [sys.executable, BENCHMARK, *sizes, "--data", data.parent, "--json", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "recall by kind of series and fault" in done.stdout
    ours = json.loads(file.read_text())["contenders"]["ours"]
    assert {"seasonal", "real: mine"} <= set(ours["by_kind"])
    assert ours["all"]["trials"] > 50

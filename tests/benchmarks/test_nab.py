"""The benchmark runs from files to a table, and says what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "nab.py"


def run(*arguments):
    """Run the benchmark as a person does."""
    return subprocess.run([sys.executable, BENCHMARK, *arguments], capture_output=True, text=True, check=False)


def small_corpus(folder):
    """Four files of two categories, each with one step up that is labelled."""
    labels = {}
    rng = np.random.default_rng(1)
    start = np.datetime64("2026-01-01")
    for name in ("aws/a.csv", "aws/b.csv", "taxi/c.csv", "taxi/d.csv"):
        times = start + np.arange(900) * np.timedelta64(5, "m")
        values = rng.normal(50, 1, 900)
        values[600:650] += 100
        rows = [f"{str(t).replace('T', ' ')},{v}" for t, v in zip(times, values, strict=True)]
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(["timestamp,value", *rows]) + "\n")
        labels[name] = [[str(times[590]).replace("T", " "), str(times[660]).replace("T", " ")]]
    (folder / "windows.json").write_text(json.dumps(labels))


def test_a_corpus_becomes_a_table_and_figures(tmp_path):
    """Anyone who has the corpus can repeat the published figures with one command."""
    small_corpus(tmp_path)
    done = run("--data", tmp_path, "--only", "3 sigma", "always", "--halves", "4", "--json", tmp_path / "out.json")
    assert done.returncode == 0, done.stderr
    assert "4 files, 3600 rows, 4 windows" in done.stdout
    figures = json.loads((tmp_path / "out.json").read_text())["detectors"]
    assert figures["3 sigma"]["one alarm"]["full"]["standard"] > 90
    assert figures["always on"]["one alarm"]["full"]["standard"] == 0


def test_a_folder_without_labels_is_told(tmp_path):
    """The first mistake is a wrong folder."""
    done = run("--data", tmp_path)
    assert done.returncode == 1
    assert "windows.json is not there" in done.stderr

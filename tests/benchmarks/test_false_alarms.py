"""The count of false alarms, on as little as it can be tried on."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
from clean_series import make
from contenders import CONTENDERS, floors
from false_alarms import counted

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "false_alarms.py"
STEP = timedelta(minutes=10)


def test_only_alarms_after_the_history_count():
    """Two weeks are for learning; one alarm in each of two judged weeks is one a week."""
    score = np.zeros((1, 4032))
    score[0, [100, 200, 2016, 4031]] = 2.0
    figures = counted(score, weeks=2, step=STEP)
    assert figures["alarms"] == 2
    assert figures["per_week"] == 1.0
    assert figures["interval"][0] < 1.0 < figures["interval"][1]


def test_without_a_history_the_first_days_count():
    """What a metric costs that is new is seen nowhere else."""
    score = np.zeros((1, 1008))
    score[0, [500, 700]] = 2.0
    assert counted(score, weeks=1, step=STEP, history_days=0)["per_week"] == 2.0


def test_what_is_not_judged_is_told():
    """A detector that is silent because it cannot say is not one that is quiet."""
    score = np.full((1, 4032), np.nan)
    assert counted(score, weeks=2, step=STEP)["not_judged_share"] == 1.0


def test_every_contender_sees_a_burst_and_no_future():
    """A comparison is fair when all of them look back only, and when each can alarm at all."""
    clean = make("seasonal", np.random.default_rng(3), rows=2, days=16, step=STEP)
    floor = floors(clean.panel, None)
    calm = {name: score(clean.panel, floor) for name, score in CONTENDERS.items()}
    clean.panel.values[:, 2200:] *= 5.0
    for name, score in CONTENDERS.items():
        scores = score(clean.panel, floors(clean.panel, None))
        np.testing.assert_allclose(scores[:, :2200], calm[name][:, :2200], err_msg=name)
        assert (np.nanmax(scores[:, 2200:2206], axis=1) > 1.0).all(), name


def test_it_prints_a_table_and_writes_json(tmp_path):
    """One file, one command."""
    file = tmp_path / "figures.json"
    command = [sys.executable, BENCHMARK, "--rows", "1", "--weeks", "1", "--kind", "flat", "--json", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "alarms per series and week" in done.stdout
    assert set(json.loads(file.read_text())["kinds"]["flat"]) == set(CONTENDERS)

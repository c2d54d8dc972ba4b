"""Everything breaks at random; what must hold, holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from chaos import World

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "chaos.py"


STARTS = [pytest.param(seed, marks=[pytest.mark.slow] if seed >= 5 else []) for seed in range(25)]


@pytest.mark.parametrize("seed", STARTS)
def test_a_random_start(tmp_path, seed):
    """The ledger is consistent, nothing is done twice, the next healthy run recovers (H17, H18, H29, H32, H41)."""
    with World(tmp_path, seed) as world:
        world.live()


@pytest.mark.slow
def test_the_benchmark_counts_what_broke_and_what_held(tmp_path):
    """The same starts, as many as a person has patience for, with a table at the end."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, BENCHMARK, "--starts", "2", "--json", figures]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 starts of" in done.stdout
    counted = json.loads(figures.read_text())
    assert counted["starts"] == 2
    assert counted["broken_promises"] == {}
    assert sum(counted["endings"].values()) >= 2

"""A pre-emptive minimum in closed loop: it meets what can be foreseen, and leaves the rest alone."""

from __future__ import annotations

import json
import sys

import preemption as benchmark
import pytest

from ai_ops.simulator.profiles import SLOWBOOT, WEB


@pytest.mark.parametrize("profile", [WEB, SLOWBOOT], ids=["web", "slowboot"])
def test_a_nightly_job_no_longer_burns_the_budget(profile):
    """Two services whose instances boot in three and in ten minutes: found ready when the job begins (S002-36)."""
    row = benchmark.measure("daily batch", profile, days=3, seed=5)
    assert row.burn_without > 50.0
    assert row.burn_with < 0.05 * row.burn_without
    assert row.cost_ratio < 1.2
    assert row.foreseen == row.came == row.enough == 3


def test_spikes_that_nobody_can_foresee_change_nothing():
    """Random spikes have no pattern: nothing is advised, nothing paid."""
    row = benchmark.measure("request spikes", WEB, days=3, seed=5)
    assert (row.foreseen, row.cost_ratio) == (0, 1.0)
    assert row.burn_with == row.burn_without


def test_the_whole_benchmark_runs(tmp_path, monkeypatch, capsys):
    """A line for each case, and the same as JSON."""
    answer = tmp_path / "preemption.json"
    arguments = ["--days", "1", "--traffic", "daily batch", "--service", "web", "--json", str(answer)]
    monkeypatch.setattr(sys, "argv", ["preemption.py", *arguments])
    benchmark.main()
    (figures,) = json.loads(answer.read_text())
    assert (figures["traffic"], figures["service"]) == ("daily batch", "web")
    assert "spikes foreseen" in capsys.readouterr().out

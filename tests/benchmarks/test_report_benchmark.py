"""The benchmark of reports runs, and its rows are whole."""

from __future__ import annotations

import report as benchmark


def test_every_step_of_a_report_is_timed() -> None:
    """One service in this very process: CPU of each step, the peer beside it, and what it took of memory."""
    row = benchmark.measured(1)
    assert tuple(row["cpu_seconds"]) == benchmark.STEPS
    assert all(seconds >= 0.0 for seconds in row["cpu_seconds"].values())
    assert row["peer_cpu_seconds"] > 0.0
    assert row["charts"] > 0
    assert row["json_bytes"] > 10_000
    (head, _, line) = benchmark.table([row])
    assert head.count("|") == line.count("|")

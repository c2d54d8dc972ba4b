"""The measurement of answers under exchanges runs, on few of them, with real versions."""

from __future__ import annotations

import math

import serving as benchmark


def test_answers_are_timed_while_versions_are_exchanged(tmp_path):
    """Real files, a real signature, a real model: otherwise the figure would be about something else (S004-30)."""
    figures = benchmark.measure(benchmark.shelf_in(tmp_path), exchanges=20, threads=2, pause_ms=1.0)
    assert figures["answers"] > 0
    assert 0.0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["max_ms"] < math.inf
    assert "wanted below 50 ms" in "\n".join(
        benchmark.table({"machine": {"python": "3", "load": 0.0}, "rows": [figures]})
    )


def test_the_versions_that_are_exchanged_differ(tmp_path):
    """An exchange of like for like would hide a mixture."""
    versions = benchmark.shelf_in(tmp_path).versions()
    first, second = next(versions), next(versions)
    row = dict.fromkeys(benchmark.METRICS, 90.0)
    assert first.version != second.version
    assert first.score(row) != second.score(row)
    assert 0.0 < first.probability(first.score(row)) < 1.0

"""A year of proposals, of which a few days are run here: sizes, histories and requests are really counted."""

from __future__ import annotations

import json
import sys

import pytest
import year as benchmark


@pytest.mark.slow
def test_a_few_days_are_counted_as_git_and_the_server_say(tmp_path, monkeypatch, capsys):
    """Main holds only what people merged; the state branch is small; a run asks GitHub a handful of times (H33)."""
    answer = tmp_path / "year.json"
    monkeypatch.setattr(sys, "argv", ["year.py", "--runs", "3", "--seed", "42", "--json", str(answer)])
    benchmark.main()
    figures = json.loads(answer.read_text())
    assert (figures["runs"], figures["failed"], figures["unreviewed_commits"]) == (3, 0, 0)
    assert figures["opened"] >= figures["merged"] == 1  # the reviewer of this seed is quick
    assert figures["commits_on_main"] >= 1
    (month,) = figures["months"]
    assert 0.01 < month["state_megabytes"] < 1.0
    assert 1.0 <= month["requests_per_run"] <= 10.0
    assert "unreviewed" in capsys.readouterr().out

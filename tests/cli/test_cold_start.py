"""What a command imports decides how fast it answers: heavy packages come only where they are used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from agents import make_agent_site
from repositories import isolate

from ai_ops.domain.cycle import Cycle

if TYPE_CHECKING:
    from collections.abc import Mapping

TESTS = Path(__file__).parents[1]
BENCHMARK = TESTS.parent / "benchmarks" / "cycle.py"
HEAVY = {
    "altair",
    "git",
    "hcl2",
    "numpy",
    "pandas",
    "pydantic",
    "requests",
    "rich",
    "scipy",
    "sklearn",
    "slack_sdk",
    "statsmodels",
    "vl_convert",
}

ONE_RUN = "import os, sys, pathlib, agents; sys.exit(agents.Agent(pathlib.Path.cwd(), os.environ).run())"
"""The whole agent in the current folder, three minutes after the newest sample of the usual backfill."""


def imported_by(*arguments: str, cwd: Path, variables: Mapping[str, str] | None = None) -> set[str]:
    """Run Python and name the top-level packages it has imported by the end."""
    command = [sys.executable, "-X", "importtime", *arguments]
    environment = {**os.environ, **(variables or {})}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    return set(re.findall(r"import time: +\d+ \| +\d+ \| +(\w+)", done.stderr))


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_version_import_nothing_heavy(tmp_path, arguments):
    """They answer in 0.3 s, since a person waits for them."""
    imported = imported_by("-m", "ai_ops", *arguments, cwd=tmp_path)
    assert "ai_ops" in imported
    assert imported.isdisjoint(HEAVY)


@pytest.mark.parametrize("verb", [("run",), ("doctor",), ("detect",), ("scan",), ("history",), ("ledger", "verify")])
def test_the_help_of_a_verb_imports_little_more(tmp_path, verb):
    """Typer itself checks options with pydantic; nothing else comes along."""
    imported = imported_by("-m", "ai_ops", *verb, "--help", cwd=tmp_path)
    assert imported.isdisjoint(HEAVY - {"pydantic"})


def test_a_run_on_prometheus_leaves_learning_and_statistics_alone(tmp_path, monkeypatch, prometheus):
    """Rules and plain detectors need neither; scikit-learn alone would double the time of a cycle."""
    isolate(monkeypatch)
    checkout = make_agent_site(tmp_path).clone("checkout", "--depth=1")
    variables = {"PYTHONPATH": str(TESTS), "PROMETHEUS_URL": prometheus.url}
    imported = imported_by("-c", ONE_RUN, cwd=checkout, variables=variables)
    assert (checkout / "ai_ops/state/episodes.jsonl").is_file()
    assert "scipy" in imported  # it came as far as the detectors
    assert imported.isdisjoint({"pandas", "sklearn", "statsmodels", "rich"})


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("prometheus")  # skips where there is none
def test_the_benchmark_measures_runs_steps_and_imports(tmp_path):
    """The figures that are claimed can be had by anybody with one command."""
    report = tmp_path / "figures.json"
    command = [sys.executable, BENCHMARK, "--repeats", "1", "--json", report, "--data", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(report.read_text())
    runs = {"first run", "second run"}
    assert {"--help", "--version", "bare imports", "plain fetch"} | runs <= figures["used"].keys()
    assert all(one.keys() == {"cpu_seconds", "wall_seconds", "peak_mb"} for one in figures["used"].values())
    assert figures["steps_cpu_seconds"].keys() == runs
    assert {step.name for step in fields(Cycle)} | {"start"} == figures["steps_cpu_seconds"]["first run"].keys()
    assert figures["imports_seconds"].keys() == runs | {"--help"}
    assert 0 < figures["git"]["second run"]["commands"] < figures["git"]["first run"]["commands"]
    assert all(ratio > 0 for ratio in figures["cpu_ratios"].values())
    assert "a first run takes" in done.stdout

"""ANOMALY_DETECTION_REFERENCE.md says what the code really does."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from agents import make_agent_site
from repositories import isolate

from ai_ops.cli.inspection import sentences
from ai_ops.detect.calibration import alarms_per_week
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.readiness import Readiness
from ai_ops.domain.self_test import Fault
from ai_ops.wiring.detect import inspect
from ai_ops.wiring.detection import WITNESSES
from ai_ops.wiring.session import Place, open_session

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs/ai_ops/ANOMALY_DETECTION_REFERENCE.md").read_text(encoding="utf-8")
PARAMETERS = re.findall(r"^\| `([a-z_.]+)\.([A-Z_]+)` \| ([^|]+) \|", DOC, re.MULTILINE)
SENSITIVITIES = re.findall(r"^\| (0\.\d+) \| ([\d.]+) \|", DOC, re.MULTILINE)
BENCHMARKS = re.findall(r"`python (benchmarks/\w+\.py)([^`]*)`", DOC)
SIMULATED = "mode: observe\nmetrics: {source: simulated}\nstate: {store: folders}\n"


def words(value: object) -> str:
    """How the document writes a parameter."""
    if isinstance(value, tuple):
        return ", ".join(words(one) for one in value)
    if not isinstance(value, timedelta):
        return f"{value:g}"
    for unit, size in (("d", timedelta(days=7)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if value >= size:
            return f"{value / (timedelta(days=1) if unit == 'd' else size):g} {unit}"
    return str(value)


@pytest.mark.parametrize(("module", "name", "value"), PARAMETERS, ids=lambda part: str(part)[:20])
def test_every_parameter_is_the_real_one(module, name, value):
    """Whoever weighs an alarm weighs it with these numbers (S001-47)."""
    assert words(getattr(importlib.import_module(f"ai_ops.detect.{module}"), name)) == value.strip()


@pytest.mark.parametrize(("sensitivity", "budget"), SENSITIVITIES)
def test_every_budget_is_what_the_sensitivity_buys(sensitivity, budget):
    """A table that is read before somebody turns the one knob there is (S001-11)."""
    assert f"{alarms_per_week(float(sensitivity)):.2f}" == budget


def test_the_tables_were_found():
    """A changed layout must not turn the checks above into none."""
    assert len(PARAMETERS) > 20
    assert len(SENSITIVITIES) == 4
    assert len(BENCHMARKS) >= 6


@pytest.mark.parametrize(
    "name",
    [*(one.name for one in WITNESSES), *Alarm, *Readiness, *Fault],
    ids=str,
)
def test_everything_that_detection_says_is_explained(name):
    """Whoever reads a word in a finding looks it up here."""
    assert str(name) in DOC


def test_the_python_examples_are_right():
    """An entry that others build on is shown with what it really answers."""
    blocks = "\n".join(re.findall(r"^```python\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL))
    example = doctest.DocTestParser().get_doctest(blocks, {}, "reference", None, 0)
    told: list[str] = []
    results = doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert results.attempted > 5
    assert not results.failed, "".join(told)


def test_the_example_is_what_the_verb_says(tmp_path, monkeypatch):
    """The output on the first screen is real: of the simulated service, at the time that is named."""
    isolate(monkeypatch)
    shown = re.search(r"^On the embedded .*, at (.*) UTC:\n\n```text\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)
    assert shown
    now = datetime.strptime(shown[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    clone = make_agent_site(tmp_path, settings=SIMULATED).clone("checkout")
    with open_session(Place(clone, None, {}, lambda: now, print), is_writing=False) as session:
        (service,) = session.settings.services
        inspection = inspect(session, service, "latency_p95_ms", now - timedelta(days=7))
    assert "\n".join(sentences(inspection, None)) == shown[2].rstrip("\n")


@pytest.mark.parametrize(("file", "options"), BENCHMARKS, ids=lambda part: part.strip()[:40])
def test_every_benchmark_that_is_named_can_be_asked_so(file, options):
    """A figure that nobody can repeat is a rumour."""
    told = subprocess.run(
        [sys.executable, ROOT / file, "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert [option for option in re.findall(r"--[\w-]+", options) if option not in told] == []

"""`neuropilot self-test`: a team asks its own history how far to trust the detection."""

from __future__ import annotations

import json

import pytest
from agents import CONFIG, make_agent_site
from repositories import isolate

from ai_ops.cli.main import app, exit_code_of

SIMULATED = "mode: observe\nmetrics: {source: simulated%s}\nstate: {store: folders}\n"
FEW = ("--trials", "2", "--sigmas", "8")


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A checkout whose agent runs on the embedded simulated service."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, settings=SIMULATED % "").clone("checkout")


def self_test(clone, *arguments):
    """Run the verb in this process and give its exit code."""
    return exit_code_of(app, ["self-test", "--root", str(clone), *FEW, *arguments])


def test_it_says_recall_delay_and_false_alarms_of_every_metric(clone, capsys):
    """On the user's own data, with the source named: these figures are of no real service (S001-117, S000-52)."""
    assert self_test(clone) == 0
    shown = capsys.readouterr().out
    assert "a simulated service: nothing of yours was measured" in shown
    for word in ("cpu_percent", "latency_p95_ms", "recall", "delay", "alarms a week", "period break", "Verdict: "):
        assert word in " ".join(shown.split())
    assert "instances" not in shown


def test_json_is_one_document_with_the_same_figures(clone, capsys):
    """For a dashboard that follows the promise over time."""
    assert self_test(clone, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["chart"] is None
    (test,) = document["tests"]
    assert test["service"] == "web"
    assert test["is_simulated"] is True
    assert (test["plan"]["trials"], test["plan"]["sigmas"]) == (2, 8.0)
    assert test["plan"]["budget_per_week"] == pytest.approx(1.0)
    cpu = next(one for one in test["metrics"] if one["metric"] == "cpu_percent")
    spike = next(one for one in cpu["faults"] if one["fault"] == "spike")
    assert spike["trials"] == 2
    latency = next(one for one in test["metrics"] if one["metric"] == "latency_p95_ms")
    dropout = next(one for one in latency["faults"] if one["fault"] == "dropout")
    assert dropout["trials"] == 0  # a latency of zero harms nobody
    assert test["verdict"]


def test_nothing_is_left_behind(clone):
    """A test that changed the history would change what is tested."""
    before = sorted(clone.rglob("*"))
    assert self_test(clone) == 0
    assert sorted(clone.rglob("*")) == before


@pytest.mark.parametrize("name", ["chart.svg", "chart.json"])
def test_a_chart_is_drawn(clone, tmp_path, name):
    """For the team's wiki, or a pull request."""
    assert self_test(clone, "--chart", str(tmp_path / name)) == 0
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize("name", ["chart.doc", "nowhere/chart.svg"])
def test_a_chart_that_cannot_be_drawn_is_refused_at_once(clone, tmp_path, name, capsys):
    """Before anybody has waited for the figures."""
    assert self_test(clone, "--chart", str(tmp_path / name)) == 1
    assert "chart" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--minutes", "--sigmas"])
def test_a_fault_without_end_or_bound_is_refused(clone, option, capsys):
    """Exit code 1, as for any other wrong wish."""
    assert self_test(clone, option, "inf") == 1
    assert "less than or equal to" in capsys.readouterr().err


def test_too_short_a_history_is_an_honest_answer(clone, capsys):
    """Figures from two days would be worse than none."""
    (clone / CONFIG).write_text(SIMULATED % ", history_days: 2")
    assert self_test(clone) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "2.0 days of values, 4 are needed" in shown
    assert "Verdict: nothing could be tested" in shown


def test_where_a_run_judges_by_other_formulas_it_says_so(clone, capsys):
    """The figures would be of a detection that this team does not use."""
    (clone / CONFIG).write_text(SIMULATED % "" + "detection: {thresholds: literal}\n")
    assert self_test(clone) == 0
    assert "detection.thresholds is `literal`" in capsys.readouterr().err


def test_planned_maintenance_is_left_out(clone, capsys):
    """As in a run: nothing that happens then is judged, so no fault is put there."""
    spans = "[{from: 2000-01-01T00:00:00Z, to: 2100-01-01T00:00:00Z}]"
    (clone / CONFIG).write_text(SIMULATED % "" + f"detection: {{maintenance_windows: {spans}}}\n")
    assert self_test(clone) == 0
    assert "0.0 days of values, 4 are needed" in " ".join(capsys.readouterr().out.split())

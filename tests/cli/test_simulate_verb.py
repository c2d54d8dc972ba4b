"""`neuropilot simulate`: somebody wants to see the agent work before it comes near a service."""

from __future__ import annotations

import json

import pytest

from ai_ops.cli.main import app, exit_code_of
from ai_ops.cli.simulation_table import document, verdict, write_table
from ai_ops.collect.traffic import recorded_demand
from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.simulation import Course, Simulation, Standing
from ai_ops.domain.tuning import ScheduledMinimum, Thresholds

REQUESTS = (10_000.0, 10_000.0)
SIMULATION = Simulation(
    profile="web",
    traffic="weekly",
    seed=1,
    days=2,
    sla_target_percent=99.95,
    courses=(
        Course("NeuroPilot", (8.0, 7.0), (9_996.0, 9_998.0), REQUESTS),
        Course("untouched settings", (10.0, 10.0), (9_980.0, 9_980.0), REQUESTS),
        Course("target tracking at 60 %", (9.0, 9.0), (9_999.0, 9_999.0), REQUESTS),
    ),
    standing=(
        Standing(0.0, Thresholds({"min_instances": 2.0, "scaling_mode": "threshold", "scheduled_minimum": ()})),
        Standing(
            0.5,
            Thresholds(
                {"min_instances": 3.0, "scaling_mode": "target", "scheduled_minimum": (ScheduledMinimum(0, 60, 4),)}
            ),
            is_urgent=True,
        ),
    ),
    notes=("the file has 2 whole weeks of the 16 days; they come again",),
)


def test_the_table_says_what_it_cost_and_whether_the_promise_was_kept():
    """Beside what is there to compare with; and that nothing was measured."""
    shown = write_table(SIMULATION)
    assert "nothing of yours was measured" in shown
    assert "they come again" in shown
    row = next(line.split() for line in shown.splitlines() if line.strip().startswith("NeuroPilot"))
    assert row == ["NeuroPilot", "15.00", "-25.0%", "99.970", "%", "0", "1"]
    assert "day  0.5  switch scaling_mode from threshold to target; raise min_instances from 2 to 3" in shown
    assert "Mon 00:00-01:00 UTC at least 4" in shown
    assert shown.endswith(
        "Verdict: the promise of 99.95 % was kept, at 25% less than the untouched settings, which broke it"
    )


def test_a_bad_end_is_told_as_plainly():
    """Who sells nothing can say so (R40)."""
    worse = Simulation(
        "web", "flat", 1, 2, 99.95, (SIMULATION.courses[1], *SIMULATION.courses[::2]), SIMULATION.standing[:1]
    )
    assert verdict(worse) == "Verdict: the promise of 99.95 % was broken, at 33% more than the untouched settings"


def test_the_document_holds_every_day_and_every_change():
    """For a notebook."""
    form = json.loads(json.dumps(document(SIMULATION, None)))["simulation"]
    assert form["is_simulated"] is True
    assert form["courses"][0]["burn"] == pytest.approx([0.8, 0.4])
    assert (form["courses"][0]["total_cost"], form["courses"][0]["bad_days"]) == (15.0, 0)
    assert form["standing"][1]["thresholds"]["scheduled_minimum"][0]["min_instances"] == 4


def simulate(*arguments):
    """Run the verb in this process and give its exit code."""
    return exit_code_of(app, ["simulate", *arguments])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--days", "14"), 1, "15"),
        (("--traffic", "weakly"), 1, "did you mean 'weekly'"),
        (("--profile", "wep"), 1, "did you mean 'web'"),
        (("--chart", "x.gif"), 1, ".svg, .png, .json"),
        (("--traffic", "nowhere.csv"), 2, "nowhere.csv: cannot be read"),
        (("--traffic", "pyproject.toml"), 2, "must be a .csv or a .json file"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_at_once(arguments, code, says, capsys):
    """Before anybody has waited for minutes."""
    assert simulate(*arguments) == code
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


def test_an_error_is_a_document_too(capsys):
    """For a program that parses stdout."""
    assert simulate("--traffic", "weakly", "--json") == 1
    form = json.loads(capsys.readouterr().out)
    assert (form["exit_code"], form["simulation"]) == (1, None)


def test_the_help_says_how_long_it_takes(capsys):
    """Somebody decides whether to wait."""
    assert simulate("--help") == 0
    assert "45 days are about two minutes" in " ".join(capsys.readouterr().out.split())


@pytest.mark.slow
def test_the_real_agent_earns_its_keep_in_two_weeks(tmp_path, capsys):
    """Untouched settings break the promise here; the agent keeps it, for less (S001-97, S001-115).

    With a chart, progress on stderr, and the document alone on stdout.
    """
    assert simulate("--days", "15", "--traffic", "weekly", "--json", "--chart", str(tmp_path / "weeks.svg")) == 0
    said = capsys.readouterr()
    form = json.loads(said.out)["simulation"]
    tuned, untouched = form["courses"][:2]
    assert untouched["good_percent"] < form["sla_target_percent"]
    assert tuned["bad_days"] < untouched["bad_days"] / 2
    assert form["saving"] > 0.05
    assert 1 <= len(form["standing"]) - 1 <= 15
    assert (form["days"], form["traffic"], form["profile"]) == (15, "weekly", "web")
    assert len(tuned["cost"]) == 15
    assert "simulated 90 %" in said.err
    assert (tmp_path / "weeks.svg").read_bytes().startswith(b"<svg ")


def test_recorded_traffic_of_one_row_is_refused_in_a_sentence(tmp_path):
    """A single row has no step, let alone two weeks."""
    short = tmp_path / "short.csv"
    short.write_text("timestamp,requests_per_second\n2026-01-01T00:00:00Z,5\n", encoding="utf-8")
    with pytest.raises(DataUnavailable, match="holds 1 rows"):
        recorded_demand(short, 15, 100.0, 1)

"""`neuropilot twin show` and `neuropilot what-if`: a person looks at the model, and asks it something."""

from __future__ import annotations

import json

import pytest
from agents import CONFIG, make_agent_site
from repositories import isolate
from test_cold_start import imported_by

from ai_ops.cli.main import app, exit_code_of

SIMULATED = "mode: observe\nmetrics: {source: simulated%s}\nstate: {store: folders}\n"
TFVARS = "infrastructure/terraform/terraform.tfvars"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A checkout whose agent runs on the embedded simulated service."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, settings=SIMULATED % "").clone("checkout")


def neuropilot(clone, *arguments):
    """Run a verb in this process and give its exit code."""
    verb, *rest = arguments
    words = ["twin", "show"] if verb == "twin" else [verb]
    return exit_code_of(app, [*words, "--root", str(clone), *rest])


def files_of(clone):
    """Everything that lies in the checkout."""
    return sorted(path for path in clone.rglob("*") if ".git" not in path.parts)


def test_the_twin_is_shown_with_its_fit_and_its_gate(clone, capsys, tmp_path):
    """What it was calibrated to, how far it is off, whether it may decide, and a picture; nothing is kept."""
    before = files_of(clone)
    assert neuropilot(clone, "twin", "--chart", str(tmp_path / "twin.png")) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("Twin of web, ")
    assert head.endswith("14.0 days of minutes (simulated)")
    said = {line.split()[0]: line for line in lines}
    assert "% without load" in said["CPU"]
    assert "p95 in ms by % CPU" in said["latency"]
    assert "out by 25% (rounded up) of the instances" in said["steps"]
    assert "of 20160 minutes" in said["rests"]
    assert "3% is allowed" in said["fit"]
    assert said["gate"].split()[1].strip(":,") in {"open", "closed"}
    assert (tmp_path / "twin.png").read_bytes().startswith(b"\x89PNG")
    assert files_of(clone) == before


def test_the_twin_as_a_document(clone, capsys):
    """Curves with their knots, spans that were left out, the figures of the gate."""
    assert neuropilot(clone, "twin", "--json") == 0
    form = json.loads(capsys.readouterr().out)
    assert (form["service"], form["is_simulated"], form["reason"]) == ("web", True, None)
    twin = form["twin"]
    assert twin["window"]["days"] == 14.0
    assert twin["steps"]["boot_minutes"] == 3
    assert twin["price_per_instance_hour"] == pytest.approx(0.0208)
    assert abs(twin["fit"]["cost_error"]) < 0.1
    assert twin["fit"]["is_passed"] is (twin["fit"]["reason"] is None)
    cpus = [cpu for _, cpu in twin["cpu"]["curve"]]
    assert cpus == sorted(cpus)
    assert twin["used_minutes"] + sum(span["minutes"] for span in twin["abnormal"]) <= 20160


def test_where_there_is_no_twin_the_reason_is_the_answer(clone, capsys):
    """A file without the knobs that a replay needs is no fault of the service."""
    (clone / TFVARS).write_text("cpu_scale_out_percent = 80\ncpu_scale_in_percent = 30\n")
    knobs = "{cpu_scale_out_percent: {unit: percent, min: 50, max: 90, max_step: 5, costs_money: down}}"
    (clone / CONFIG).write_text(SIMULATED % "" + f"services: [{{name: web, knobs: {knobs}}}]\n")
    assert neuropilot(clone, "twin") == 0
    said = capsys.readouterr().out
    assert "Twin of web (simulated): none" in said
    assert "cannot be modelled without" in said
    assert neuropilot(clone, "what-if", "cpu_scale_out=70") == 2
    assert "cannot be modelled without" in capsys.readouterr().err


def test_an_idea_is_replayed_beside_today(clone, capsys, tmp_path):
    """Both columns, the risky hours, what the agent would say, and a picture; nothing is kept."""
    before = files_of(clone)
    wishes = ("cpu_scale_in=66", "min_instances=1", "--chart", str(tmp_path / "idea.svg"))
    assert neuropilot(clone, "what-if", *wishes) == 0
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[1:3] == [
        "  idea       raise cpu_scale_in_percent from 30 to 66",
        "  idea       lower min_instances from 2 to 1",
    ]
    assert "  beyond     cpu_scale_in_percent 66: further than the agent may go at once" in lines
    (cost,) = [line.split() for line in lines if line.startswith("  cost per hour")]
    today, idea, change = float(cost[3]), float(cost[4]), float(cost[5].strip("%"))
    assert idea < today
    assert change == pytest.approx(100.0 * (idea / today - 1.0), abs=1.0)
    assert len([line for line in lines if line.startswith("  risk  ")]) == 3
    assert "  verdict    " in said
    assert (tmp_path / "idea.svg").read_bytes().startswith(b"<svg ")
    assert files_of(clone) == before


def test_an_idea_as_a_document(clone, capsys):
    """The same figures for a program, unrounded."""
    assert neuropilot(clone, "what-if", "scaling_mode=target", "cpu_scale_out_percent=95", "--json") == 0
    form = json.loads(capsys.readouterr().out)
    assert [change["knob"] for change in form["changes"]] == ["scaling_mode", "cpu_scale_out_percent"]
    assert "outside of 50 to 90 percent" in form["beyond"][0]
    names = {"cost_per_hour", "instances", "burn", "burn_bound", "stressed_burn", "events_per_day"}
    assert form["today"].keys() == form["idea"].keys() == names
    assert form["idea"]["burn"] > form["today"]["burn"]
    assert form["verdict"].startswith("the agent would not propose it: it spends")
    assert form["riskiest"][0]["cause"] == "load"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("what-if", "cpu_scale_inn=50"), "did you mean 'cpu_scale_in_percent'"),
        (("what-if", "min_instances=many"), "'many' is no number"),
        (("what-if", "min=3", "--chart", "x.gif"), ".svg, .png, .json"),
        (("what-if", "min=3", "--service", "wbe"), "there is no service 'wbe'"),
        (("what-if",), "Missing argument"),
        (("twin", "--chart", "nowhere/x.svg"), "no folder"),
        (("twin", "--service", "wbe"), "there is no service 'wbe'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_before_anybody_waits(clone, capsys, arguments, says):
    """Exit code 1, one line, nothing on stdout."""
    assert neuropilot(clone, *arguments) == 1
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


def test_an_error_is_a_document_too(clone, capsys):
    """For a program that parses stdout."""
    assert neuropilot(clone, "what-if", "nonsense=1", "--json") == 1
    form = json.loads(capsys.readouterr().out)
    assert (form["exit_code"], form["idea"], form["today"]) == (1, None, None)
    assert "there is no knob 'nonsense'" in form["error"]


def test_without_a_chart_nothing_that_draws_is_imported(clone):
    """It would double the time until the answer."""
    imported = imported_by("-m", "ai_ops", "what-if", "min=3", cwd=clone, variables={"HOME": str(clone)})
    assert imported.isdisjoint({"altair", "vl_convert"})


def test_an_episode_explains_its_grounds(clone, capsys):
    """The options, the hours and what it turns on: kept in the ledger, shown without any metric."""
    assert exit_code_of(app, ["run", "--root", str(clone), "--apply"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Episode: ")]
    (clone / CONFIG).write_text(SIMULATED.replace("simulated", "prometheus") % "" + "prometheus_url: http://nowhere\n")
    assert exit_code_of(app, ["explain", "--root", str(clone), line.removeprefix("Episode: ")]) == 0
    said = capsys.readouterr().out
    assert "  option     today's settings: cost " in said
    assert said.count("  risk       ") == 3
    assert "  turns on   " in said
    assert exit_code_of(app, ["explain", "--root", str(clone), line.removeprefix("Episode: "), "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert form["rationale"]["options"][0]["role"] == "today"

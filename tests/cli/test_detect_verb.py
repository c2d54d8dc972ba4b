"""`neuropilot detect METRIC`: a person asks what is abnormal, and sees it."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta

import numpy as np
import pytest
from agents import CONFIG, make_agent_site
from examples import an_observation, steady
from repositories import isolate
from test_cold_start import imported_by

from ai_ops.cli.inspection import document, sentences
from ai_ops.cli.main import app, exit_code_of
from ai_ops.domain.judgement import Judgement
from ai_ops.wiring.detect import Inspection

SIMULATED = "mode: observe\nmetrics: {source: simulated%s}\nstate: {store: folders}\n"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A checkout whose agent runs on the embedded simulated service."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, settings=SIMULATED % "").clone("checkout")


def detect(clone, *arguments):
    """Run the verb in this process and give its exit code."""
    return exit_code_of(app, ["detect", "--root", str(clone), *arguments])


def test_it_says_what_is_now_what_was_expected_and_what_was_found(clone, capsys):
    """The three things that somebody wants to know who is asked whether the latency is all right."""
    assert detect(clone, "latency_p95_ms", "--days", "3") == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("latency_p95_ms of web, ")
    assert head.endswith(" UTC (simulated)")
    said = {line.split()[0]: line for line in lines if not line.startswith("    ")}
    assert " ms at " in said["now"]
    assert "no deviation between" in said["expected"]
    assert "above 1 is an alarm" in said["scores"]
    assert said["detectors"] == "  detectors  z-score, EWMA, seasonal, IQR, novelty, change point: ready"
    assert "findings" in said


def test_json_is_one_document(clone, capsys):
    """With the same figures, for a program."""
    assert detect(clone, "latency_p95_ms", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["service"], document["metric"], document["exit_code"]) == ("web", "latency_p95_ms", 0)
    assert document["is_simulated"] is True
    assert document["now"].pop("silent_hours") is None
    assert document["now"].keys() == {"at", "value", "expected", "lower", "upper", "deviation", "novelty"}
    assert {document["window"]["end"][-1], document["now"]["at"][-1]} == {"Z"}
    assert (document["warnings"], document["not_judged"]) == ([], None)
    assert document["detectors"]["seasonal"] == {"readiness": "ready", "detail": ""}
    assert isinstance(document["findings"], list)
    assert document["chart"] is None


def looked_at(silent=0, **changes):
    """Four days of a steady CPU whose last values are missing, looked at by nobody yet."""
    series = steady("cpu_percent", 40.0, days=4, noise=0.0)
    series.values[series.values.size - silent :] = np.nan
    nothing = Judgement(*[np.full(series.values.shape, np.nan)] * 5)
    seen = an_observation({"cpu_percent": series}, **changes)
    return Inspection(seen, series, nothing, (), "calibrated", {}, timedelta(minutes=30))


@pytest.mark.parametrize(
    ("silent", "line", "hours"),
    [
        (0, "  now        40 % at 2026-11-18 11:50 UTC", None),
        (3, "  now        40 % at 2026-11-18 11:20 UTC", None),
        (4, "  newest     40 % at 2026-11-18 11:10 UTC, 50 min old: it fell silent", 5 / 6),
        (29, "  newest     40 % at 2026-11-18 07:00 UTC, 5 h old: it fell silent", 5),
        (431, "  newest     40 % at 2026-11-15 12:00 UTC, 3 days old: it fell silent", 72),
    ],
)
def test_what_fell_silent_is_not_called_now(silent, line, hours):
    """That all was right five hours ago says nothing of a service that has died since; a run holds on it, too."""
    inspection = looked_at(silent)
    assert line in sentences(inspection, None)
    assert document(inspection, None)["now"]["silent_hours"] == hours


def test_partial_data_is_called_so():
    """With half of the servers away, a service looks calmer than it is."""
    inspection = looked_at(warnings=("a store is away",))
    assert "  warning    the data may be partial: a store is away" in sentences(inspection, None)
    assert document(inspection, None)["warnings"] == ["a store is away"]


def test_what_is_never_judged_says_so_in_json_too(clone, capsys):
    """No finding in what nobody looks at is no good news, for a program either."""
    assert detect(clone, "instances", "--json") == 0
    assert "autoscaler" in json.loads(capsys.readouterr().out)["not_judged"]


def test_a_short_history_says_who_has_a_say_and_who_must_wait(clone, capsys):
    """Nothing found by detectors that know nothing yet is no good news (R3)."""
    (clone / CONFIG).write_text(SIMULATED % ", history_days: 1")
    assert detect(clone, "latency_p95_ms") == 0
    shown = capsys.readouterr().out
    assert re.search(r"seasonal.*: warming_up \(24 of \d+ hours\)", shown)
    assert "  findings   none" in shown


@pytest.mark.parametrize(("name", "begin"), [("x.png", b"\x89PNG"), ("x.svg", b"<svg "), ("x.json", b"{")])
def test_a_chart_is_drawn(clone, tmp_path, capsys, name, begin):
    """The one that the report, the pull request and the console show."""
    assert detect(clone, "latency_p95_ms", "--days", "2", "--chart", str(tmp_path / name)) == 0
    assert (tmp_path / name).read_bytes().startswith(begin)
    assert str(tmp_path / name) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("latncy_p95_ms",), "did you mean 'latency_p95_ms'"),
        (("latency_p95_ms", "--chart", "x.gif"), ".svg, .png, .json"),
        (("latency_p95_ms", "--chart", "nowhere/x.svg"), "no folder"),
        (("latency_p95_ms", "--since", "yesterday"), "write 2026-11-18"),
        (("latency_p95_ms", "--days", "2", "--since", "2026-11-18"), "give one of them"),
        (("latency_p95_ms", "--days", "99"), "metrics.history_days is 14"),
        (("latency_p95_ms", "--days", "inf"), "less than or equal to"),
        (("latency_p95_ms", "--since", "0001-01-01T00:00+14:00"), "write 2026-11-18"),
        (("latency_p95_ms", "--chart", "folder.svg"), "is a folder"),
        (("latency_p95_ms", "--chart", "link.svg"), "is a symbolic link"),
        (("latency_p95_ms", "--service", "wbe"), "there is no service 'wbe'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_the_way_out(clone, capsys, monkeypatch, arguments, says):
    """Exit code 1, and one line that says what to write instead."""
    monkeypatch.chdir(clone)
    (clone / "folder.svg").mkdir()
    (clone / "link.svg").symlink_to("README.md")
    assert detect(clone, *arguments) == 1
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


def test_an_error_is_a_document_too(clone, capsys):
    """For a program that parses stdout."""
    assert detect(clone, "nonsense", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["exit_code"], document["findings"], document["now"]) == (1, [], None)
    assert "there is no metric 'nonsense'" in document["error"]


def test_among_several_services_one_must_be_named(clone, capsys):
    """A chart shows one metric of one service."""
    (clone / CONFIG).write_text(SIMULATED % "" + "services: [{name: web}, {name: api, tfvars: {under: api}}]\n")
    assert detect(clone, "cpu_percent") == 1
    assert "name one with --service (web, api)" in capsys.readouterr().err
    assert detect(clone, "cpu_percent", "--service", "web") == 0
    assert "cpu_percent of web" in capsys.readouterr().out


def test_the_literal_formulas_say_that_the_band_is_not_theirs(clone, capsys):
    """Whoever chose them would wonder about a finding inside the band."""
    (clone / CONFIG).write_text(SIMULATED % "" + "detection: {thresholds: literal}\n")
    assert detect(clone, "cpu_percent") == 0
    assert "literal" in capsys.readouterr().out


def test_without_a_chart_nothing_that_draws_is_imported(clone):
    """It would double the time until the answer."""
    imported = imported_by("-m", "ai_ops", "detect", "cpu_percent", cwd=clone, variables={"HOME": os.fspath(clone)})
    assert imported.isdisjoint({"altair", "narwhals", "vl_convert", "jsonschema"})

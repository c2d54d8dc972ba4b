"""Several services in one repository: each has its own decision, and one that fails stops none of the others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agents import Agent, make_agent_site
from repositories import TFVARS, commit_file, git

from ai_ops.cli.main import exit_code_of
from ai_ops.cli.report_run import Request, run_report
from ai_ops.domain.message import MessageKind

NOW = datetime(2026, 11, 19, 18, 5, tzinfo=UTC)
SETTINGS = """\
mode: commit
tuning: {policy: rules}
metrics: {source: simulated}
state: {store: folders}
services:
  - {name: web, tfvars: {under: web}}
  - {name: api, tfvars: {under: api}}
"""
KNOBS = """\
  cpu_scale_out_percent    = 80
  cpu_scale_in_percent     = 30
  memory_scale_out_percent = 85
  latency_scale_out_ms     = 350
  min_instances            = 2
  max_instances            = 12
  cooldown_minutes         = 5
"""


@pytest.fixture
def site(tmp_path):
    """Two services in one tfvars file, each in an object of its own."""
    site = make_agent_site(tmp_path, settings=SETTINGS)
    clone = site.clone("editor")
    commit_file(clone, TFVARS, f"web = {{\n{KNOBS}}}\n\napi = {{\n{KNOBS}}}\n".encode())
    git(clone, "push", "-q", "origin", "HEAD")
    return site


def test_each_service_gets_its_own_decision_commit_and_ledger_line(site):
    """One line of diff for each, in its own object."""
    agent = Agent(site.clone("checkout"), {})
    before = site.tip()
    assert agent.run(NOW) == 0
    subjects = git(agent.clone, "log", "--format=%s", f"{before}..{site.tip()}").splitlines()
    assert sorted(subjects) == [
        "ai-ops: api cpu_scale_in_percent 30 -> 35 (simulated)",
        "ai-ops: web cpu_scale_in_percent 30 -> 35 (simulated)",
    ]
    assert site.content().count(b"cpu_scale_in_percent     = 35") == 2
    assert len(agent.ledger) == 2


def test_one_service_that_fails_stops_none_of_the_others(site, capsys):
    """The exit code is that of the failure, and the healthy service is served."""
    site.human_pushes(TFVARS, site.content().replace(b"web = {\n  cpu_scale_out_percent    = 80", b"web = {\n"))
    agent = Agent(site.clone("checkout"), {})
    assert agent.run(NOW) == 4
    assert b"cpu_scale_in_percent     = 35" in site.content()
    heard = capsys.readouterr()
    assert "error: web: " in heard.err
    assert "cpu_scale_out_percent" in heard.err


def test_a_knob_may_be_kept_in_yaml_with_its_comments(tmp_path):
    """One value, one home: where a team keeps it in YAML, that file is edited (S001-81, R39)."""
    one_in_yaml = """\
mode: commit
tuning: {policy: rules}
metrics: {source: simulated}
state: {store: folders}
services:
  - name: web
    knobs:
      cpu_scale_out_percent: {unit: percent, min: 50, max: 90, max_step: 5, costs_money: down}
      cpu_scale_in_percent:
        {unit: percent, min: 20, max: 70, max_step: 5, costs_money: down, file: deploy/values.yaml, path: hpa.scaleIn}
"""
    site = make_agent_site(tmp_path, settings=one_in_yaml)
    values = b"# deployed by hand\r\nhpa:\r\n  scaleIn: 30   # percent\r\n  replicas: 2\r\n"
    site.human_pushes("deploy/values.yaml", values)
    agent = Agent(site.clone("checkout"), {})
    assert agent.run(NOW) == 0
    assert site.content("deploy/values.yaml") == values.replace(b"30", b"35")


def test_the_days_report_is_of_every_service_or_is_only_shown(site, capsys):
    """A part of it neither takes the place of the whole nor its turn to be told (S001-43, H18)."""
    agent = Agent(site.clone("checkout"), {})
    asked = Request(MessageKind.DAILY_REPORT, 1, is_keeping=True, service="web")
    assert exit_code_of(lambda **_: run_report(agent.place(NOW), asked), None) == 1
    assert "is of every service: leave --service web out" in capsys.readouterr().err
    assert not (agent.clone / "ai_ops/reports").exists()

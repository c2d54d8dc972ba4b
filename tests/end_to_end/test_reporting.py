"""The morning report of a real Prometheus: made, kept, told once, and by a job of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from agents import CONFIG, NOW, Agent
from fakes.flaky import FlakyServer, Handler, answer
from fakes.relay import relay
from fakes.slack import Answer
from jobs import Jobs
from jsonschema import Draft202012Validator
from repositories import git

import ai_ops
from ai_ops.cli.main import exit_code_of
from ai_ops.cli.report_run import Request, run_report
from ai_ops.domain.message import MessageKind
from ai_ops.store.handover import digest_of

STATE, REPORTS = "neuropilot/state", "ai_ops/reports"
MORNING = NOW + timedelta(minutes=4)
DAY = f"daily_report_{MORNING:%Y%m%d}"
"""What the files of the report are called."""
SCHEMA = Path(ai_ops.__file__).parent / "config/schemas/daily_report.schema.json"


def report(agent: Agent, now=MORNING, **wishes: object) -> int:
    """Make a report as the command line does, and give the exit code."""
    request = replace(Request(MessageKind.DAILY_REPORT, 1, is_keeping=True), **wishes)
    return exit_code_of(lambda **_: run_report(agent.place(now), request), None)


def test_a_report_is_kept_as_json_markdown_and_a_page_and_told_once(agent, slack, capsys):
    """Readable with jq where S001-66 says it is; made again, it is renewed, not told (S001-25, -32, -34, -43, H31)."""
    assert (report(agent), report(agent, MORNING + timedelta(minutes=20))) == (0, 0)
    (card,) = slack.cards
    assert card["blocks"][0]["type"] == "header"
    folder = agent.clone / REPORTS
    assert sorted(path.name for path in folder.iterdir()) == [f"{DAY}.html", f"{DAY}.json", f"{DAY}.md"]
    form = json.loads((folder / f"{DAY}.json").read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(form)
    (said,) = form["services"]
    assert said["service"] == "web"
    assert not said["is_simulated"]
    assert form["span"]["end"].startswith(f"{MORNING + timedelta(minutes=13):%Y-%m-%dT%H:%M}")
    shown = capsys.readouterr().out
    assert form["headline"].split("`")[0] in " ".join(shown.split())
    assert "<svg" in (folder / f"{DAY}.html").read_text()


def test_a_copy_that_cannot_be_written_leaves_nobody_untold(agent, slack, tmp_path, capsys):
    """The folder of `--out` is for others; the report is kept and told whatever becomes of it (S001-25, S001-32)."""
    (tmp_path / "taken").write_text("a file")
    assert report(agent, out=tmp_path / "taken") == 2
    assert "taken" in capsys.readouterr().err
    assert len(slack.cards) == 1
    assert (agent.clone / REPORTS / f"{DAY}.json").is_file()


def test_a_dry_run_shows_the_report_and_leaves_nothing(agent, slack, capsys):
    """No file, no message, no line in any memory (S001-66)."""
    before = {path for path in agent.clone.rglob("*") if ".git" not in path.parts}
    assert report(agent, is_keeping=False) == 0
    assert "Daily report: web" in capsys.readouterr().out
    left = {path for path in agent.clone.rglob("*") if ".git" not in path.parts} - before
    assert {path.name for path in left if path.is_file()} <= {"budgets.json", "budgets.json.lock"}
    assert slack.cards == []


def test_without_any_metric_it_says_so_and_tells_what_is_remembered(agent, slack, capsys, dear_service):
    """The morning after Prometheus went away is when somebody needs the report most (S001-25)."""
    is_gone = threading.Event()
    usual, gone = relay(dear_service.url), answer(404, b"gone")

    def behave(handler: Handler) -> None:
        (gone if is_gone.is_set() else usual)(handler)

    with FlakyServer(behave) as prometheus:
        agent.environment = agent.environment | {"PROMETHEUS_URL": prometheus.url}
        assert agent.run() == 0
        is_gone.set()
        capsys.readouterr()
        assert report(agent, NOW + timedelta(hours=4), as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["channel"] for one in document["channels"]] == ["slack"]
    assert len(document["files"]) == 3
    form = json.loads((agent.clone / REPORTS / f"{DAY}.json").read_text())
    (said,) = form["services"]
    assert any("earlier runs have kept" in one for one in said["unknown"])
    assert said["health"]["score"] is not None
    assert "The metric source did not answer" in [one["what"] for one in form["needs"]]
    assert "quiet" not in form["headline"]
    assert len(slack.cards) == 2  # the decision, and the report


def test_nobody_hears_a_report_that_could_not_be_kept(on_branch, dear_service, slack):
    """What another machine could not see is told by no machine: else two would tell it (H17, H31)."""
    agent = Agent(on_branch.clone("checkout"), {"PROMETHEUS_URL": dear_service.url, "SLACK_WEBHOOK_URL": slack.url})
    (on_branch.remote / "hooks/pre-receive").write_text("#!/bin/sh\nexit 1\n")
    (on_branch.remote / "hooks/pre-receive").chmod(0o755)
    assert report(agent) == 4
    assert slack.cards == []


def test_reports_stand_on_the_state_branch_and_old_ones_leave(on_branch, dear_service, slack):
    """JSON and Markdown are remembered for `report.kept_days`; the page is an artifact (S001-43)."""
    agent = Agent(on_branch.clone("checkout"), {"PROMETHEUS_URL": dear_service.url, "SLACK_WEBHOOK_URL": slack.url})
    agent.configure(report={"kept_days": 1})
    for days in range(2):
        assert report(agent, MORNING + timedelta(days=days)) == 0
    names = git(on_branch.remote, "ls-tree", "-r", "--name-only", STATE, REPORTS).split()
    kept = [f"daily_report_{MORNING + timedelta(days=days):%Y%m%d}" for days in (1,)]
    assert names == [f"{REPORTS}/{name}.{suffix}" for name in kept for suffix in ("json", "md")]
    assert len(slack.cards) == 2


def test_a_job_reports_on_what_another_has_looked_at(on_branch, dear_service, slack, tmp_path):
    """The one holds the keys of the sources, the other those of the channels (S001-71, H15)."""
    jobs = jobs_of(on_branch, tmp_path, dear_service, slack)
    assert jobs.run(NOW) == (0, 0, 0)
    assert jobs.collect(MORNING, "report") == 0
    digest = digest_of(jobs.collected.read_bytes())
    asked = {"collected": jobs.collected, "collected_sha256": digest}
    assert report(jobs.actor(), MORNING + timedelta(minutes=2), **asked) == 0
    assert "PROMETHEUS_URL" not in jobs.actor().environment
    form = json.loads(on_branch.content(f"{REPORTS}/{DAY}.json", STATE))
    assert form["services"][0]["health"]["score"] is not None
    assert form["span"]["end"].startswith(f"{NOW - timedelta(minutes=3):%Y-%m-%dT%H:%M}")
    assert len(slack.cards) == 2


def test_a_report_believes_no_document_that_it_cannot_check(on_branch, dear_service, slack, tmp_path, capsys):
    """Of another purpose, or changed on its way: nothing is kept and nobody is told (H15)."""
    jobs = jobs_of(on_branch, tmp_path, dear_service, slack)
    assert jobs.collect(MORNING) == 0
    assert report(jobs.actor(), collected=jobs.collected) == 2
    assert "it was collected for a cycle, and this is a report" in capsys.readouterr().err
    assert jobs.collect(MORNING, "report") == 0
    assert report(jobs.actor(), collected=jobs.collected, collected_sha256="0" * 64) == 2
    assert slack.cards == []
    assert git(on_branch.remote, "for-each-ref", "--format=%(refname)", f"refs/heads/{STATE}").strip() == ""


def test_a_document_in_which_nothing_could_be_had_still_becomes_a_report(on_branch, slack, tmp_path, dear_service):
    """The job that looks does not fail for it: the report is what says it (S001-25)."""
    jobs = jobs_of(on_branch, tmp_path, dear_service, slack)
    assert jobs.run(NOW) == (0, 0, 0)
    jobs.environment = jobs.environment | {"PROMETHEUS_URL": "http://127.0.0.1:9"}
    assert jobs.collect(MORNING, "report") == 0
    assert report(jobs.actor(), collected=jobs.collected) == 0
    assert len(slack.cards) == 2


def test_a_silent_channel_is_told_and_stops_nothing(agent, slack, capsys):
    """The report stands; that Slack did not take it is said, and it is tried again by the next run (S001-32).

    A pager, which carries no reports, is nobody who has read it.
    """
    agent.environment = {**agent.environment, "PAGERDUTY_ROUTING_KEY": "R" * 32}
    slack.answer_next(*[Answer(503, "rollup_error")] * 3)
    assert report(agent) == 4
    assert (agent.clone / REPORTS / f"{DAY}.json").is_file()
    assert "Degraded: slack" in capsys.readouterr().err
    assert report(agent, MORNING + timedelta(hours=1)) == 0
    assert len(slack.cards) == 1


def test_the_script_of_the_first_release_still_makes_it(agent, tmp_path):
    """S001-66: `python ai_ops/scripts/daily_report.py`, in a checkout with the embedded service."""
    script = Path(ai_ops.__file__).parent / "scripts/daily_report.py"
    (agent.clone / CONFIG).write_text("{state: {store: folders}}\n")
    done = subprocess.run(
        [sys.executable, script, "--root", agent.clone], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    (kept,) = (agent.clone / REPORTS).glob("*.json")
    assert json.loads(kept.read_text())["services"][0]["is_simulated"]
    assert "Simulated" in done.stdout


def jobs_of(site, folder: Path, prometheus, slack) -> Jobs:
    """The jobs of a run on `site`."""
    (folder / "jobs").mkdir()
    return Jobs(site, folder / "jobs", {"PROMETHEUS_URL": prometheus.url, "SLACK_WEBHOOK_URL": slack.url})

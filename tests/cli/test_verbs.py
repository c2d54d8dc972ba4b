"""The verbs: the answer on stdout, the rest on stderr, and an exit code that a script can use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from agents import CONFIG, make_agent_site
from prompt import installed, neuropilot
from repositories import TFVARS, git, isolate

import ai_ops
from ai_ops.cli.main import exit_code_of

SIMULATED = "mode: commit\ntuning: {policy: rules}\nmetrics: {source: simulated}\nstate: {store: folders}\n"


@pytest.fixture(autouse=True)
def no_foreign_git(monkeypatch):
    """Keep this machine's git configuration out of it."""
    isolate(monkeypatch)


@pytest.fixture
def clone(tmp_path):
    """A checkout whose agent runs on the embedded simulated service."""
    return make_agent_site(tmp_path, settings=SIMULATED).clone("checkout")


def test_version_and_help_answer(tmp_path):
    """The first two things anybody types."""
    assert installed("--version", cwd=tmp_path).stdout == f"neuropilot {ai_ops.__version__}\n"
    shown = installed("--help", cwd=tmp_path).stdout
    for verb in ("run", "demo", "doctor", "detect", "scan", "explain", "history", "pause", "resume", "ledger"):
        assert verb in shown


@pytest.mark.parametrize(
    "arguments", [("fly",), ("run", "--fast"), ("explain",), ("history", "--last", "none"), ("history", "--last", "0")]
)
def test_a_wrong_command_line_is_exit_1(tmp_path, arguments):
    """2 means "data unavailable" here, so a usage error must not be 2."""
    done = neuropilot(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: " in done.stderr


@pytest.mark.parametrize("arguments", [(), ("ledger",)])
def test_without_a_verb_it_shows_the_help(tmp_path, arguments):
    """Nothing was done, so the exit code is not 0; nothing is complained about either."""
    done = neuropilot(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("Usage: neuropilot")


def test_the_script_and_the_verb_are_the_same(clone):
    """`python ai_ops/ops_brain.py` from a clone, and `neuropilot run` (S001-35, -61, -62)."""
    script = Path(ai_ops.__file__).parent / "ops_brain.py"
    done = subprocess.run(
        [sys.executable, script, "--root", clone], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "dry run" in done.stdout
    acted = subprocess.run(
        [sys.executable, script, "--auto-run", "--root", clone], capture_output=True, text=True, check=False, timeout=60
    )
    assert acted.returncode == 0, acted.stderr
    assert "acting" in acted.stdout
    assert "simulated" in acted.stdout
    other = subprocess.run(
        [sys.executable, script, "--service", "wbe", "--root", clone],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "there is no service 'wbe'" in other.stderr


def test_a_run_with_json_prints_one_document(clone):
    """What a program reads is alone on stdout; the narrative goes to stderr."""
    done = neuropilot("run", "--json", cwd=clone)
    document = json.loads(done.stdout)
    assert document["exit_code"] == done.returncode == 0
    (result,) = document["results"]
    assert result["episode"]["is_simulated"] is True
    assert result["episode"]["service"] == "web"
    assert "Decision: " in done.stderr


@pytest.mark.parametrize(
    "verb", ["run", "doctor", "detect cpu_percent", "scan", "history", "explain web-1", "ledger verify"]
)
def test_json_is_a_document_even_when_nothing_could_be_opened(clone, verb):
    """A program that parses stdout learns of the error there, a person on stderr."""
    (clone / CONFIG).write_text("mod: commit\n")
    done = neuropilot(*verb.split(), "--json", cwd=clone)
    document = json.loads(done.stdout)
    assert document["exit_code"] == done.returncode == 1
    assert "mod: unknown key" in document["error"]
    assert "error: " in done.stderr
    if verb == "run":
        assert document["results"] == document["failures"] == document["degraded"] == []


def test_json_names_an_unknown_service(clone):
    """The settings were read, and then nothing fits."""
    done = neuropilot("run", "--service", "wbe", "--json", cwd=clone)
    document = json.loads(done.stdout)
    assert document["exit_code"] == done.returncode == 1
    assert "there is no service 'wbe'" in document["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "--top", "0"),
        ("scan", "--engine", "abacus"),
        ("detect", "cpu_percent", "--days", "inf"),
        ("label", "f00000000"),
        ("rules", "export", "--out", "all.yml"),
    ],
)
def test_a_wrong_command_line_is_a_document_too(clone, arguments):
    """A program that reads stdout learns from it what it did wrong."""
    done = neuropilot(*arguments, "--json", cwd=clone)
    document = json.loads(done.stdout)
    assert (done.returncode, document["exit_code"]) == (1, 1)
    assert document["error"] in done.stderr


def test_a_defect_is_a_document_too(capsys):
    """Also then stdout is not empty, and nobody reads a traceback as JSON."""

    def broken(**_):
        raise ZeroDivisionError("by nothing")

    assert exit_code_of(broken, ["--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"] == "internal error: ZeroDivisionError: by nothing"
    assert exit_code_of(broken, []) == 5
    assert capsys.readouterr().out == ""


def test_an_error_is_said_once(tmp_path):
    """Also in a dry run, whose log nobody keeps."""
    done = neuropilot("run", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.count(f"{TFVARS} is missing") == 1


@pytest.mark.parametrize("verb", ["history", "explain web-20261102T00Z", "ledger verify", "doctor --offline", "run"])
def test_what_only_reads_needs_no_remote(tmp_path, verb):
    """`state.store: auto` asks the remote for a branch; where it is silent, this checkout's own past is shown."""
    site = make_agent_site(tmp_path, settings=SIMULATED.replace("folders", "auto"))
    clone = site.clone("checkout")
    site.remote.rename(tmp_path / "away.git")
    done = neuropilot(*verb.split(), cwd=clone)
    assert done.returncode == (1 if "explain" in verb else 0), done.stderr  # there is no such episode
    assert ("which may be old" in done.stderr) == ("--offline" not in verb)


def test_acting_needs_the_remote(tmp_path):
    """Nobody knows what a run that may write would overwrite."""
    site = make_agent_site(tmp_path, settings=SIMULATED.replace("folders", "auto"))
    clone = site.clone("checkout")
    site.remote.rename(tmp_path / "away.git")
    assert neuropilot("run", "--apply", cwd=clone).returncode == 4


def test_the_past_can_be_listed_explained_and_verified(clone):
    """history, explain and ledger verify speak of the same episode."""
    assert "no episodes yet" in neuropilot("history", cwd=clone).stdout
    assert neuropilot("run", "--apply", cwd=clone).returncode == 0
    (listed,) = json.loads(neuropilot("history", "--json", cwd=clone).stdout)
    explained = neuropilot("explain", listed["id"], cwd=clone)
    assert explained.returncode == 0
    for words in ("(simulated)", "decision", "because", "reward", "exploration high", "rate 0.01"):
        assert words in explained.stdout
    assert json.loads(neuropilot("explain", listed["id"], "--json", cwd=clone).stdout) == listed
    assert "1 episode, every hash fits" in neuropilot("ledger", "verify", cwd=clone).stdout


def test_an_unknown_episode_is_a_usage_error(clone):
    """With the command that lists the known ones."""
    done = neuropilot("explain", "web-1", cwd=clone)
    assert done.returncode == 1
    assert "neuropilot history" in done.stderr


def test_an_edited_ledger_is_found(clone):
    """Exit code 2, the line, and what to do (S001-143)."""
    neuropilot("run", "--apply", cwd=clone)
    ledger = clone / "ai_ops/state/episodes.jsonl"
    ledger.write_text(ledger.read_text().replace('"rules"', '"vibes"'))
    done = neuropilot("ledger", "verify", cwd=clone)
    assert done.returncode == 2
    assert "episodes.jsonl:1: edited" in done.stderr
    assert "Restore it" in done.stderr
    assert json.loads(neuropilot("ledger", "verify", "--json", cwd=clone).stdout)["problems"]


def test_pause_and_resume(clone):
    """The kill switch says why, who, and how it ends."""
    assert "paused: release day" in neuropilot("pause", "--because", "release day", cwd=clone).stdout
    told = neuropilot("run", cwd=clone).stdout
    assert "Decision: hold" in told
    assert "resumed" in neuropilot("resume", cwd=clone).stdout
    assert "nothing was paused" in neuropilot("resume", cwd=clone).stdout


def test_a_pause_that_reaches_only_this_checkout_is_exit_4(tmp_path):
    """With a sentence that says so; the file is there all the same."""
    site = make_agent_site(tmp_path, settings=SIMULATED.replace("folders", "branch"))
    clone = site.clone("checkout")
    site.remote.rename(tmp_path / "away.git")
    done = neuropilot("pause", cwd=clone)
    assert done.returncode == 4
    assert "only this checkout is paused" in done.stderr
    assert (clone / "ai_ops/state/paused.json").exists()


def test_a_pause_reaches_the_branch_that_ci_reads(tmp_path):
    """A person stops the agent from any clone."""
    site = make_agent_site(tmp_path, settings=SIMULATED.replace("folders", "branch"))
    neuropilot("pause", "--because", "incident", cwd=site.clone("laptop"))
    told = neuropilot("run", cwd=site.clone("ci", "--depth=1")).stdout
    assert "paused: incident" in told or "Decision: hold" in told
    assert "paused.json" in git(site.remote, "ls-tree", "-r", "--name-only", "neuropilot/state")


def test_config_can_be_given_by_path(clone, tmp_path):
    """S001-63; a path that does not exist is a configuration error."""
    other = tmp_path / "other.yaml"
    other.write_text("mode: observe\nmetrics: {source: simulated}\n")
    assert "mode observe" in neuropilot("run", "--config", str(other), cwd=clone).stdout
    missing = neuropilot("run", "--config", "nowhere.yaml", cwd=clone)
    assert missing.returncode == 1
    assert "nowhere.yaml" in missing.stderr


def test_every_problem_of_the_settings_is_told_at_once(clone):
    """One run, one list."""
    (clone / CONFIG).write_text(
        "mod: observe\nsla_target: 101\nslack_webhook_url: https://hooks.slack.com/services/T/B/x\n"
    )
    done = neuropilot("run", cwd=clone)
    assert done.returncode == 1
    for words in ("mode", "sla_target", "SLACK_WEBHOOK_URL"):
        assert words in done.stderr
    assert "hooks.slack.com/services/T/B/x" not in done.stderr


def test_an_unknown_service_is_named_with_the_known_ones(clone):
    """A typing error is told with its remedy."""
    done = neuropilot("run", "--service", "wbe", cwd=clone)
    assert done.returncode == 1
    assert "web" in done.stderr


def test_settings_that_cannot_be_edited_name_file_and_line(clone):
    """Exit code 4: the change could not be delivered, and nothing is half-done."""
    (clone / TFVARS).write_text("cpu_scale_out_percent = 40 * 2\n")
    git(clone, "commit", "-q", "-am", "Break it")
    git(clone, "push", "-q", "origin", "HEAD")
    done = neuropilot("run", cwd=clone)
    assert done.returncode == 4
    assert f"{TFVARS}:1" in done.stderr


def test_doctor_says_ok_or_the_line_that_fixes_it(clone):
    """Settings, repository, knobs, ledger, source and every query."""
    done = neuropilot("doctor", cwd=clone)
    assert done.returncode == 0, done.stdout
    assert "ok      knobs of web: scaling_mode threshold, cpu_scale_out_percent 80" in done.stdout
    assert "note    slack: no card will be sent; set SLACK_WEBHOOK_URL" in done.stdout
    assert "everything a run needs is there" in done.stdout
    (clone / TFVARS).unlink()
    broken = neuropilot("doctor", "--offline", cwd=clone)
    assert broken.returncode == 4
    assert "failed  knobs of web" in broken.stdout


def test_doctor_says_which_grafana_variable_won(clone):
    """GRAFANA_URL and GRAFANA_CLOUD_URL are both accepted (R31)."""
    environment = {"GRAFANA_CLOUD_URL": "http://127.0.0.1:1"}
    shown = neuropilot("doctor", "--offline", "--json", cwd=clone, environment=environment).stdout
    assert "grafana_url from GRAFANA_CLOUD_URL" in shown


def test_doctor_asks_the_real_prometheus(tmp_path, prometheus):
    """Each query is tried; what is missing has a line that fixes it."""
    clone = make_agent_site(tmp_path).clone("checkout")
    done = neuropilot("doctor", cwd=clone, environment={"PROMETHEUS_URL": prometheus.url})
    assert "ok      source of web: Prometheus 2." in done.stdout
    assert "failed  web cpu_percent" in done.stdout  # its newest sample is weeks old
    assert done.returncode == 2


def test_doctor_waits_only_once_for_a_server_that_is_not_there(tmp_path):
    """One line says what to fix; no query is blamed for it."""
    clone = make_agent_site(tmp_path).clone("checkout")
    done = neuropilot("doctor", cwd=clone, environment={"PROMETHEUS_URL": "http://127.0.0.1:9"})
    assert done.returncode == 2
    assert "failed  source of web" in done.stdout
    assert "web cpu_percent" not in done.stdout
    assert "bucket" not in done.stdout


def test_the_demo_shows_a_whole_cycle_and_where_everything_lies(tmp_path):
    """No credentials, no network, one commit in a scratch repository."""
    done = neuropilot("demo", "--folder", str(tmp_path / "demo"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("they cost", "Expected: cost ", "Otherwise: cost ", "+cpu_scale_in_percent", "Change: committed"):
        assert words in done.stdout
    assert "(simulated)" in git(tmp_path / "demo", "log", "-1", "--format=%s")
    assert (tmp_path / "demo/ai_ops/state/episodes.jsonl").read_text().count("\n") == 1
    assert f"The report:  {tmp_path}/demo/ai_ops/reports/daily_report_20261119.html" in done.stdout
    assert "<svg" in (tmp_path / "demo/ai_ops/reports/daily_report_20261119.html").read_text()
    assert git(tmp_path / "demo", "status", "--short") == ""  # what is remembered is nothing to commit
    again = neuropilot("demo", "--folder", str(tmp_path / "demo"), cwd=tmp_path)
    assert again.returncode == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/precious.txt").write_text("mine")
    refused = neuropilot("demo", "--folder", str(tmp_path / "mine"), cwd=tmp_path)
    assert refused.returncode == 1
    assert (tmp_path / "mine/precious.txt").exists()


def test_outside_of_a_repository_it_says_what_is_missing(tmp_path):
    """A stranger's first try in an empty folder."""
    done = neuropilot("run", cwd=tmp_path)
    assert done.returncode == 4
    assert TFVARS in done.stderr


def test_without_settings_the_doctor_sends_to_init(tmp_path):
    """There is no file yet in which anything could be corrected."""
    git(tmp_path, "init", "-q")
    done = neuropilot("doctor", "--offline", cwd=tmp_path)
    assert done.returncode == 4
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("failed"))
    assert TFVARS in line
    assert "neuropilot init" in line
    assert "ops_config.yaml" not in line


@pytest.mark.parametrize("options", [(), ("--apply",)])
def test_a_run_says_first_that_a_file_stops_it(clone, options):
    """Also a dry run, which would otherwise show a change that nobody can have (H26)."""
    (clone / "ai_ops/STOP").write_text("release day\n")
    done = neuropilot("run", *options, cwd=clone)
    header = done.stdout.partition("Service web")[0]
    assert "Nothing will move: stopped by the file ai_ops/STOP: release day; delete it to go on" in header
    told = neuropilot("doctor", "--offline", cwd=clone)
    assert "note    pause: stopped by the file ai_ops/STOP: release day" in told.stdout


def test_the_help_promises_what_the_agent_does(tmp_path):
    """It may move several settings in one change, and pushes only where the team lets it."""
    shown = " ".join(neuropilot("--help", cwd=tmp_path).stdout.split())
    assert "one autoscaling threshold at a time" not in shown
    assert "autoscaling settings" in shown

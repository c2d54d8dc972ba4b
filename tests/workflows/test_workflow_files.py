"""The workflows hold to the rules of a careful house."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from expressions import Scope, fill
from runner import load
from shops import BRIEF, CYCLE, REPORT, TRAINING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
GUIDE = (ROOT / "docs" / "ai_ops" / "WORKFLOW.md").read_text(encoding="utf-8")
SOURCES = {
    "PROMETHEUS_URL",
    "PROMETHEUS_USERNAME",
    "PROMETHEUS_PASSWORD",
    "PROMETHEUS_TOKEN",
    "GRAFANA_CLOUD_URL",
    "GRAFANA_API_KEY",
    "RAILWAY_TOKEN",
    "RAILWAY_PROJECT_ID",
}
CHANNELS = {
    "SLACK_WEBHOOK_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_CHANNEL",
    "NOTION_API_KEY",
    "NOTION_DATABASE_ID",
    "SMTP_URL",
    "PAGERDUTY_ROUTING_KEY",
    "APPRISE_URLS",
    "NEUROPILOT_WEBHOOK_URL",
    "NEUROPILOT_WEBHOOK_SECRET",
}
"""Where people are told."""
ACTOR = CHANNELS | {
    "PUSHGATEWAY_URL",
    "HEARTBEAT_URL",
    "GRAFANA_CLOUD_URL",
    "GRAFANA_ANNOTATIONS_KEY",
    "NEUROPILOT_GITHUB_TOKEN",
}
TRAINER = {"NEUROPILOT_SIGNING_KEY", "PUSHGATEWAY_URL"}
SECRETS = {
    "GRAFANA_CLOUD_URL",
    "GRAFANA_API_KEY",
    "PROMETHEUS_URL",
    "NOTION_API_KEY",
    "NOTION_DATABASE_ID",
    "SLACK_WEBHOOK_URL",
    "RAILWAY_TOKEN",
    "RAILWAY_PROJECT_ID",
}

each_file = pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])


@pytest.fixture(scope="module")
def schedule() -> dict[str, Any]:
    """The workflow that runs the agent when it is due."""
    return load(FOLDER / "ai-ops-daily.yml")


@pytest.fixture(scope="module")
def agent() -> dict[str, Any]:
    """The workflow that it calls."""
    return load(FOLDER / "neuropilot.yml")


def steps_of(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of every job that has any: a called workflow has its own."""
    for job in workflow["jobs"].values():
        yield from job.get("steps", ())


def secrets_in(part: object) -> set[str]:
    """Names of the secrets that a part of a workflow reads."""
    return set(re.findall(r"\bsecrets\.(\w+)", str(part)))


def check(*command: str | Path) -> None:
    """Run one of the checkers from this environment; it must have nothing to say."""
    done = subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    """No injection, no token left behind, no right that is not needed, in the eyes of a strict auditor (H13, H14)."""
    check("zizmor", "--offline", "--strict-collection", "--persona=pedantic", FOLDER)


def test_the_files_follow_github_s_own_schema() -> None:
    """A key that is misspelt would be ignored, or stop the workflow for good."""
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *FILES)


@each_file
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    """A tag can be moved to other code over night; the comment tells a person which release it is (H14, H22)."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    own = r"uses: \./\.github/workflows/[\w-]+\.yml( #.*)?"  # of this very commit
    for line in lines:
        assert re.fullmatch(rf"(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+|{own}", line), line


@each_file
def test_no_expression_stands_in_a_command(path: Path) -> None:
    """What a person, a branch or a commit is called must never become part of a shell command (H13)."""
    commands = [step["run"] for step in steps_of(load(path)) if "run" in step]
    assert commands or path.name == "ai-ops-daily.yml"
    assert not [command for command in commands if "${{" in command]


@each_file
def test_rights_are_few_and_named(path: Path) -> None:
    """Nothing by default, no trigger that hands secrets to a stranger's code, no token on the disk (H14, H15)."""
    workflow = load(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    assert not workflow["on"].keys() & {"pull_request_target", "workflow_run", "issue_comment"}
    checkouts = [step for step in steps_of(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts or path.name == "ai-ops-daily.yml"
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert all(job["timeout-minutes"] <= 30 for job in workflow["jobs"].values() if "uses" not in job)


def test_it_runs_every_six_hours_and_by_hand(schedule: dict[str, Any]) -> None:
    """Not on the hour, where GitHub drops runs; under the name that people look for (S001-21, -44, -67, -68, R29)."""
    assert schedule["name"] == "AI Ops Autonomous Optimization"
    crons = [one["cron"] for one in schedule["on"]["schedule"]]
    assert crons == [CYCLE, TRAINING, REPORT, BRIEF]
    assert all(int(cron.split()[0]) % 2 == 1 for cron in crons)
    hours = [cron.split()[1:] for cron in crons]
    assert hours == [["*/6", "*", "*", "*"], ["3", "*", "*", "*"], ["9", "*", "*", "*"], ["9", "*", "*", "1"]]
    assert schedule["on"].keys() == {"schedule", "workflow_dispatch"}


@pytest.mark.parametrize(
    ("event", "inputs", "asked"),
    [
        ({"schedule": CYCLE}, {}, ("ops_cycle", "")),
        ({"schedule": TRAINING}, {}, ("train_model", "")),
        ({"schedule": REPORT}, {}, ("daily_report", "")),
        ({"schedule": BRIEF}, {}, ("weekly_brief", "")),
        ({}, {"mode": "train_model", "lookback_hours": "168"}, ("train_model", "168")),
        ({}, {"mode": "ops_cycle", "lookback_hours": ""}, ("ops_cycle", "")),
        ({}, {"mode": "full_cycle", "lookback_hours": ""}, ("full_cycle", "")),
    ],
)
def test_what_started_the_run_says_what_it_does(schedule: dict[str, Any], event, inputs, asked) -> None:
    """A cycle, a training, a report or a brief, each in its hour, or what a person wants (S001-21, -25, -65, -70)."""
    (call,) = schedule["jobs"].values()
    scope = Scope({"github": {"event": event}, "inputs": inputs})
    assert tuple(fill(call["with"][name], scope) for name in ("mode", "lookback_hours")) == asked


def test_the_guide_s_command_trains_twice_a_day(tmp_path: Path) -> None:
    """It changes the schedule and what knows it by its words, and no cycle becomes a training (S001-125)."""
    (command,) = re.findall(r"^sed --in-place .*$", GUIDE, re.MULTILINE)
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    copy = tmp_path / ".github" / "workflows" / "ai-ops-daily.yml"
    copy.write_bytes((FOLDER / copy.name).read_bytes())
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    changed = load(copy)
    crons = [one["cron"] for one in changed["on"]["schedule"]]
    assert crons == [CYCLE, "17 3,15 * * *", REPORT, BRIEF]
    mode = changed["jobs"]["neuropilot"]["with"]["mode"]
    scopes = [Scope({"github": {"event": {"schedule": cron}}, "inputs": {}}) for cron in crons]
    assert [fill(mode, scope) for scope in scopes] == ["ops_cycle", "train_model", "daily_report", "weekly_brief"]


def test_it_offers_the_modes_that_the_guide_explains(schedule: dict[str, Any], agent: dict[str, Any]) -> None:
    """Every mode that is offered is known to the job that looks, and none is secret (S001-68, S001-69, S001-72)."""
    mode = schedule["on"]["workflow_dispatch"]["inputs"]["mode"]
    assert mode["type"] == "choice"
    assert mode["default"] in mode["options"]
    explained = GUIDE.partition("## Modes")[2].partition("\n## ")[0]
    assert mode["options"] == re.findall(r"^\| `(\w+)` \|", explained, re.MULTILINE)
    (look,) = [step for step in agent["jobs"]["collect"]["steps"] if step["name"] == "Collect"]
    known = re.findall(r"^  ([a-z_| ]+)\)", look["run"], re.MULTILINE)
    assert set(mode["options"]) == {option for names in known for option in names.split(" | ")}


def test_one_run_at_a_time(schedule: dict[str, Any], agent: dict[str, Any]) -> None:
    """A run that has begun to push shall end; the next one waits, whoever calls (H17)."""
    assert schedule["concurrency"] == {"group": "ai-ops", "cancel-in-progress": False}
    assert agent["concurrency"] == {"group": "neuropilot-cycle", "cancel-in-progress": False}


def test_each_job_has_its_own_few_rights(schedule: dict[str, Any], agent: dict[str, Any]) -> None:
    """Only the jobs that act may write, and none may touch packages or prove an identity (S001-69, H14)."""
    assert {name: job["permissions"] for name, job in agent["jobs"].items()} == {
        "collect": {"contents": "read", "pull-requests": "read"},
        "decide": {"contents": "read"},
        "deliver": {"contents": "write", "pull-requests": "write"},
        "train": {"contents": "write"},
        "report": {"contents": "write", "pull-requests": "read"},
        "tidy": {"actions": "write"},
        "notice": {},
    }
    (call,) = schedule["jobs"].values()
    assert call["permissions"] == {"contents": "write", "pull-requests": "write", "actions": "write"}


def test_each_job_has_its_own_few_secrets(schedule: dict[str, Any], agent: dict[str, Any]) -> None:
    """The sources' where it is looked, the channels' where it is acted, none between; all are explained (S001-59)."""
    assert {name: secrets_in(job) for name, job in agent["jobs"].items()} == {
        "collect": SOURCES,
        "decide": set(),
        "deliver": ACTOR,
        "train": TRAINER,
        "report": CHANNELS,
        "tidy": set(),
        "notice": {"SLACK_WEBHOOK_URL"},
    }
    holders = [step["name"] for step in steps_of(agent) if secrets_in(step)]
    assert holders == ["Collect", "Deliver", "Train", "Report", "Tell Slack"]
    with_token = [step["name"] for step in steps_of(agent) if "github.token" in str(step)]
    acting = ["Collect", "Deliver", "Train", "Report"]
    assert with_token == [*acting, "Delete what was collected", "Keep the schedule alive"]
    everything = SOURCES | ACTOR | TRAINER
    assert everything >= SECRETS
    assert not TRAINER & SOURCES
    (call,) = schedule["jobs"].values()
    assert call["secrets"] == {name: f"${{{{ secrets.{name} }}}}" for name in everything}
    assert agent["on"]["workflow_call"]["secrets"].keys() == everything
    assert set(re.findall(r"^ *\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE)) == everything


def test_the_job_that_thinks_is_cut_off_before_the_agent_starts(agent: dict[str, Any]) -> None:
    """Root only to leave the network, then this user without a way back, and a spelled-out environment (H15)."""
    (think,) = [step for step in agent["jobs"]["decide"]["steps"] if step["name"] == "Decide"]
    assert think["env"] == {"COLLECTED": "${{ needs.collect.outputs.collected }}"}
    words = think["run"].replace("\\\n", " ").split()
    order = ["sha256sum", "unshare", "setpriv", "env", "python"]
    assert [word for word in words if word in order][: len(order)] == order
    assert {"--net", "--pid", "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--isolated"} <= set(words)
    assert "as_root=(sudo --non-interactive)" in think["run"]
    assert "||" not in think["run"]


def test_the_job_that_trains_gets_its_document_checked_and_its_hours_as_a_word(agent: dict[str, Any]) -> None:
    """What a person typed reaches the verb alone, which says what it may be (S001-70, H13, H15)."""
    (step,) = [step for step in agent["jobs"]["train"]["steps"] if step["name"] == "Train"]
    assert step["env"]["COLLECTED"] == "${{ needs.collect.outputs.looked }}"
    assert step["env"]["LOOKBACK_HOURS"] == "${{ inputs.lookback_hours }}"
    assert '--collected-sha256 "$COLLECTED"' in step["run"]
    assert '${LOOKBACK_HOURS:+--lookback-hours "$LOOKBACK_HOURS"}' in step["run"]


def test_what_was_observed_is_kept_for_a_day_at_most(agent: dict[str, Any]) -> None:
    """And deleted after delivery: on a public repository everybody may take it. A report is for people to take."""
    uploads = [step["with"] for step in steps_of(agent) if "upload-artifact" in step.get("uses", "")]
    assert [one["retention-days"] for one in uploads] == [1, 1, 30]
    assert all("github.run_id" in one["name"] for one in uploads)


def test_requirements_are_checked_by_their_hashes(agent: dict[str, Any]) -> None:
    """What is installed next to the secrets is what was reviewed (H22)."""
    installs = [step["run"] for step in steps_of(agent) if "pip install" in step.get("run", "")]
    assert len(installs) == 5
    assert all("--require-hashes" in one and "--no-deps" in one for one in installs)


def test_ci_asks_every_supported_python() -> None:
    """The versions of the classifiers, each through `make test` with its own interpreter."""
    (job,) = load(FOLDER / "ci.yml")["jobs"].values()
    classifiers = re.findall(r'Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert job["strategy"]["matrix"]["python"] == classifiers
    (command,) = [step for step in job["steps"] if "run" in step]
    assert command["run"] == ".ci/run"
    plan = subprocess.run(
        ["make", "--dry-run", "--always-make", ".venv/installed"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "the-python-of-the-matrix"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert plan.stdout.startswith("the-python-of-the-matrix -m venv")
    assert command["env"] == {"PYTHON": "python"}

"""The workflows hold to the rules of a careful house."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from runner import load

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
GUIDE = (ROOT / "docs" / "ai_ops" / "WORKFLOW.md").read_text(encoding="utf-8")
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
def agent() -> dict[str, Any]:
    """The workflow that runs the agent."""
    return load(FOLDER / "ai-ops-daily.yml")


def steps_of(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in workflow["jobs"].values():
        yield from job["steps"]


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
    for line in lines:
        assert re.fullmatch(r"(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@each_file
def test_no_expression_stands_in_a_command(path: Path) -> None:
    """What a person, a branch or a commit is called must never become part of a shell command (H13)."""
    commands = [step["run"] for step in steps_of(load(path)) if "run" in step]
    assert commands
    assert not [command for command in commands if "${{" in command]


@each_file
def test_rights_are_few_and_named(path: Path) -> None:
    """Nothing by default, no trigger that hands secrets to a stranger's code, no token on the disk (H14, H15)."""
    workflow = load(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    assert not workflow["on"].keys() & {"pull_request_target", "workflow_run", "issue_comment"}
    checkouts = [step for step in steps_of(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert all(job["timeout-minutes"] <= 30 for job in workflow["jobs"].values())


def test_it_runs_every_six_hours_and_by_hand(agent: dict[str, Any]) -> None:
    """Not on the hour, where GitHub drops runs; under the name that people look for (S001-44, -67, -68, R29)."""
    assert agent["name"] == "AI Ops Autonomous Optimization"
    (schedule,) = agent["on"]["schedule"]
    minute, hours, *rest = schedule["cron"].split()
    assert int(minute) % 2 == 1
    assert (hours, rest) == ("*/6", ["*", "*", "*"])
    assert agent["on"].keys() == {"schedule", "workflow_dispatch"}


def test_it_offers_the_modes_that_the_guide_explains(agent: dict[str, Any]) -> None:
    """A mode that does nothing yet is not offered, and none is secret (S001-68, S001-69, S001-72)."""
    mode = agent["on"]["workflow_dispatch"]["inputs"]["mode"]
    assert mode["type"] == "choice"
    assert mode["default"] in mode["options"]
    explained = GUIDE.partition("## Modes")[2].partition("\n## ")[0]
    assert mode["options"] == re.findall(r"^\| `(\w+)` \|", explained, re.MULTILINE)
    assert all(f"'{option}'" in agent["jobs"][option]["if"] for option in mode["options"])


def test_one_run_at_a_time(agent: dict[str, Any]) -> None:
    """A run that has begun to push shall end; the next one waits (H17)."""
    assert agent["concurrency"] == {"group": "ai-ops", "cancel-in-progress": False}


def test_only_the_job_that_pushes_may_write(agent: dict[str, Any]) -> None:
    """Contents, and nothing else: no pull requests, no packages, no identity (H14)."""
    assert {name: job["permissions"] for name, job in agent["jobs"].items()} == {"ops_cycle": {"contents": "write"}}


def test_secrets_reach_one_step_under_their_own_names(agent: dict[str, Any]) -> None:
    """All that the agent knows, in the one step that needs them, and explained in the guide (S001-59)."""
    holders = [step for step in steps_of(agent) if re.search(r"\bsecrets\b|github\.token", str(step))]
    assert [step["name"] for step in holders] == ["Run the cycle"]
    passed = {name for name, value in holders[0]["env"].items() if value == f"${{{{ secrets.{name} }}}}"}
    assert passed >= SECRETS
    assert passed == {name for name, value in holders[0]["env"].items() if "secrets." in value}
    assert passed == set(re.findall(r"^ *\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE))


def test_requirements_are_checked_by_their_hashes(agent: dict[str, Any]) -> None:
    """What is installed next to the secrets is what was reviewed (H22)."""
    (install,) = [step["run"] for step in steps_of(agent) if "pip install" in step.get("run", "")]
    assert "--require-hashes" in install


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

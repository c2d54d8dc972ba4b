"""The workflows that `neuropilot init` writes: the agent's own, pinned, and as careful as those."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from expressions import Scope, fill, holds
from runner import load
from shops import BRIEF, CYCLE, REPORT, TRAINING

from ai_ops.adopt.workflow_draft import CALLED, WORKFLOW, caller_text, full_text
from ai_ops.domain.adoption import Agent
from ai_ops.domain.errors import ConfigError
from ai_ops.wiring.onboard_workflow import SHIPPED, drafted_workflow

ROOT = Path(__file__).parents[2]
COMMIT = "1234567890123456789012345678901234567890"
"""All digits: unquoted, YAML would read a number."""

AGENT = Agent("acme/neuropilot", COMMIT, "17.3.0")


@pytest.fixture(params=["caller", "full"])
def written(request, tmp_path):
    """A repository's folder of workflows with the one that was drafted, and the draft."""
    draft = drafted_workflow(request.param, f"acme/neuropilot@{COMMIT}", pytest.fail)
    file = tmp_path / WORKFLOW
    file.parent.mkdir(parents=True)
    file.write_text(draft.text, encoding="utf-8")
    return file, draft


def check(*command: str | Path) -> None:
    """Run one of the checkers from this environment; it must have nothing to say."""
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_and_github_s_schema_have_nothing_to_say(written) -> None:
    """As strict as with the agent's own workflows (H13, H14)."""
    file, _ = written
    check("zizmor", "--offline", "--strict-collection", "--persona=pedantic", file.parent)
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", file)


def test_everything_is_pinned_and_stays_a_text(written) -> None:
    """The agent, and each action, by 40 digits that YAML does not take for a number (H14, H22)."""
    file, _ = written
    text = file.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+) # v\d+\.\d+\.\d+$", text, re.MULTILINE)
    assert len(used) == text.count("uses: ")
    assert all(re.search(r"@[0-9a-f]{40}$", one) for one in used)
    assert COMMIT in _strings(load(file))
    assert "docs/ai_ops" not in text.replace(f"https://github.com/acme/neuropilot/blob/{COMMIT}/docs/ai_ops", "")


def test_it_starts_like_the_agent_s_own(written) -> None:
    """The same schedules, the same modes by hand, one run at a time (S001-21, S001-67, S001-68)."""
    file, _ = written
    own, drafted = load(ROOT / WORKFLOW), load(file)
    assert (drafted["name"], drafted["on"]) == (own["name"], own["on"])
    assert drafted["permissions"] == {}
    assert not drafted["concurrency"]["cancel-in-progress"]


def test_the_caller_hands_on_what_the_called_one_takes() -> None:
    """Every right that a job of it asks for, and each of its secrets by its own name (S001-59)."""
    called = load(ROOT / CALLED)
    (job,) = _loaded(caller_text(*_own(WORKFLOW), AGENT))["jobs"].values()
    assert job["uses"] == f"acme/neuropilot/{CALLED}@{COMMIT}"
    assert job["with"] == {
        "agent_repository": "acme/neuropilot",
        "agent_ref": COMMIT,
        "mode": load(ROOT / WORKFLOW)["jobs"]["neuropilot"]["with"]["mode"],
        "lookback_hours": "${{ inputs.lookback_hours }}",
    }
    taken = called["on"]["workflow_call"]["secrets"]
    assert job["secrets"] == {name: f"${{{{ secrets.{name} }}}}" for name in taken}
    assert set(job["with"]) <= set(called["on"]["workflow_call"]["inputs"])
    for one in called["jobs"].values():
        for right, level in one["permissions"].items():
            assert level == "read" or job["permissions"][right] == "write"
            assert right in job["permissions"]


def test_the_full_one_has_the_called_one_s_jobs_and_no_inputs_but_a_person_s() -> None:
    """One source of truth: step for step the same, with this agent checked out (S001-69)."""
    called, full = load(ROOT / CALLED), _loaded(full_text(*_own(WORKFLOW, CALLED), AGENT, "3.11"))
    assert full["jobs"].keys() == called["jobs"].keys()
    for name, job in full["jobs"].items():
        theirs = called["jobs"][name]
        assert [step.get("run") for step in job["steps"]] == [
            step["run"].replace("docs/ai_ops", f"https://github.com/acme/neuropilot/blob/{COMMIT}/docs/ai_ops")
            if "run" in step
            else None
            for step in theirs["steps"]
        ]
        assert job["permissions"] == theirs["permissions"]
        agents = [step["with"] for step in job["steps"] if step["name"] == "Check out the agent"]
        assert all((one["repository"], one["ref"]) == ("acme/neuropilot", COMMIT) for one in agents)
    assert set(re.findall(r"\binputs\.(\w+)", str(full))) == {"mode", "lookback_hours"}


@pytest.mark.parametrize(
    ("event", "inputs", "jobs", "mode"),
    [
        ({"schedule": CYCLE}, {}, ["decide"], "ops_cycle"),
        ({"schedule": TRAINING}, {}, ["train"], "train_model"),
        ({"schedule": REPORT}, {}, ["report"], "daily_report"),
        ({"schedule": BRIEF}, {}, ["report"], "weekly_brief"),
        ({}, {"mode": "train_model", "lookback_hours": "168"}, ["train"], "train_model"),
        ({}, {"mode": "ops_cycle"}, ["decide"], "ops_cycle"),
        ({}, {"mode": "full_cycle"}, ["decide", "train", "report"], "full_cycle"),
    ],
)
def test_the_full_one_does_what_the_agent_s_own_does(event, inputs, jobs, mode) -> None:
    """The schedule's words about what is due stand where the mode is worked out (S001-21, -25, -70, -72)."""
    full = _loaded(full_text(*_own(WORKFLOW, CALLED), AGENT, "3.11"))["jobs"]
    needs = {
        "collect": {"result": "success", "outputs": {"mode": mode}},
        "deliver": {"result": "success" if "decide" in jobs else "skipped", "outputs": {}},
    }
    scope = Scope({"github": {"event": event}, "inputs": inputs, "needs": needs})
    assert [name for name in ("decide", "train", "report") if holds(full[name]["if"], scope)] == jobs
    (look,) = [step for step in full["collect"]["steps"] if step["name"] == "Collect"]
    assert fill(look["env"]["MODE"], scope) == mode
    (train,) = [step for step in full["train"]["steps"] if step["name"] == "Train"]
    assert fill(train["env"]["LOOKBACK_HOURS"], scope) == inputs.get("lookback_hours", "")


def test_the_secrets_that_are_listed_are_those_that_are_read(written) -> None:
    """A person sets them once, by these names (S001-59)."""
    file, draft = written
    assert set(draft.secrets) == set(re.findall(r"\bsecrets\.(\w+)", file.read_text(encoding="utf-8")))
    assert draft.secrets[0] == "PROMETHEUS_URL"


def test_a_package_ships_both_workflows() -> None:
    """Installed without a clone, `init` reads the same two files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert set(shipped) == {WORKFLOW, CALLED}
    assert all((ROOT / path).is_file() for path in shipped)
    assert {Path(path) for path in shipped.values()} == {
        SHIPPED.relative_to(ROOT) / Path(path).name for path in shipped
    }
    assert ".github/workflows" in project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]


@pytest.mark.parametrize(
    ("schedule", "called"),
    [
        ("jobs: {}\n", "permissions: {}\n"),
        ("", "\npermissions: {}\njobs: {}\n"),
        ("      mode: ${{ inputs.mode }}\n", "\npermissions: {}\n${{ inputs.x }}"),
        ("      mode: ${{ inputs.mode }}\n", "\npermissions: {}\nif: inputs.x == 'y'\n"),
    ],
)
def test_workflows_of_another_form_are_refused(schedule, called) -> None:
    """Better no draft than half of one."""
    with pytest.raises(ConfigError, match="nothing can be drafted"):
        caller_text(schedule, AGENT)
    with pytest.raises(ConfigError, match="nothing can be drafted"):
        full_text(schedule, called, AGENT, "3.11")


def _own(*paths: str) -> list[str]:
    return [(ROOT / path).read_text(encoding="utf-8") for path in paths]


def _loaded(text: str):
    import yaml

    return yaml.load(text, yaml.BaseLoader)  # texts only, and so `on` stays a word


def _strings(value) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_strings, value.values()))
    if isinstance(value, list):
        return set().union(*map(_strings, value))
    return set(value.split("@")) if isinstance(value, str) else set()

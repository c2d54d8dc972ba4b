"""Runs a job of a workflow on this machine, as GitHub's runner does: the same shell, files, variables and conditions.

`uses:` steps are replaced by listed stand-ins. What the runner does not know is an error, never skipped in silence.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from expressions import Scope, Value, as_text, fill, holds

if TYPE_CHECKING:
    from pathlib import Path

StandIn = Callable[["Path", Mapping[str, str]], None]
"""Does what an action would do, given the workspace and its inputs."""

_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # what `shell: bash` means
_JOB_KEYS = {"name", "if", "runs-on", "timeout-minutes", "permissions", "env", "steps"}
_STEP_KEYS = {"name", "id", "if", "uses", "with", "run", "env", "timeout-minutes"}


@dataclass(frozen=True, slots=True)
class Event:
    """What started the workflow, and what it may know.

    Parameters
    ----------
    github, inputs, secrets
        The contexts of these names.
    """

    github: Mapping[str, str]
    inputs: Mapping[str, Value] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepRun:
    """What became of one step; `environment` is what its command could see."""

    name: str
    status: str
    output: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobRun:
    """What became of a job; no steps when its condition kept it from running."""

    steps: tuple[StepRun, ...]
    workspace: Path
    summary: str

    @property
    def statuses(self) -> dict[str, str]:
        """By name of the step, "success", "failure" or "skipped"."""
        return {step.name: step.status for step in self.steps}

    @property
    def output(self) -> str:
        """The whole log."""
        return "".join(step.output for step in self.steps)


def load(path: Path) -> dict[str, Any]:
    """A workflow; its triggers stand under "on"."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    workflow["on"] = workflow.pop(True)  # YAML 1.1 takes a bare `on` for a truth value
    return workflow


class Runner:
    """A machine on which one job runs.

    Parameters
    ----------
    home
        An empty folder for everything the job leaves behind.
    environment
        The machine's own variables, PATH among them; nothing else of this process is inherited.
    stand_ins
        By name of the action, what runs in its place.
    """

    def __init__(self, home: Path, environment: Mapping[str, str], stand_ins: Mapping[str, StandIn]) -> None:
        self._home, self._stand_ins = home, stand_ins
        self._files = {name: home / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")}
        self._workspace = home / "workspace"
        self._environment = {
            **environment,
            **{name: str(file) for name, file in self._files.items()},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self._workspace),
            "HOME": str(home),
        }

    def run(self, workflow: Mapping[str, Any], job_name: str, event: Event) -> JobRun:
        """Run a job to its end."""
        job = workflow["jobs"][job_name]
        _refuse_unknown(job_name, job, _JOB_KEYS)
        if workflow.get("defaults") != {"run": {"shell": "bash"}}:
            message = "this runner knows only `defaults: run: shell: bash`"
            raise ValueError(message)
        contexts = {"github": event.github, "inputs": event.inputs}
        self._workspace.mkdir(parents=True)
        for file in self._files.values():
            file.touch()
        steps: list[StepRun] = []
        if holds(as_text(job.get("if", True)), Scope(contexts)):
            shared = {**workflow.get("env", {}), **job.get("env", {})}
            for step in job["steps"]:
                has_failed = any(done.status == "failure" for done in steps)
                scope = Scope({**contexts, "secrets": event.secrets, "steps": {}}, has_failed)
                steps.append(self._step(step, scope, shared))
        return JobRun(tuple(steps), self._workspace, self._files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"))

    def _step(self, step: Mapping[str, Any], scope: Scope, shared: Mapping[str, Any]) -> StepRun:
        name = step["name"]
        _refuse_unknown(name, step, _STEP_KEYS)
        if not holds(as_text(step.get("if", True)), scope):
            return StepRun(name, "skipped")
        if "uses" in step:
            self._stand_ins[step["uses"].partition("@")[0]](self._workspace, _filled(step.get("with", {}), scope))
            return StepRun(name, "success")
        exported = _assignments(self._files["GITHUB_ENV"].read_text(encoding="utf-8"))
        environment = {**self._environment, **exported, **_filled({**shared, **step.get("env", {})}, scope)}
        script = self._home / "step.sh"
        script.write_text(fill(step["run"], scope), encoding="utf-8")
        done = subprocess.run(
            [*_BASH, script],
            cwd=self._workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60 * float(step.get("timeout-minutes", 5)),
            check=False,
        )
        status = "failure" if done.returncode else "success"
        return StepRun(name, status, done.stdout.decode(errors="replace"), environment)


def _refuse_unknown(name: str, mapping: Mapping[str, Any], known: set[str]) -> None:
    if unknown := mapping.keys() - known:
        message = f"{name}: this runner does not know {', '.join(sorted(unknown))}"
        raise ValueError(message)


def _filled(mapping: Mapping[str, Value], scope: Scope) -> dict[str, str]:
    return {key: fill(as_text(value), scope) for key, value in mapping.items()}


def _assignments(text: str) -> dict[str, str]:
    """Variables that earlier steps wrote to $GITHUB_ENV: `name=value`, or `name<<END` and lines up to `END`."""
    found = re.finditer(r"^(\w+)(?:=(.*)|<<(\S+)\n((?:.*\n)*?)\3)$", text, re.MULTILINE)
    return {one[1]: one[2] if one[3] is None else one[4].removesuffix("\n") for one in found}

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

_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")  # what `shell: bash` means
_JOB_KEYS = {"name", "if", "needs", "runs-on", "timeout-minutes", "permissions", "env", "outputs", "steps"}
_STEP_KEYS = {"name", "id", "if", "uses", "with", "run", "env", "timeout-minutes"}
_TOLD = ("repository", "api_url", "server_url", "run_id")  # of the context github, what is also a variable


@dataclass(frozen=True, slots=True)
class Machine:
    """What an action may touch of the machine that it runs on.

    Parameters
    ----------
    job
        Name of the job.
    workspace, temp
        Its folders: where a step begins, and what `runner.temp` means.
    """

    job: str
    workspace: Path
    temp: Path


StandIn = Callable[[Machine, Mapping[str, str]], Mapping[str, str]]
"""Does what an action would do, given its inputs, and gives its outputs."""


@dataclass(frozen=True, slots=True)
class Event:
    """What started the workflow, and what it may know.

    Parameters
    ----------
    github, inputs, secrets
        The contexts of these names.
    token
        Gives the token of a job with these permissions.
    """

    github: Mapping[str, Any]
    inputs: Mapping[str, Value] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    token: Callable[[Mapping[str, str]], str] = lambda _permissions: ""


@dataclass(frozen=True, slots=True)
class StepRun:
    """What became of one step; `environment` is what its command could see."""

    name: str
    status: str
    output: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobRun:
    """What became of a job; no steps when its condition kept it from running."""

    steps: tuple[StepRun, ...]
    home: Path
    summary: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """What others that wait for it see: "success", "failure" or "skipped"."""
        if not self.steps:
            return "skipped"
        return "failure" if any(step.status == "failure" for step in self.steps) else "success"

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
        self._workspace, self._temp = home / "workspace", home / "temp"
        self._environment = {
            **environment,
            **{name: str(file) for name, file in self._files.items()},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self._workspace),
            "RUNNER_TEMP": str(self._temp),
            "HOME": str(home),
        }

    def run(self, workflow: Mapping[str, Any], name: str, event: Event, waited_for: Scope) -> JobRun:
        """Run a job to its end, or not at all where its condition says so; the scope tells of those it waits for."""
        job = workflow["jobs"][name]
        refuse_unknown(name, job, _JOB_KEYS)
        if workflow.get("defaults") != {"run": {"shell": "bash"}}:
            message = "this runner knows only `defaults: run: shell: bash`"
            raise ValueError(message)
        if not holds(as_text(job.get("if", True)), waited_for):
            return JobRun((), self._home)
        for folder in (self._workspace, self._temp):
            folder.mkdir(parents=True)
        contexts = {
            **waited_for.contexts,
            "github": {**event.github, "token": event.token(job["permissions"])},
            "runner": {"temp": str(self._temp)},
            "secrets": event.secrets,
        }
        shared = filled({**workflow.get("env", {}), **job.get("env", {})}, waited_for)
        told = {f"GITHUB_{key.upper()}": event.github[key] for key in _TOLD if key in event.github}
        machine = Machine(name, self._workspace, self._temp)
        steps: list[StepRun] = []
        known: dict[str, Any] = {}
        for step in job["steps"]:
            scope = Scope({**contexts, "steps": known}, any(done.status == "failure" for done in steps))
            steps.append(self._step(step, machine, scope, {**told, **shared}))
            if "id" in step:
                known[step["id"]] = {"outputs": steps[-1].outputs}
        outputs = filled(job.get("outputs", {}), Scope({**contexts, "steps": known}))
        summary = self._files["GITHUB_STEP_SUMMARY"]
        return JobRun(tuple(steps), self._home, summary.read_text("utf-8") if summary.exists() else "", outputs)

    def _step(self, step: Mapping[str, Any], machine: Machine, scope: Scope, shared: Mapping[str, str]) -> StepRun:
        name = step["name"]
        refuse_unknown(name, step, _STEP_KEYS)
        if not holds(as_text(step.get("if", True)), scope):
            return StepRun(name, "skipped")
        if "uses" in step:
            act = self._stand_ins[step["uses"].partition("@")[0]]
            return StepRun(name, "success", outputs=act(machine, filled(step.get("with", {}), scope)))
        exported = _assignments(_read(self._files["GITHUB_ENV"]))
        environment = {**self._environment, **exported, **shared, **filled(step.get("env", {}), scope)}
        script = self._home / "step.sh"
        script.write_text(fill(step["run"], scope), encoding="utf-8")
        before = len(_read(self._files["GITHUB_OUTPUT"]))
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
        outputs = _assignments(_read(self._files["GITHUB_OUTPUT"])[before:])
        return StepRun(name, status, done.stdout.decode(errors="replace"), environment, outputs)


def refuse_unknown(name: str, mapping: Mapping[str, Any], known: set[str]) -> None:
    """Stop at a key that nobody here understands."""
    if unknown := mapping.keys() - known:
        message = f"{name}: this runner does not know {', '.join(sorted(unknown))}"
        raise ValueError(message)


def filled(mapping: Mapping[str, Value], scope: Scope) -> dict[str, str]:
    """The mapping with the value of every expression in its place."""
    return {key: fill(as_text(value), scope) for key, value in mapping.items()}


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _assignments(text: str) -> dict[str, str]:
    """What steps wrote to $GITHUB_ENV or $GITHUB_OUTPUT: `name=value`, or `name<<END` and lines up to `END`."""
    found = re.finditer(r"^([\w-]+)(?:=(.*)|<<(\S+)\n((?:.*\n)*?)\3)$", text, re.MULTILINE)
    return {one[1]: one[2] if one[3] is None else one[4].removesuffix("\n") for one in found}

"""Runs a whole workflow: every job after those it needs, each on a machine of its own, called workflows included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from expressions import Scope, Value, as_text, holds
from runner import Event, JobRun, filled, load, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runner import Runner

    MachineOf = Callable[[str], Runner]

_WORKFLOW_KEYS = {"name", "on", "permissions", "concurrency", "defaults", "env", "jobs"}
_CALL_KEYS = {"name", "if", "needs", "permissions", "uses", "with", "secrets"}
_RIGHTS = ("none", "read", "write")


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """What became of every job, by its name; those of a called workflow stand under their own."""

    jobs: Mapping[str, JobRun]

    @property
    def results(self) -> dict[str, str]:
        """By name of the job, "success", "failure" or "skipped"."""
        return {name: job.result for name, job in self.jobs.items()}

    @property
    def output(self) -> str:
        """All logs."""
        return "".join(job.output for job in self.jobs.values())

    @property
    def summary(self) -> str:
        """All summaries."""
        return "".join(job.summary for job in self.jobs.values())


def run_workflow(path: Path, event: Event, machine: MachineOf, root: Path) -> WorkflowRun:
    """Run the workflow in `path`; workflows that it calls are those of the repository at `root`."""
    return WorkflowRun(_run(load(path), event, machine, root, None))


def _run(
    workflow: Mapping[str, Any], event: Event, machine: MachineOf, root: Path, granted: Mapping[str, str] | None
) -> dict[str, JobRun]:
    refuse_unknown("workflow", workflow, _WORKFLOW_KEYS)
    runs: dict[str, JobRun] = {}
    for name in _in_order(workflow["jobs"]):
        job = workflow["jobs"][name]
        scope = _scope(workflow["jobs"], name, event, runs)
        if "uses" in job:
            refuse_unknown(name, job, _CALL_KEYS)
            if holds(as_text(job.get("if", True)), scope):
                runs |= _call(job, replace(event, inputs=_with(job, scope)), machine, root)
            continue
        _refuse_more_rights(name, job["permissions"], granted)
        runs[name] = machine(name).run(workflow, name, event, scope)
    return runs


def _call(job: Mapping[str, Any], event: Event, machine: MachineOf, root: Path) -> dict[str, JobRun]:
    """Run a called workflow with the inputs and the secrets that it declares, and no others."""
    here, _, path = job["uses"].partition("/")
    if here != ".":
        message = f"{job['uses']}: only workflows of this repository can be called here"
        raise ValueError(message)
    workflow = load(root / path)
    declared = workflow["on"]["workflow_call"]
    refuse_unknown("with", event.inputs, set(declared["inputs"]))
    refuse_unknown("secrets", job["secrets"], set(declared["secrets"]))
    inputs = {name: one["default"] for name, one in declared["inputs"].items()} | dict(event.inputs)
    secrets = filled(job["secrets"], Scope({"secrets": event.secrets}))
    return _run(workflow, replace(event, inputs=inputs, secrets=secrets), machine, root, job["permissions"])


def _with(job: Mapping[str, Any], scope: Scope) -> dict[str, Value]:
    return dict(filled(job.get("with", {}), scope))


def _scope(jobs: Mapping[str, Any], name: str, event: Event, runs: Mapping[str, JobRun]) -> Scope:
    """What a job's condition knows of those it waits for, and of those that they wait for."""
    needs = {one: {"result": runs[one].result, "outputs": _outputs(jobs[one], runs[one])} for one in _needs(jobs[name])}
    before = {runs[one].result for one in _ancestors(jobs, name)}
    contexts = {"github": event.github, "inputs": event.inputs, "needs": needs}
    return Scope(contexts, "failure" in before, "skipped" in before)


def _outputs(job: Mapping[str, Any], run: JobRun) -> dict[str, str]:
    """Every output that the job declares; those of a job that did not come so far are empty."""
    return dict.fromkeys(job.get("outputs", {}), "") | dict(run.outputs)


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else needs


def _ancestors(jobs: Mapping[str, Any], name: str) -> set[str]:
    direct = set(_needs(jobs[name]))
    return direct.union(*(_ancestors(jobs, one) for one in direct))


def _in_order(jobs: Mapping[str, Any]) -> list[str]:
    """Every job after those that it waits for."""
    return sorted(jobs, key=lambda name: (len(_ancestors(jobs, name)), name))


def _refuse_more_rights(name: str, wanted: Mapping[str, str], granted: Mapping[str, str] | None) -> None:
    """A called workflow may not take a right that its caller does not give: GitHub does not even start it."""
    if granted is None:
        return
    more = {one for one, right in wanted.items() if _RIGHTS.index(right) > _RIGHTS.index(granted.get(one, "none"))}
    if more:
        message = f"{name} takes rights that its caller does not give: {', '.join(sorted(more))}"
        raise ValueError(message)

"""The runner of whole workflows orders, hands over and refuses as GitHub does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from runner import Event, Runner
from whole_runs import WorkflowRun, run_workflow

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = {"PATH": "/usr/bin:/bin"}


def job(command: str = "true", **more: Any) -> dict[str, Any]:
    """A job of one step."""
    return {"permissions": {}, "runs-on": "here", "steps": [{"name": "Act", "id": "act", "run": command}], **more}


def workflow(jobs: dict[str, Any], triggers: object = "push") -> dict[Any, Any]:
    """A workflow; YAML 1.1 reads its `on` as a truth value."""
    return {True: triggers, "permissions": {}, "defaults": {"run": {"shell": "bash"}}, "jobs": jobs}


def call(called: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A job that calls `called.yml`."""
    return {"uses": "./called.yml", "permissions": {"contents": "read"}, "secrets": {}, **called, **more}


@pytest.fixture
def run(tmp_path: Path):
    """Runs a workflow, given as a mapping, beside another one that it may call."""

    def runs(whole: dict[Any, Any], called: dict[Any, Any] | None = None, event: Event | None = None) -> WorkflowRun:
        (tmp_path / "whole.yml").write_text(yaml.safe_dump(whole))
        (tmp_path / "called.yml").write_text(yaml.safe_dump(called))
        home = tmp_path / f"run {len(list(tmp_path.iterdir()))}"
        return run_workflow(
            tmp_path / "whole.yml", event or Event({}), lambda name: Runner(home / name, MACHINE, {}), tmp_path
        )

    return runs


def test_a_job_waits_for_those_it_needs_and_takes_what_they_give(run):
    """By the name of the job and of the output; machines share nothing else."""
    give = job('echo "word=hello" >> "$GITHUB_OUTPUT"; touch left', outputs={"word": "${{ steps.act.outputs.word }}"})
    take = job('echo "[$WORD]"; ls', needs="give", env={"WORD": "${{ needs.give.outputs.word }}"})
    done = run(workflow({"after": take, "give": give}))
    assert done.results == {"give": "success", "after": "success"}
    assert done.jobs["after"].output == "[hello]\n"


def test_a_failure_skips_what_follows_and_calls_who_asked_for_it(run):
    """Also over a job between that was skipped."""
    jobs = {
        "first": job("exit 3"),
        "second": job(needs="first"),
        "notice": job(needs=["second"], **{"if": "failure()"}),
        "tidy": job(needs="second", **{"if": "always()"}),
        "beside": job(),
    }
    expected = {"first": "failure", "second": "skipped", "notice": "success", "tidy": "success", "beside": "success"}
    assert run(workflow(jobs)).results == expected
    assert run(workflow({**jobs, "first": job()})).results["notice"] == "skipped"


def test_a_called_workflow_gets_what_it_declares(run):
    """Inputs with their defaults, and the secrets that are handed on, under the names that it gives them."""
    declared = {"inputs": {"one": {"default": "1"}, "two": {"default": "2"}}, "secrets": {"KEY": {"required": False}}}
    show = job('echo "$ONE $TWO $KEY"')
    show["steps"][0]["env"] = {"ONE": "${{ inputs.one }}", "TWO": "${{ inputs.two }}", "KEY": "${{ secrets.KEY }}"}
    caller = call({"with": {"two": "${{ inputs.given }}"}, "secrets": {"KEY": "${{ secrets.OURS }}"}})
    event = Event({}, {"given": "3"}, {"OURS": "key", "KEY": "another"})
    done = run(workflow({"call": caller}), workflow({"show": show}, {"workflow_call": declared}), event)
    assert done.jobs["show"].output == "1 3 key\n"


@pytest.mark.parametrize(
    ("caller", "called", "words"),
    [
        ({"with": {"three": "3"}}, job(), "does not know three"),
        ({"secrets": {"OTHER": "x"}}, job(), "does not know OTHER"),
        ({}, job(permissions={"contents": "write"}), "takes rights that its caller does not give: contents"),
        ({}, job(permissions={"actions": "read"}), "takes rights that its caller does not give: actions"),
        ({"strategy": {}}, job(), "does not know strategy"),
        ({"uses": "acme/shop/called.yml@main"}, job(), "only workflows of this repository"),
        ({}, job(container="docker"), "does not know container"),
    ],
)
def test_what_github_would_refuse_or_nobody_here_knows_is_an_error(run, caller, called, words):
    """A workflow must not pass here and fail there."""
    declared = {"workflow_call": {"inputs": {"one": {"default": ""}}, "secrets": {"KEY": {}}}}
    with pytest.raises(ValueError, match=words):
        run(workflow({"call": call(caller)}), workflow({"called": called}, declared))


def test_an_output_that_no_job_declares_is_an_error(run):
    """A misspelt name would be an empty text on GitHub, and an empty SHA-256 here."""
    with pytest.raises(ValueError, match="no such context or property"):
        run(workflow({"first": job(), "next": job(needs="first", env={"A": "${{ needs.other.outputs.word }}"})}))

"""What the workflow's step that trains asks of the agent, whoever started the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from expressions import Scope
from runner import Event, Runner, load
from shops import ROOT

from ai_ops.adopt.workflow_draft import CALLED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALWAYS = ["-P", "-m", "ai_ops", "train", "--apply"]


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., list[str]]:
    """Runs the job `train` with a program in Python's place that writes down what it is asked; gives its last words."""
    programs, words = tmp_path / "programs", tmp_path / "words"
    programs.mkdir()
    (programs / "python").write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" > {words}\n')
    (programs / "python").chmod(0o755)
    actions = ("actions/checkout", "actions/setup-python", "actions/download-artifact")
    stand_ins = dict.fromkeys(actions, lambda _machine, _inputs: {})

    def asks(event_name: str, lookback_hours: str) -> list[str]:
        github = {"event_name": event_name, "server_url": "https://github.example", "run_id": "42"}
        inputs = {"mode": "train_model", "agent_repository": "", "python": "3.11", "lookback_hours": lookback_hours}
        collect = {"result": "success", "outputs": {"looked": "0b5e", "mode": "train_model"}}
        scope = Scope(
            {
                "github": github,
                "inputs": inputs,
                "needs": {"collect": collect, "deliver": {"result": "skipped", "outputs": {}}},
            }
        )
        machine = Runner(tmp_path / "machine", {"PATH": f"{programs}:/usr/bin:/bin"}, stand_ins)
        run = machine.run(load(ROOT / CALLED), "train", Event(github, inputs), scope)
        assert run.result == "success", run.output
        return words.read_text().splitlines()

    return asks


def test_a_night_s_training_goes_back_as_far_as_nothing_was_learned(asked: Callable[..., list[str]]) -> None:
    """A night that was missed is caught up; the settings may want no training (S001-21, S004-27, S004-32, R29)."""
    words = asked("schedule", "")
    assert words[:6] == [*ALWAYS, "--scheduled"]
    assert "--lookback-hours" not in words
    assert words[words.index("--collected-sha256") + 1] == "0b5e"


@pytest.mark.parametrize("hours", ["168", "1; touch pwned", "$(touch pwned) --rebuild", '" --rebuild "'])
def test_what_a_person_types_stays_one_word(asked: Callable[..., list[str]], tmp_path: Path, hours: str) -> None:
    """The verb alone says whether it is a number of hours; no shell reads it (S001-65, S001-70, H13)."""
    words = asked("workflow_dispatch", hours)
    assert words[:6] == [*ALWAYS, "--collected"]
    assert words[words.index("--lookback-hours") + 1] == hours
    assert "--rebuild" not in words
    assert not list(tmp_path.rglob("pwned"))

"""A named pipe where a file belongs: it is refused at once, and nothing waits for a writer who never comes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from agents import CONFIG, make_agent_site
from repositories import isolate
from unprivileged import neuropilot

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = "mode: commit\ntuning: {policy: rules}\nmetrics: {source: simulated}\nstate: {store: %s}\n"
PAUSE = "ai_ops/state/paused.json"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that remembers in its folders."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, settings=SETTINGS % "folders").clone("checkout")


def put_pipe(place: Path) -> None:
    """Put a named pipe at `place`."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    os.mkfifo(place)


@pytest.mark.parametrize("path", [".env", CONFIG])
def test_settings_are_never_waited_for(clone: Path, path: str) -> None:
    """Nobody ever writes into it (S001-127)."""
    put_pipe(clone / path)
    done = neuropilot("run", cwd=clone)
    assert done.returncode == 1, done.stderr
    assert f"{path} cannot be read" in done.stderr


def test_settings_that_may_not_be_seen_are_not_missing(clone: Path) -> None:
    """A run on the defaults would be another agent than the team's."""
    (clone / CONFIG).parent.chmod(0)
    try:
        done = neuropilot("run", cwd=clone)
    finally:
        (clone / CONFIG).parent.chmod(0o755)
    assert done.returncode == 1, done.stderr
    assert "ops_config.yaml cannot be read: Permission denied" in done.stderr


def test_a_folder_called_env_is_somebodys_python(clone: Path) -> None:
    """Many call their virtual environment so."""
    (clone / ".env").mkdir()
    assert neuropilot("run", cwd=clone).returncode == 0


@pytest.mark.parametrize("store", ["folders", "branch"])
def test_a_pause_that_is_a_pipe_stops_every_change(clone: Path, store: str) -> None:
    """What cannot be read counts as a pause (H26)."""
    (clone / CONFIG).write_text(SETTINGS % store)
    put_pipe(clone / PAUSE)
    done = neuropilot("run", "--apply", cwd=clone)
    said = done.stdout + done.stderr
    assert PAUSE in said
    assert "no plain file" in said
    assert "committed" not in said
    assert done.returncode == (0 if store == "folders" else 2), said
    assert neuropilot("resume", cwd=clone).returncode == 0
    assert not os.path.lexists(clone / PAUSE)


def test_a_ledger_that_is_a_pipe_is_told(clone: Path) -> None:
    """As any file that cannot be read."""
    put_pipe(clone / "ai_ops/state/episodes.jsonl")
    done = neuropilot("history", cwd=clone)
    assert done.returncode == 2, done.stderr
    assert "episodes.jsonl: cannot be read (it is no plain file)" in done.stderr

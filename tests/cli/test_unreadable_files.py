"""Files that cannot be read: the path, what to do, and the exit code of what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from agents import CONFIG, make_agent_site
from repositories import isolate
from unprivileged import neuropilot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = "tuning: {policy: rules}\nmetrics: {source: simulated}\nstate: {store: folders}\n"
STATE = "ai_ops/state"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that remembers in its folders."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, settings=SETTINGS).clone("checkout")


@pytest.fixture
def closed_state(clone: Path) -> Iterator[Path]:
    """A memory whose folder may not be entered."""
    folder = clone / STATE
    folder.mkdir()
    (folder / "episodes.jsonl").write_text("")
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)


@pytest.mark.parametrize("verb", ["history", "ledger verify", "explain web-20261102T00Z", "run"])
def test_a_memory_that_may_not_be_entered_is_told(clone: Path, closed_state: Path, verb: str) -> None:
    """Whoever runs the agent as another user learns which folder to open."""
    done = neuropilot(*verb.split(), cwd=clone)
    assert done.returncode == 2, done.stderr
    assert f"{closed_state}" in done.stderr
    assert "ermission" in done.stderr
    assert "internal error" not in done.stderr


def test_init_names_the_file_that_it_may_not_look_for(clone: Path) -> None:
    """It never takes a file that it cannot see for one that is missing."""
    (clone / CONFIG).parent.chmod(0)
    try:
        done = neuropilot("init", "--workflow", "none", cwd=clone)
    finally:
        (clone / CONFIG).parent.chmod(0o755)
    assert done.returncode == 1, done.stderr
    assert CONFIG in done.stderr
    assert "ermission" in done.stderr


@pytest.mark.parametrize("verb", ["state show", "state push", "state pull"])
def test_a_folder_in_the_place_of_a_state_file_is_told(clone: Path, verb: str) -> None:
    """What is to be kept must be a plain file."""
    (clone / CONFIG).write_text(SETTINGS.replace("folders", "branch"))
    (clone / STATE / "sent.json").mkdir(parents=True)
    done = neuropilot(*verb.split(), cwd=clone)
    assert done.returncode == 2, done.stderr
    assert "sent.json: cannot be read" in done.stderr

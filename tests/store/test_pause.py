"""The kill switch holds, and fails closed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ai_ops.domain.errors import StateError
from ai_ops.redact import Redactor
from ai_ops.store import state_file
from ai_ops.store.pause import KillSwitch, Pause

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def test_a_pause_holds_until_somebody_resumes(tmp_path: Path) -> None:
    """Every later run sees who stopped it, when and why."""
    path = tmp_path / "state" / "paused.json"
    assert KillSwitch(path).read() is None
    KillSwitch(path).pause("black friday", "ana", NOON)
    assert KillSwitch(path).read() == Pause("black friday", "ana", NOON)
    assert KillSwitch(path).resume()
    assert KillSwitch(path).read() is None


def test_resuming_what_runs_is_no_error(tmp_path: Path) -> None:
    """The command says that nothing was paused."""
    assert not KillSwitch(tmp_path / "paused.json").resume()


def test_pausing_again_gives_the_newer_reason(tmp_path: Path) -> None:
    """The last word counts."""
    switch = KillSwitch(tmp_path / "paused.json")
    switch.pause("release", "ana", NOON)
    switch.pause("incident", "ben", NOON)
    assert switch.read() == Pause("incident", "ben", NOON)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 2}',
        b'{"version": 1}',
        b'{"version": 1, "reason": "", "by": "", "since": 7}',
        b"\xff",
    ],
)
def test_an_unreadable_pause_is_a_pause(tmp_path: Path, content: bytes) -> None:
    """Whoever tried to stop the agent has stopped it (H32)."""
    path = tmp_path / "paused.json"
    path.write_bytes(content)
    pause = KillSwitch(path).read()
    assert pause
    assert "neuropilot resume" in pause.reason
    assert KillSwitch(path).resume()
    assert KillSwitch(path).read() is None


def test_a_folder_in_its_place_is_a_pause_that_says_how_to_end_it(tmp_path: Path) -> None:
    """`resume` cannot remove it, and says so."""
    path = tmp_path / "paused.json"
    path.mkdir()
    assert KillSwitch(path).read()
    with pytest.raises(StateError, match="remove it by hand"):
        KillSwitch(path).resume()


def test_a_pause_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Nobody believes in a pause that is not there."""
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StateError, match="could not be written"):
        KillSwitch(tmp_path / "state" / "paused.json").pause("incident", "ana", NOON)


@pytest.mark.parametrize("put", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_whatever_stands_there_is_a_pause(tmp_path: Path, put) -> None:
    """A pipe, a folder, a link to nothing: somebody put it there, and reading it waits for nobody (H32)."""
    path = tmp_path / "paused.json"
    put(path)
    pause = KillSwitch(path).read()
    assert pause
    assert "neuropilot resume" in pause.reason


def test_the_reason_of_a_pause_is_kept_without_what_must_not_be_told(tmp_path: Path) -> None:
    """It lies in git, and every run says it again; also one that an older release has kept (H09, H11)."""
    path = tmp_path / "paused.json"
    switch = KillSwitch(path, Redactor(["correct-horse"]))
    kept = switch.pause("correct-horse is out, says jane@example.org", "ana", NOON)
    assert kept == switch.read() == Pause("*** is out, says [e-mail]", "ana", NOON)
    long = f"{'x' * 290} correct-horse is out"
    state_file.save(path, 1, {"reason": long, "by": "ana", "since": NOON.isoformat()})
    pause = switch.read()
    assert pause is not None
    assert "correc" not in pause.reason

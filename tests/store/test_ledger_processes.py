"""The ledger survives what happens to real processes: kills, full disks, and one another."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from examples import an_episode

from ai_ops.domain.errors import StateError
from ai_ops.store.ledger import Ledger

APPENDER = Path(__file__).with_name("append_episodes.py")


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start a process that appends."""
    return subprocess.Popen(
        [sys.executable, APPENDER, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_two_processes_that_append_at_once_make_one_chain(tmp_path: Path) -> None:
    """Nothing is lost, torn or twice when two cycles of different services end together (H17)."""
    processes = [start(tmp_path, service, 50) for service in ("web", "api")]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, "")
    ledger = Ledger(tmp_path, warn=pytest.fail)
    assert ledger.verify() == ()
    assert len(ledger.episodes()) == 100
    assert [episode.id for episode in ledger.episodes("api")] == [f"api-{number}" for number in range(50)]


def test_a_killed_process_leaves_a_ledger_that_goes_on(tmp_path: Path) -> None:
    """Killed at any moment, every line that was reported is there, and the next run appends behind it (H24)."""
    rng = random.Random(7)
    reported: list[str] = []
    for _ in range(6):
        with start(tmp_path, "web", 10_000) as process:
            assert process.stdout
            assert process.stderr
            reported.append(process.stdout.readline().strip())
            time.sleep(rng.uniform(0.0, 0.05))
            process.kill()
            reported += process.stdout.read().split()
        ledger = Ledger(tmp_path, warn=lambda _: None)
        assert ledger.verify() == ()
        kept = [episode.id for episode in ledger.episodes()]
        assert kept[: len(reported)] == reported
        assert len(kept) <= len(reported) + 1
        reported = kept


def test_a_full_disk_is_said_and_leaves_the_ledger_whole(tmp_path: Path) -> None:
    """The line that did not fit is taken back, and there is room for it once the disk has some (H24)."""
    process = start(tmp_path, "web", 100, 10_000)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "StateError" in said
    assert "could not be written (File too large)" in said
    assert "Free space" in said
    ledger = Ledger(tmp_path, warn=pytest.fail)
    assert ledger.verify() == ()
    assert [episode.id for episode in ledger.episodes()] == printed.split()
    ledger.append(an_episode())
    assert ledger.verify() == ()


def test_a_head_that_cannot_be_written_takes_the_line_back(tmp_path: Path) -> None:
    """A line counts once it is whole in both places, or not at all."""
    (tmp_path / "ledger_head.json").symlink_to("/proc/no-such-folder/head")
    ledger = Ledger(tmp_path, warn=pytest.fail)
    with pytest.raises(StateError, match="could not be written"):
        ledger.append(an_episode())
    assert (tmp_path / "episodes.jsonl").read_bytes() == b""
    (tmp_path / "ledger_head.json").unlink()
    ledger.append(an_episode())
    assert ledger.verify() == ()


def test_a_ledger_can_be_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    """`explain` and `history` work on a read-only checkout."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    Ledger(tmp_path, warn=pytest.fail).append(an_episode())
    tmp_path.chmod(0o500)
    try:
        assert Ledger(tmp_path, warn=pytest.fail).episodes() == (an_episode(),)
    finally:
        tmp_path.chmod(0o700)

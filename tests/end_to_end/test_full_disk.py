"""The disk is full: what could not be written down does not happen, and the next run with room goes on."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from aftermath import check, commits
from agents import NOW, Agent, make_agent_site
from collisions import arguments_of, environment_of
from repositories import git

EPISODE = "web-20261102T00Z"
PAGE_BYTES = 4096


@pytest.mark.parametrize(
    ("file_bytes", "told"),
    [
        # No file can grow beyond that: a disk that is full refuses in the same way.
        (0, (4, "origin cannot be fetched")),  # a clone of depth 1 wants more history first
        (200, (2, "episodes.jsonl: could not be written (File too large)")),
        (1000, (2, "episodes.jsonl: could not be written (File too large)")),
    ],
)
def test_a_decision_that_cannot_be_written_down_does_not_happen(agent, site, slack, runs, file_bytes, told):
    """The file, and what to do; the ledger is whole and empty, and main is as it was."""
    tip, (code, words) = site.tip(), told
    done = runs.run(arguments_of(agent, NOW), environment_of(agent), file_bytes)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert "free space" in done.stderr.lower()
    assert "Traceback" not in done.stderr
    check(agent, site, slack)
    assert (site.tip(), agent.ledger, slack.cards) == (tip, [], [])
    assert agent.run() == 0
    assert commits(site) == {EPISODE: 1}


def test_room_for_the_decision_but_not_for_the_history(agent, site, slack, runs):
    """The cache and the log are no reason to stop."""
    done = runs.run(arguments_of(agent, NOW), environment_of(agent), 10_000)
    assert done.returncode == 0, done.stdout + done.stderr
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert not (agent.clone / "ai_ops/models/metrics_history.json").exists()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 4 MB; only root may have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk of its own can be mounted here: {mounted.stderr.strip()}")
    with ExitStack() as mounts:
        mounts.callback(subprocess.run, ["umount", "--lazy", folder], check=True)
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
@pytest.mark.parametrize("store", ["folders", "branch"])
@pytest.mark.parametrize(
    "free_pages", [0, 10, 60, *(pytest.param(pages, marks=pytest.mark.slow) for pages in (2, 5, 20))]
)
def test_a_disk_that_fills_up_on_the_way(tmp_path, small_disk, dear_service, runs, free_pages, store):
    """Wherever it is full: no half-written file, one commit at most, and with room the next run goes on."""
    site = make_agent_site(tmp_path, store=store)
    git(small_disk, "clone", "-q", site.url, "checkout")
    agent = Agent(small_disk / "checkout", {"PROMETHEUS_URL": dear_service.url})
    (small_disk / "tmp").mkdir()
    filler = fill(small_disk, free_pages)
    done = runs.run(arguments_of(agent, NOW), environment_of(agent) | {"TMPDIR": str(small_disk / "tmp")})
    assert done.returncode in {0, 2, 4}, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or "free space" in done.stderr.lower(), done.stderr
    assert done.returncode != 0 or commits(site) == {EPISODE: 1}
    check(agent, site)
    filler.unlink()
    assert agent.run() == 0
    check(agent, site)
    assert commits(site) == {EPISODE: 1}
    assert len(agent.ledger) == 1
    assert git(agent.clone, "status", "--porcelain") == ""


def fill(disk: Path, free_pages: int) -> Path:
    """Leave so many pages free; the file that takes the rest."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        file.write(b"x" * PAGE_BYTES * (os.statvfs(disk).f_bfree - free_pages))
    return filler


def test_a_checkout_that_cannot_follow_does_not_undo_what_landed(agent, site, slack, capsys):
    """The change is on the remote, so the run has done its work; it says what became of the checkout."""
    (agent.clone / ".git/refs/worktree").write_text("in the way\n")
    assert agent.run() == 0
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert len(slack.cards) == 1
    assert "the checkout was left as it is: refs/worktree/neuropilot/unfinished was not" in capsys.readouterr().out


def test_a_summary_that_cannot_be_written_degrades_the_run(agent, site, slack, capsys):
    """It is a courtesy to the reader of a CI run."""
    assert agent.run(summary=Path("/dev/full"), as_json=True) == 0
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    heard = capsys.readouterr()
    assert "Degraded: summary: /dev/full cannot be written (No space left on device)" in heard.err
    assert '"exit_code": 0' in heard.out


def test_a_log_that_cannot_be_written_is_one_sentence(agent, site, slack):
    """The run goes on without it."""
    agent.configure(log={"file": "/dev/full"})
    assert agent.run() == 0
    check(agent, site, slack)
    assert [warning for warning in agent.warnings if "log cannot be written" in warning] == agent.warnings
    assert len(agent.warnings) == 1


@pytest.mark.parametrize("is_gone", [True, False], ids=["a reader who has gone", "a full disk"])
def test_nobody_hears_the_run(agent, site, slack, runs, is_gone):
    """`| head -1`, and an output that goes to a disk which is full: the run does its work in silence."""
    reading, writing = os.pipe()
    os.close(reading)
    with Path("/dev/full").open("wb") as full:
        heard = writing if is_gone else full.fileno()
        run = runs.begin(arguments_of(agent, NOW), environment_of(agent), out=heard, err=heard)
    os.close(writing)
    assert run.wait() == 0
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert len(slack.cards) == 1

"""An answer that cannot be written is no defect of the agent, and no answer either."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from agents import make_agent_site
from repositories import isolate

SETTINGS = "tuning: {policy: rules}\nmetrics: {source: simulated}\nstate: {store: folders}\n"
NEUROPILOT = Path(sys.executable).parent / "neuropilot"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose agent runs on the embedded simulated service."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, settings=SETTINGS).clone("checkout")


def told_to(heard: int, clone: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and stderr of a command whose stdout is `heard`."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(clone)}
    done = subprocess.run(
        [NEUROPILOT, *arguments],
        cwd=clone,
        env=environment,
        stdout=heard,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("verb", ["history", "history --json", "run --json", "doctor --offline", "--help"])
def test_a_full_disk_behind_stdout_is_said(clone: Path, verb: str) -> None:
    """Exit code 4: what was asked for could not be delivered."""
    with Path("/dev/full").open("wb") as full:
        code, said = told_to(full.fileno(), clone, *verb.split())
    assert code == 4, said
    assert "error: the answer could not be written (No space left on device)" in said
    assert "report" not in said
    assert "Exception ignored" not in said


def test_an_error_is_told_though_its_document_cannot_be_written(clone: Path) -> None:
    """The first trouble is the one that counts."""
    with Path("/dev/full").open("wb") as full:
        code, said = told_to(full.fileno(), clone, "explain", "web-20261102T00Z", "--json")
    assert code == 1
    assert "web-20261102T00Z" in said
    assert "report" not in said


def test_a_reader_who_has_gone_hears_no_more(clone: Path) -> None:
    """`neuropilot history | head -1` is no reason to complain."""
    reading, writing = os.pipe()
    os.close(reading)
    code, said = told_to(writing, clone, "history", "--json")
    os.close(writing)
    assert (code, said) == (1, "")

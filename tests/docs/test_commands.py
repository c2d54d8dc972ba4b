"""Every command that a document shows is run, and what a document names exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agents import make_agent_site
from backfill import openmetrics
from repositories import git, isolate
from services import DEAR

from ai_ops.domain.metrics import CANONICAL_METRICS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs/ai_ops").glob("*.md")),
    ROOT / "infrastructure/terraform/README.md",
]
ELSEWHERE = {"make", "install", "github", "terraform"}
"""Marks of blocks that run in another test (make, install, terraform) or need GitHub itself."""

BLOCK = re.compile(r"^```sh *(?P<mark>\w*)\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT_CODES = {0: "done", 1: "settings", 2: "trustworthy", 3: "guardrail", 4: "delivered", 5: "defect"}


def blocks() -> list[tuple[str, str, str]]:
    """Every shell block: document, mark, commands."""
    return [
        (document.name, found["mark"], found["commands"])
        for document in DOCUMENTS
        for found in BLOCK.finditer(document.read_text(encoding="utf-8"))
    ]


@pytest.fixture
def shell(tmp_path, monkeypatch, start_prometheus):
    """A clone of a team's repository, a Prometheus with metrics up to now, and a shell in it."""
    isolate(monkeypatch)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    server = start_prometheus(openmetrics(replace(DEAR, end=now)))
    clone = make_agent_site(tmp_path).clone("checkout")
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith("GIT_")},
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
    }

    def run(commands: str) -> subprocess.CompletedProcess[str]:
        real = commands.replace("http://prometheus:9090", server.url)
        call = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", real]
        return subprocess.run(
            call, cwd=clone, env=environment, capture_output=True, text=True, check=False, timeout=110
        )

    return run


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_shell_command_of_the_documents_works(shell):
    """In reading order, as somebody would who types along."""
    tried = 0
    for document, mark, commands in blocks():
        if mark in ELSEWHERE:
            continue
        done = shell(f"export PROMETHEUS_URL=http://prometheus:9090\n{commands}")
        assert done.returncode == 0, f"{document}:\n{commands}\n{done.stdout}\n{done.stderr}"
        tried += 1
    assert tried >= 4


def test_every_mark_of_a_shell_block_is_known():
    """A misspelt mark would silently skip a command."""
    assert {mark for _, mark, _ in blocks()} <= {"", *ELSEWHERE}


@pytest.mark.slow
def test_the_two_commands_work_on_a_fresh_clone(tmp_path, monkeypatch):
    """`make run` builds its own environment, installs, and shows a cycle (S001-50)."""
    isolate(monkeypatch)
    clone = tmp_path / "clone"
    for name in git(ROOT, "ls-files").splitlines():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, clone / name)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "CI"))}
    done = subprocess.run(
        ["make", "run"], cwd=clone, env=environment, capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stderr
    assert "+cpu_scale_in_percent" in done.stdout
    (make,) = [commands for document, mark, commands in blocks() if document == "README.md" and mark == "make"]
    assert [line.split()[1] for line in make.splitlines()] == ["run", "test"]


def test_the_readme_shows_what_the_demo_says(tmp_path):
    """The excerpt on the first screen is the real output."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    excerpt = re.search(r"^```text\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert excerpt
    command = [Path(sys.executable).parent / "neuropilot", "demo", "--folder", tmp_path / "demo"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    lines = [line.strip() for line in excerpt[1].splitlines()]
    assert [line for line in lines if line not in {one.strip() for one in told.splitlines()}] == []


def test_the_exit_codes_are_documented():
    """The table in the README is the one in the code."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for code, word in EXIT_CODES.items():
        (row,) = [line for line in readme.splitlines() if line.startswith(f"| {code} |")]
        assert word in row


@pytest.mark.parametrize("metric", CANONICAL_METRICS)
def test_every_metric_has_a_name_in_the_documents(metric):
    """Canonical names are the vocabulary."""
    assert any(metric in document.read_text(encoding="utf-8") for document in DOCUMENTS)


@pytest.mark.parametrize(
    "verb",
    [
        "run",
        "demo",
        "init",
        "doctor",
        "scan",
        "explain",
        "history",
        "judge",
        "autonomy",
        "capacity",
        "twin show",
        "what-if",
        "simulate",
        "replay",
        "pause",
        "resume",
        "ledger verify",
        "reward",
    ],
)
def test_every_verb_is_documented(verb):
    """A verb that no document names is not there for a reader."""
    assert any(f"neuropilot {verb}" in document.read_text(encoding="utf-8") for document in DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document):
    """A reader who clicks arrives."""
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target

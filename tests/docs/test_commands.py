"""Every command that a document shows is run, and what a document names exists."""

from __future__ import annotations

import os
import re
import shlex
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

from ai_ops.cli.main import app, exit_code_of
from ai_ops.domain.metrics import CANONICAL_METRICS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs/ai_ops").glob("*.md")),
    ROOT / "infrastructure/terraform/README.md",
]
PAGES = [*DOCUMENTS, *sorted((ROOT / "docs/adr").glob("*.md")), *sorted((ROOT / "infrastructure").glob("[gp]*/*.md"))]
"""All that has links; only what stands in `DOCUMENTS` is typed along."""

ELSEWHERE = {"make", "install", "github", "terraform", "jq"}
"""Marks of blocks that run in another test (make, install, terraform, jq) or need GitHub itself."""

BLOCK = re.compile(r"^```sh *(?P<mark>\w*)\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)
PLAIN = re.compile(r"neuropilot( [-\w.=/]+| \"[\w .]+\")+")
"""A command line that means the same without a shell."""

EXIT_CODES = {0: "done", 1: "settings", 2: "trustworthy", 3: "guardrail", 4: "delivered", 5: "defect"}


def blocks() -> list[tuple[str, str, str]]:
    """Every shell block: document, mark, commands."""
    return [
        (document.name, found["mark"], found["commands"])
        for document in DOCUMENTS
        for found in BLOCK.finditer(document.read_text(encoding="utf-8"))
    ]


def of_a_shell(commands: str) -> bool:
    """Whether anything there means more to a shell than our verbs and their arguments."""
    lines = [line.partition("#")[0].strip() for line in commands.splitlines()]
    return any(line and not PLAIN.fullmatch(line) for line in lines)


@pytest.fixture
def checkout(tmp_path, monkeypatch, start_prometheus):
    """A clone of a team's repository as current folder; a Prometheus with metrics up to now; hardly any environment."""
    isolate(monkeypatch)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    server = start_prometheus(openmetrics(replace(DEAR, end=now)))
    for name in [name for name in os.environ if not name.startswith(("GIT_", "PYTEST_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PROMETHEUS_URL", server.url)
    monkeypatch.chdir(make_agent_site(tmp_path).clone("checkout"))


def type_in_a_shell(commands: str) -> int:
    """Let bash do it, and stop at the first failure."""
    real = commands.replace("http://prometheus:9090", os.environ["PROMETHEUS_URL"])
    call = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", real]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=110)
    print(done.stdout, done.stderr)  # noqa: T201  # pytest shows it when the command failed
    return done.returncode


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("checkout")
def test_every_shell_command_of_the_documents_works():
    """Once, in reading order, as somebody would who types along; our own verbs without a new process for each."""
    tried = set()
    for document, mark, commands in blocks():
        if mark in ELSEWHERE:
            continue
        if of_a_shell(commands):
            assert type_in_a_shell(commands) == 0, f"{document}:\n{commands}"
            continue
        for line in commands.splitlines():
            _, *arguments = shlex.split(line, comments=True) or [""]
            if arguments and tuple(arguments) not in tried:
                assert exit_code_of(app, arguments) == 0, f"{document}: {line}"
                tried.add(tuple(arguments))
    assert len(tried) >= 20


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
    environment["PIP_COMPILE"] = "0"  # a demo imports a small part of what is installed
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
        "train",
        "model list",
        "model status",
        "model card",
        "model promote",
        "model rollback",
        "model metrics",
        "model key",
        "model sign",
        "report",
        "report weekly",
        "notify test",
        "notify replay",
        "notify history",
    ],
)
def test_every_verb_is_documented(verb):
    """A verb that no document names is not there for a reader."""
    assert any(f"neuropilot {verb}" in document.read_text(encoding="utf-8") for document in DOCUMENTS)


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document):
    """A reader who clicks arrives."""
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target

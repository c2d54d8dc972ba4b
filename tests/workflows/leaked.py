"""Whether a run has let anybody see what it held."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from repositories import git
from shops import ACTS, APP, CANARIES, READS, WRITES

if TYPE_CHECKING:
    from pathlib import Path

    from shops import Shop
    from whole_runs import WorkflowRun


def assert_nothing_leaked(shop: Shop, name: str, run: WorkflowRun, *secrets: str) -> None:
    """No secret in what anyone can read: logs, summaries, commits, documents; no token and no key in any file left."""
    folders = [shop.folder / name / job / "workspace" for job in run.jobs]
    documents = [path for path in (shop.folder / name / "artifacts").rglob("*") if path.is_file()]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    ours = (WRITES, READS, ACTS, APP, *CANARIES.values())
    history = git(shop.site.remote, "log", "-p", "--format=fuller", "--all", "--not", shop.adopted)
    handed_over = b"".join(path.read_bytes() + _memory_in(path) for path in documents)
    for secret in (*ours, *secrets):
        assert secret not in run.output + run.summary
        assert secret not in history
        assert secret.encode() not in handed_over
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in ours if secret.encode() in content], path


def _memory_in(document: Path) -> bytes:
    """The files that a document holds in another writing; a report's page and text hold none."""
    if document.suffix != ".json":
        return b""
    memory = json.loads(document.read_bytes()).get("memory", {})
    return b"".join(base64.b64decode(one) for one in memory.values())

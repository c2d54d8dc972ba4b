"""Terraform itself, as the judge of what a file means. Offline: nothing here needs a provider."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def terraform(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command in `folder`, with no settings of the machine's owner."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    environment |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    done = subprocess.run(
        ["terraform", f"-chdir={folder}", *arguments],
        input=stdin.encode(),
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    shown, errors = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return subprocess.CompletedProcess(done.args, done.returncode, shown, errors)


def is_usable() -> bool:
    """Whether this machine has Terraform 1.9 or newer, which the module asks for."""
    if shutil.which("terraform") is None:
        return False
    version = json.loads(terraform(Path(), "version", "-json").stdout)["terraform_version"]
    return tuple(map(int, version.split("-")[0].split("."))) >= (1, 9, 0)


needs_terraform = pytest.mark.skipif(not is_usable(), reason="terraform 1.9 or newer is not on this machine")


def accepts(content: bytes, names: Iterable[str], folder: Path, file: str = "terraform.tfvars") -> bool:
    """Whether Terraform plans with `content`, in that file, as the values of the variables `names`."""
    (folder / "variables.tf").write_text("".join(f'variable "{name}" {{ default = null }}\n' for name in names))
    (folder / file).write_bytes(content)
    return terraform(folder, "plan", "-input=false").returncode == 0


def meaning(content: bytes, names: Iterable[str], folder: Path, file: str = "terraform.tfvars") -> dict[str, Any]:
    """Values of the variables `names` as Terraform reads them from `content`, which it must accept."""
    names = sorted(names)
    assert accepts(content, names, folder, file)
    question = "jsonencode({" + ", ".join(f"{name} = var.{name}" for name in names) + "})"
    said = terraform(folder, "console", stdin=question).stdout.splitlines()
    answer: dict[str, Any] = json.loads(json.loads(said[-1]))  # warnings stand above
    return answer

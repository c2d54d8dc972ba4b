"""Kustomize itself, as kubectl brings it along: what a manifest or a patch comes to. Offline: it only reads files."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on this machine")


def built(folder: Path, **kustomization: Any) -> list[dict[str, Any]]:
    """All that `kubectl kustomize` makes of a folder, once `kustomization` is written there (or stands there)."""
    if kustomization:
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return list(yaml.safe_load_all(done.stdout))

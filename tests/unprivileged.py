"""Commands as a person runs them to whom a file's permissions apply, whoever runs the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_POWERS = "-dac_override,-dac_read_search"
"""What lets root read everything."""


def neuropilot(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command where permissions count."""
    command = [str(Path(sys.executable).parent / "neuropilot"), *arguments]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything, and nothing here takes that away")
        command = ["setpriv", f"--bounding-set={_POWERS}", *command]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60)

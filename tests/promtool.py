"""The real promtool, which comes with Prometheus."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from servers import server_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `promtool WORDS` and return what it says and how it ends."""
    command = [server_folder("prometheus") / "usr" / "bin" / "promtool", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def write_files(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files by their paths relative to `folder`, and give where they are."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [folder / name for name in files]

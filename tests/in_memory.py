"""Room in the machine's memory for what tests write.

That is much, and on a disk it is waited for: git makes sure of each commit, and the agent of each line it remembers.
"""

from __future__ import annotations

import os
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
LEAST_FREE_BYTES = 4 * 1024**3
"""A whole environment with all its packages is built there, and a few Prometheus run."""


def room() -> Path | None:
    """A folder in memory in which programs may be started; None where there is none, or not enough."""
    try:
        found = os.statvfs(SHARED_MEMORY)
    except OSError:
        return None
    is_enough = found.f_bavail * found.f_frsize >= LEAST_FREE_BYTES
    return SHARED_MEMORY if is_enough and not found.f_flag & os.ST_NOEXEC else None

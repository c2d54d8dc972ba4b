"""Who gives a command."""

from __future__ import annotations

import getpass

from ai_ops.domain.one_line import one_line

LONGEST = 80


def who() -> str:
    """Name of the account, where the system knows one."""
    try:
        return one_line(getpass.getuser(), LONGEST)  # an environment variable may name it
    except (KeyError, OSError):
        return "unknown"

"""Who gives a command."""

from __future__ import annotations

import getpass


def who() -> str:
    """Name of the account, where the system knows one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"

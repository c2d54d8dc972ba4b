"""Keep what a person said where the memory lives."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import Overtaken

if TYPE_CHECKING:
    from ai_ops.wiring.session import Session

KEEP_ATTEMPTS = 5
"""How often the branch is written anew because a run wrote it first."""


def keep(session: Session, message: str) -> None:
    """Push the memory to its branch, where it lives on one; a run that was faster keeps what it wrote.

    Raises
    ------
    Overtaken
        When others were faster every time.
    DeliveryError
        When the remote does not take it; it is then written here alone.
    """
    for _ in range(KEEP_ATTEMPTS - 1):
        with suppress(Overtaken):
            session.keep(message)
            return
        if session.branch is not None:
            session.branch.pull()
    session.keep(message)

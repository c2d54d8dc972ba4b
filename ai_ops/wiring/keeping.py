"""Keep what a person said where the memory lives."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import Overtaken

if TYPE_CHECKING:
    from collections.abc import Callable

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


def write_and_keep(session: Session, message: str, write: Callable[[], None]) -> None:
    """Write, and push; where a run was faster, take over its memory, in which nothing of this stands, and write again.

    Parameters
    ----------
    write
        Raises `Overtaken` where what others wrote leaves nothing to be done.

    Raises
    ------
    Overtaken
        When others were faster every time.
    DeliveryError
        When the remote does not take it; it is then written here alone.
    """
    for _ in range(KEEP_ATTEMPTS):
        write()
        with suppress(Overtaken):
            session.keep(message)
            return
        if session.branch is not None:
            session.branch.pull()
    raise Overtaken(f"the state was written by others {KEEP_ATTEMPTS} times in a row; run again")

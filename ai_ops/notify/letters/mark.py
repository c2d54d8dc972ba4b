"""What nobody may overlook about a message, in front of its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.message import MessageKind

if TYPE_CHECKING:
    from ai_ops.domain.message import Message

SIMULATED, TEST = "(simulated)", "(test)"


def mark_of(message: Message) -> str:
    """That nothing has happened, or that the figures are made up, ending in a space; "" for all else."""
    test = f"{TEST} " if message.kind is MessageKind.TEST else ""
    return f"{test}{SIMULATED} " if message.is_simulated else test

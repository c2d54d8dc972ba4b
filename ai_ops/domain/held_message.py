"""A message that has not left yet, and what keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ai_ops.domain.message import Message


class Why(StrEnum):
    """What a message waits for."""

    QUIET = "quiet hours"
    DIGEST = "digest"
    BUDGET = "budget"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def is_dead(self) -> bool:
        """Whether it was tried: such a message is a dead letter."""
        return self in {Why.FAILED, Why.UNKNOWN}


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """One message that one channel was not given yet, or did not take.

    Parameters
    ----------
    channel
        Name of the channel.
    message
        What it shall be given, without pictures and page.
    why
        What it waits for: the end of quiet hours, the next digest, an hour with room in it, another try; or for a
        person to look, where nobody knows whether it arrived.
    reason
        The same in words.
    since
        When it was kept first, aware UTC.
    at
        When it was kept or tried last, aware UTC.
    attempts
        How often it was tried.
    is_retryable
        Whether trying again may help.
    """

    channel: str
    message: Message
    why: Why
    reason: str
    since: datetime
    at: datetime
    attempts: int = 0
    is_retryable: bool = True

    @property
    def key(self) -> str:
        """That of the message."""
        return self.message.key

"""A message that shows whether a channel works, and says so."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from ai_ops.domain.message import Level, Message, MessageKind

if TYPE_CHECKING:
    from datetime import datetime


def test_message(now: datetime, nonce: str) -> Message:
    """Write a test, which no channel filters, holds or sends twice.

    Parameters
    ----------
    nonce
        What makes its key unlike that of any other test of the same moment.
    """
    at = now.astimezone(UTC)
    return Message(
        key=f"test-{at:%Y%m%dT%H%M%S%fZ}-{nonce}",
        title="Test: NeuroPilot can reach this channel",
        facts=(("Sent", f"{at:%Y-%m-%d %H:%M:%S} UTC"), ("By", "neuropilot notify test")),
        lines=("This is a test. Nothing has happened to any service, and there is nothing to do.",),
        kind=MessageKind.TEST,
        level=Level.INFO,
        at=at,
    )

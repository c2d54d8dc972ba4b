"""One message, every channel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """What a person shall read, free of any channel's syntax.

    Parameters
    ----------
    key
        Idempotency key: a channel sends one key once.
    title
        One line, the verdict.
    facts
        Pairs of label and value, in reading order.
    lines
        Plain sentences below the facts.
    is_simulated
        Whether the figures come from a simulated service; a channel must show it.
    review_url
        Address of the pull request that waits for a person; "" without one.
    """

    key: str
    title: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    is_simulated: bool = False
    review_url: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message on one channel.

    Parameters
    ----------
    channel
        Name of the channel.
    status
        "sent", "already sent", "skipped" (nothing configured or budget spent) or "failed".
    reason
        Why, when it was not sent.
    """

    channel: str
    status: str
    reason: str = ""

    @property
    def is_degraded(self) -> bool:
        """Whether a person should know that this channel is silent."""
        return self.status == "failed"

"""How the channels did: what a report says of them, and what `neuropilot notify history` shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ai_ops.domain.message import Heard


@dataclass(frozen=True, slots=True)
class Passage:
    """How one message came through on one channel.

    Parameters
    ----------
    channel, key
        Which channel, and which message.
    kind
        What the message was about; "" where an older release did not note it.
    state
        "sent", "failed", or "unknown": it may have arrived.
    reason
        Why it was not sent; "" when it was.
    at
        When that was so, aware UTC.
    attempts
        How often the channel was tried, over all runs.
    reference, url
        By which the channel finds it, and where a person does; "" where it says neither.
    note
        What a person should know although it was sent.
    heard
        What people did with it; None where nobody asked yet.
    """

    channel: str
    key: str
    kind: str
    state: str
    reason: str
    at: datetime
    attempts: int = 0
    reference: str = ""
    url: str = ""
    note: str = ""
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages of a span of days were sent, were not, took more than one attempt, or had to wait."""

    sent: int = 0
    failed: int = 0
    retried: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """How one channel did.

    Parameters
    ----------
    channel
        Its name.
    week, month
        The last 7 and the last 28 days.
    problem
        Why it did not take the newest message that it was given; "" where it did.
    report
        The newest report that it took; None without one.
    waiting
        Messages that have not left yet.
    dropped
        Messages of the last 28 days that waited too long, or were too many, and were never sent.
    """

    channel: str
    week: Tally
    month: Tally
    problem: str = ""
    report: Passage | None = None
    waiting: int = 0
    dropped: int = 0

"""One message, every channel: what a person shall read, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ai_ops.domain.document import Document


class MessageKind(StrEnum):
    """What a message is about; a channel may be set to carry some of them alone."""

    CYCLE = "cycle"
    DAILY_REPORT = "daily_report"
    WEEKLY_BRIEF = "weekly_brief"
    DIGEST = "digest"
    TEST = "test"


class Level(StrEnum):
    """How loud a message is: that of the loudest thing in it. In order, quietest first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    def reaches(self, other: Level) -> bool:
        """Whether it is at least as loud as `other`.

        >>> Level.HIGH.reaches(Level.MEDIUM), Level.LOW.reaches(Level.MEDIUM)
        (True, False)
        """
        order = tuple(Level)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class AlarmNotice:
    """One alarm, for a channel that opens and closes them one by one.

    Parameters
    ----------
    key
        The same for as long as the alarm lasts, and the next time it comes: "web/latency_p95_ms".
    summary
        One line.
    level
        How loud it is.
    is_over
        Whether it has ended since the last message, so that it may be closed.
    """

    key: str
    summary: str
    level: Level
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """One typed figure of a message, for a channel that keeps a table of them.

    Parameters
    ----------
    name
        Of the column.
    value
        A number, a text, a moment (aware UTC), or several words to choose by; None where it is not known.
    """

    name: str
    value: float | str | datetime | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with a message; `alt` says the same to somebody who cannot see it."""

    name: str
    alt: str
    png: bytes


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
    kind, level
        What it is about, and how loud it is: channels filter by both.
    service
        Whose it is; "" where it is about several.
    at
        When what it tells was made, aware UTC; None where nobody said.
    alarms
        What began, goes on, or has ended.
    properties
        The same figures, typed.
    document
        The whole of it, for channels that can show a page; None where `lines` are all there is.
    text, html
        The document as plain text and as a page of its own, for e-mail; "" without one.
    pictures
        In reading order.
    link
        Where the whole can be read; "" where it is nowhere.
    """

    key: str
    title: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    is_simulated: bool = False
    review_url: str = ""
    kind: MessageKind = MessageKind.CYCLE
    level: Level = Level.INFO
    service: str = ""
    at: datetime | None = None
    alarms: tuple[AlarmNotice, ...] = ()
    properties: tuple[Property, ...] = ()
    document: Document | None = None
    text: str = ""
    html: str = ""
    pictures: tuple[Picture, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a channel says of a message that it took.

    Parameters
    ----------
    reference
        By which the channel finds it again; "" where it gives none.
    url
        Where a person finds it; "" where the channel does not say.
    attempts
        How often it was tried, from 1.
    note
        What a person should know although it was taken, such as a picture that was not; "" without.
    """

    reference: str = ""
    url: str = ""
    attempts: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What people did with a message, as far as the channel tells; None is "it does not tell"."""

    replies: int | None = None
    reactions: int | None = None
    opened: bool | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message on one channel.

    Parameters
    ----------
    channel
        Name of the channel.
    status
        "sent", "already sent", "held" (it waits for the end of quiet hours, or for the next digest), "skipped" (not
        for this channel, or its budget is spent) or "failed".
    reason
        Why, when it was not sent; what was left out, when it was.
    """

    channel: str
    status: str
    reason: str = ""

    @property
    def is_degraded(self) -> bool:
        """Whether a person should know that this channel is silent."""
        return self.status == "failed"

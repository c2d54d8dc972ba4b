"""Which messages a channel carries, and when: what decides before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ai_ops.domain.message import Level, MessageKind

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.message import Message
    from ai_ops.notify.quiet_hours import QuietHours

REPORTS = frozenset({MessageKind.DAILY_REPORT, MessageKind.WEEKLY_BRIEF})

_ALWAYS = frozenset({MessageKind.TEST, MessageKind.DIGEST})


class Way(StrEnum):
    """What shall become of a message on a channel."""

    SEND = "send"
    WAIT = "wait"
    GATHER = "gather"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Route:
    """What shall become of a message, and why, where it is not sent at once."""

    way: Way
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one channel carries, and when; see `channels.<name>` in the settings.

    Parameters
    ----------
    kinds
        Of messages. Digests and tests it always carries.
    least_level
        Of cycles. What closes an alarm always passes where alarms are closed.
    quiet
        When only what is critical is sent; None for never.
    digest_below
        Cycles that are less loud wait for the next report.
    closes_alarms
        Whether the channel opens and closes alarms: what closes them never waits, or it would close the next one.
    """

    kinds: frozenset[MessageKind] = frozenset(MessageKind)
    least_level: Level = Level.INFO
    quiet: QuietHours | None = None
    digest_below: Level = Level.INFO
    closes_alarms: bool = False

    def route(self, message: Message, now: datetime) -> Route:
        """Say what shall become of `message` at this moment."""
        if reason := self._objection(message):
            return Route(Way.SKIP, reason)
        if message.kind is MessageKind.TEST or self.closes(message):
            return Route(Way.SEND)
        until = self.quiet.until(now) if self.quiet and message.level is not Level.CRITICAL else None
        if self._is_for_digest(message):
            return Route(Way.GATHER, "until the next report, with what else is quiet")
        if until is not None:
            return Route(Way.WAIT, f"until quiet hours end at {until:%Y-%m-%d %H:%M} UTC")
        return Route(Way.SEND)

    def closes(self, message: Message) -> bool:
        """Whether `message` closes an alarm that this channel may have opened."""
        return self.closes_alarms and any(alarm.is_over for alarm in message.alarms)

    def _objection(self, message: Message) -> str:
        """Why the message is not for this channel; "" when it is."""
        if message.kind in _ALWAYS:
            return ""
        if message.kind not in self.kinds:
            return f"it carries no message of the kind {message.kind}"
        is_loud = message.kind is not MessageKind.CYCLE or message.level.reaches(self.least_level)
        return (
            "" if is_loud or self.closes(message) else f"{message.level} is below {self.least_level}, its least level"
        )

    def _is_for_digest(self, message: Message) -> bool:
        """Where alarms are opened one by one, no digest would open any."""
        if self.closes_alarms:
            return False
        return message.kind is MessageKind.CYCLE and not message.level.reaches(self.digest_below)

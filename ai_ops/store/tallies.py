"""How the channels did, counted from what is remembered of messages."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.delivery_record import DeliveryRecord, Tally
from ai_ops.domain.message import MessageKind
from ai_ops.store.outbox_entry import Sending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ai_ops.domain.delivery_record import Passage
    from ai_ops.domain.held_message import HeldMessage

    Counts = Mapping[str, Mapping[str, int]]
    """By channel and day, such as 2026-11-20."""

WEEK, MONTH = timedelta(days=7), timedelta(days=28)

_REPORTS = {MessageKind.DAILY_REPORT, MessageKind.WEEKLY_BRIEF}
_LOST = {Sending.FAILED, Sending.UNKNOWN}


def delivery_record(
    passages: Iterable[Passage], waiting: Sequence[HeldMessage], held: Counts, dropped: Counts, now: datetime
) -> tuple[DeliveryRecord, ...]:
    """Count what every channel did, by its name.

    Parameters
    ----------
    passages
        What the outbox remembers, oldest first.
    waiting
        What has not left yet.
    held, dropped
        How many messages had to wait, and how many of those were never sent.
    """
    by_channel: dict[str, list[Passage]] = {name: [] for name in (*(one.channel for one in waiting), *held)}
    for passage in passages:
        by_channel.setdefault(passage.channel, []).append(passage)
    return tuple(
        DeliveryRecord(
            channel=channel,
            week=_tally(by_channel[channel], held.get(channel, {}), now - WEEK),
            month=_tally(by_channel[channel], held.get(channel, {}), now - MONTH),
            problem=_problem(by_channel[channel]),
            report=_newest_report(by_channel[channel]),
            waiting=sum(one.channel == channel for one in waiting),
            dropped=_since(dropped.get(channel, {}), now - MONTH),
        )
        for channel in sorted(by_channel)
    )


def _tally(passages: Sequence[Passage], held: Mapping[str, int], since: datetime) -> Tally:
    recent = [one for one in passages if one.at >= since]
    return Tally(
        sent=sum(one.state == Sending.SENT for one in recent),
        failed=sum(one.state in _LOST for one in recent),
        retried=sum(one.attempts > 1 for one in recent),
        held=_since(held, since),
    )


def _problem(passages: Sequence[Passage]) -> str:
    return passages[-1].reason if passages and passages[-1].state in _LOST else ""


def _newest_report(passages: Sequence[Passage]) -> Passage | None:
    reports = [one for one in passages if one.state == Sending.SENT and one.kind in _REPORTS]
    return reports[-1] if reports else None


def _since(counts: Mapping[str, int], since: datetime) -> int:
    first = f"{since.astimezone(UTC):%Y-%m-%d}"
    return sum(count for day, count in counts.items() if day >= first)

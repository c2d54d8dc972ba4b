"""What waits leaves: when quiet hours end, when a digest is due, when trying again may help, or when a person asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.domain.held_message import HeldMessage, Why
from ai_ops.domain.message import MessageKind, Receipt
from ai_ops.notify.digest import digest_of
from ai_ops.notify.rules import REPORTS, Way
from ai_ops.notify.send import forgone, send

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from ai_ops.notify.channel import Books, Channel

RETRIED_FOR = timedelta(hours=24)
"""How long the agent tries a dead letter again; afterwards a person does."""
REST = timedelta(minutes=10)
"""Between two attempts, so that one run over many services tries once."""
MOST_SINGLY = 5
"""More messages than these go out together."""

STORE = "messages that wait"
"""Named by the receipt where no channel's memory can be read."""


def gather(channels: Iterable[Channel], books: Books, now: datetime, *, is_report_due: bool) -> None:
    """Put into one digest what shall leave together: quiet messages with a report, and many that waited for morning.

    Nothing is sent yet.

    Raises
    ------
    StateError
        When what waits cannot be read or written.
    """
    for channel in channels:
        waiting = [(one, channel.rules.route(one.message, now).way) for one in books.held.waiting(channel.name)]
        quiet = [one for one, way in waiting if is_report_due and one.why is Why.DIGEST and way is Way.GATHER]
        awake = [one for one, way in waiting if one.why is Why.QUIET and way is Way.SEND and _may_join(one, channel)]
        parts = [*quiet, *(awake if len(awake) > MOST_SINGLY else [])]
        if parts:
            digest = digest_of(sorted(parts, key=lambda part: part.since), now)
            held = HeldMessage(channel.name, digest, Why.DIGEST, "it was put together", now, now)
            books.held.exchange([part.key for part in parts], held)


def due(channel: Channel, books: Books, now: datetime, *, but: Collection[str] = ()) -> tuple[HeldMessage, ...]:
    """What may leave on `channel` now, oldest first, in at most half of what the hour has room for.

    Parameters
    ----------
    but
        Keys of messages that are delivered anew just now.
    """
    ready = [one for one in books.held.waiting(channel.name) if one.key not in but and _is_due(one, channel, now)]
    room = channel.budget.left("") - channel.budget.limit // 2 if ready else 0
    return tuple(ready[: max(room, 0)])


def release_due(
    channels: Iterable[Channel], books: Books, now: datetime, *, but: Collection[str] = ()
) -> tuple[Receipt, ...]:
    """Send what may leave now, and drop what has waited too long; one receipt for each that was tried or dropped."""
    try:
        dropped = books.held.prune()
    except StateError as err:
        return (Receipt(STORE, "failed", str(err)),)
    told = [Receipt(channel, "skipped", _dropped(count)) for channel, count in dropped.items()]
    return (*told, *(receipt for channel in channels for receipt in _release(channel, books, now, but)))


def dead_letters(channel: Channel, books: Books, *, even_if_it_may_have_arrived: bool) -> tuple[HeldMessage, ...]:
    """What a person may send again on `channel`: what it did not take, and what the hour had no room for."""
    wanted = {Why.FAILED, Why.BUDGET} | ({Why.UNKNOWN} if even_if_it_may_have_arrived else set())
    return tuple(one for one in books.held.waiting(channel.name) if one.why in wanted)


def replay(
    channels: Iterable[Channel], books: Books, now: datetime, *, even_if_it_may_have_arrived: bool = False
) -> tuple[Receipt, ...]:
    """Send every dead letter again, at any hour: a person asks for it. The limits of the hour hold all the same.

    Parameters
    ----------
    even_if_it_may_have_arrived
        Whether what may have arrived is sent again, and may then be there twice.

    Raises
    ------
    StateError
        When what waits cannot be read.
    """
    receipts = []
    for channel in channels:
        for letter in dead_letters(channel, books, even_if_it_may_have_arrived=even_if_it_may_have_arrived):
            if letter.why is Why.UNKNOWN and books.sent.state(channel.name, letter.key) == "unknown":
                books.sent.release(channel.name, letter.key, "a person wants it sent again")
            receipts.append(_named(letter, _sent(letter, channel, books, now)))
    return tuple(receipts)


def _release(channel: Channel, books: Books, now: datetime, but: Collection[str]) -> Iterator[Receipt]:
    try:
        _let_go_what_arrived(channel, books)
        for one in due(channel, books, now, but=but):
            yield _named(one, _leave(one, channel, books, now))
    except StateError as err:
        yield Receipt(channel.name, "failed", f"what waits could not be sent: {err}")


def _leave(one: HeldMessage, channel: Channel, books: Books, now: datetime) -> Receipt:
    """Send what waited; it waits no more once it was sent, by whomever, or is not for the channel any more."""
    route = channel.rules.route(one.message, now)
    if route.way is Way.SKIP:
        books.held.let_go(channel.name, one.key)
        return forgone(one.message, books, Receipt(channel.name, "skipped", route.reason))
    return _sent(one, channel, books, now)


def _sent(one: HeldMessage, channel: Channel, books: Books, now: datetime) -> Receipt:
    """Send what waited, and note what another run has made of it meanwhile."""
    receipt = send(one.message, channel, books, now)
    state = books.sent.state(channel.name, one.key)
    if state == "sent":
        books.held.let_go(channel.name, one.key)
    elif state == "unknown" and receipt.status == "skipped":
        books.held.put(replace(one, why=Why.UNKNOWN, reason=receipt.reason, at=now, attempts=0))
    return receipt


def _let_go_what_arrived(channel: Channel, books: Books) -> None:
    """Of what may have arrived, some did: the run that sent it has noted it since."""
    for one in books.held.waiting(channel.name):
        if one.why is Why.UNKNOWN and books.sent.state(channel.name, one.key) == "sent":
            books.held.let_go(channel.name, one.key)


def _is_due(one: HeldMessage, channel: Channel, now: datetime) -> bool:
    is_rested = now - one.at >= REST
    may_leave = {
        Why.QUIET: True,
        Why.DIGEST: True,
        Why.BUDGET: is_rested,
        Why.FAILED: is_rested and one.is_retryable and now - one.since < RETRIED_FOR,
        Why.UNKNOWN: False,
    }[one.why]
    return may_leave and channel.rules.route(one.message, now).way in {Way.SEND, Way.SKIP}


def _may_join(one: HeldMessage, channel: Channel) -> bool:
    """Whether a message may go out together with others: a report is read by itself, an alarm is opened by itself."""
    return one.message.kind not in REPORTS | {MessageKind.DIGEST} and not (
        channel.rules.closes_alarms and one.message.alarms
    )


def _named(one: HeldMessage, receipt: Receipt) -> Receipt:
    told = f"{one.key}, which waited"
    return replace(receipt, reason=f"{told}: {receipt.reason}" if receipt.reason else told)


def _dropped(count: int) -> str:
    return f"{count} of its messages waited for more than 7 days and were dropped, unsent"

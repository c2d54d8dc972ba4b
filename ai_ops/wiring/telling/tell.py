"""A message is told: what waits leaves first, and whatever is to be sent is claimed where all machines see it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import OpsError, StateError
from ai_ops.notify.channel import Books
from ai_ops.notify.notify import deliver
from ai_ops.notify.release import due, gather, release_due
from ai_ops.notify.rules import REPORTS, Way
from ai_ops.wiring.channels import channels
from ai_ops.wiring.keeping import write_and_keep
from ai_ops.wiring.telling.claimed import ClaimedHere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.domain.message import Message, Receipt
    from ai_ops.notify.channel import Channel
    from ai_ops.wiring.session import Session


def tell(session: Session, message: Message) -> tuple[Receipt, ...]:
    """Tell a report, or whatever else is no decision. Everything else that it rests on must have been kept before.

    Raises
    ------
    DeliveryError
        When the memory lives on a branch that cannot be written: another machine could tell the same. Nothing was sent.
    """
    if not session.is_writing:
        return ()
    return tell_claimed(session, message, claims(session, lambda claimed: claim_ahead(session, claimed, message)))


def tell_claimed(session: Session, message: Message, claimed: ClaimedHere) -> tuple[Receipt, ...]:
    """Send what waits and may leave now, then `message`; the receipts of what waited name it."""
    told, books, now = channels(session), Books(claimed, session.held), session.place.clock()
    with suppress(StateError):  # said by the receipts
        gather(told, books, now, is_report_due=message.kind in REPORTS)
    released = release_due(told, books, now, but={message.key})
    receipts = deliver(message, told, books, now)
    claimed.give_back()
    return (*released, *receipts)


def claim_ahead(session: Session, claimed: ClaimedHere, message: Message) -> None:
    """Claim what `tell_claimed` will really send now; what is to wait is not claimed, and can be sent by any run."""
    told, books, now = channels(session), Books(claimed, session.held), session.place.clock()
    with suppress(StateError):  # said by the receipts, once there is something to send
        gather(told, books, now, is_report_due=message.kind in REPORTS)
        claimed.claim_all(pair for channel in told for pair in _leaving(channel, books, message, session))


def claims(session: Session, choose: Callable[[ClaimedHere], None]) -> ClaimedHere:
    """Claim what `choose` says, and push the claims where the memory lives on a branch.

    Raises
    ------
    DeliveryError
        When they cannot be pushed; nothing is claimed then.
    """
    made = [ClaimedHere(session.outbox)]
    if session.branch is None:
        return made[-1]

    def claim() -> None:
        made.append(ClaimedHere(session.outbox))  # of what was claimed before, the branch knows nothing
        choose(made[-1])

    try:
        write_and_keep(session, "claim what is about to be told", claim)
    except OpsError:
        made[-1].give_back()
        raise
    return made[-1]


def _leaving(channel: Channel, books: Books, message: Message, session: Session) -> Iterator[tuple[str, str]]:
    """Channel and key of everything that leaves on `channel` together with `message`."""
    now = session.place.clock()
    for one in due(channel, books, now, but={message.key}):
        yield channel.name, one.key
    if channel.rules.route(message, now).way is Way.SEND and channel.budget.left(message.service) > 0:
        yield channel.name, message.key

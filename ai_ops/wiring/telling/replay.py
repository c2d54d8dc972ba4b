"""What a person asks of the channels: send dead letters again, try each channel, and say how it went."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError
from ai_ops.domain.held_message import Why
from ai_ops.notify import release
from ai_ops.notify.channel import Books
from ai_ops.notify.hearing import hear
from ai_ops.notify.notify import deliver
from ai_ops.notify.trial import test_message
from ai_ops.store.tallies import WEEK, delivery_record
from ai_ops.wiring.channels import channels
from ai_ops.wiring.telling.claimed import ClaimedHere
from ai_ops.wiring.telling.tell import claims

if TYPE_CHECKING:
    from ai_ops.domain.delivery_record import DeliveryRecord
    from ai_ops.domain.message import Receipt
    from ai_ops.notify.channel import Channel
    from ai_ops.wiring.session import Session


def replay(
    session: Session, channel: str | None = None, *, even_if_it_may_have_arrived: bool = False
) -> tuple[Receipt, ...]:
    """Send dead letters again, of one channel or of all.

    Parameters
    ----------
    even_if_it_may_have_arrived
        Whether what may have arrived is sent again, and may then be there twice.

    Raises
    ------
    ConfigError
        When no such channel is configured.
    StateError
        When what waits cannot be read.
    DeliveryError
        When the memory lives on a branch that cannot be written. Nothing was sent.
    """
    wanted, now = _chosen(session, channel), session.place.clock()

    def claim(claimed: ClaimedHere) -> None:
        for one in wanted:
            books = Books(claimed, session.held)
            letters = release.dead_letters(one, books, even_if_it_may_have_arrived=even_if_it_may_have_arrived)
            for letter in letters:
                if letter.why is Why.UNKNOWN and claimed.state(one.name, letter.key) == "unknown":
                    claimed.release(one.name, letter.key, "a person wants it sent again")
            claimed.claim_all((one.name, letter.key) for letter in letters)

    claimed = claims(session, claim)
    books = Books(claimed, session.held)
    receipts = release.replay(wanted, books, now, even_if_it_may_have_arrived=even_if_it_may_have_arrived)
    claimed.give_back()
    return receipts


def send_test(session: Session, channel: str | None = None) -> tuple[Receipt, ...]:
    """Send a test through one channel or all, at any hour. Raises `ConfigError` when no such channel is configured."""
    now = session.place.clock()
    books = Books(ClaimedHere(session.outbox), session.held)
    return deliver(test_message(now, token_hex(4)), _chosen(session, channel), books, now)


def records(session: Session) -> tuple[DeliveryRecord, ...]:
    """How every channel did in the last 7 and 28 days. Raises `StateError` when that cannot be read."""
    held, dropped = session.held.counts()
    return delivery_record(session.outbox.passages(), session.held.waiting(), held, dropped, session.place.clock())


def listen(session: Session) -> None:
    """Ask the channels what people did with the reports of the last week, and note it.

    Raises `StateError` when that cannot be read or noted. A channel that does not answer tells nothing.
    """
    from ai_ops.notify.rules import REPORTS

    since = session.place.clock() - WEEK
    reports = [one for one in session.outbox.passages() if one.kind in REPORTS and one.at >= since]
    for passage, heard in hear(channels(session), reports):
        session.outbox.note_heard(passage.channel, passage.key, heard)


def _chosen(session: Session, name: str | None) -> tuple[Channel, ...]:
    every = channels(session)
    chosen = tuple(one for one in every if name in {None, one.name})
    if name is not None and not chosen:
        known = ", ".join(one.name for one in every) or "none is configured"
        raise ConfigError(f"there is no channel {name} here ({known}); `neuropilot doctor` says what is missing")
    return chosen

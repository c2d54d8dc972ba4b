"""The channels that people are told on, and the promise to tell them once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.notify.notify import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.store.outbox import Outbox
    from ai_ops.wiring.session import Session


def channels(session: Session) -> tuple[Channel, ...]:
    """Every configured channel, behind its hourly budget."""
    url = session.settings.slack_webhook_url
    if url is None:
        return ()
    from ai_ops.addresses import check_address
    from ai_ops.notify.slack import SlackNotifier

    slack = SlackNotifier(
        url.get_secret_value(),
        redact=session.redact,
        check_address=lambda address: check_address(address, allow_private=True),
    )
    budget = session.budget("slack_notifications", session.settings.rate_limits.slack_notifications_per_hour)
    return (Channel(slack, budget.spend),)


class ClaimedHere:
    """The outbox, as it looks to the run that claimed its messages together with recording the decision.

    The claims go to the state branch in the same push as the decision, so a second run that comes upon the
    decision also finds that its messages are taken.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._claimed: set[tuple[str, str]] = set()

    def claim_all(self, names: Iterable[str], key: str) -> None:
        """Take the right to send `key` on each channel, ahead of sending."""
        with suppress(StateError):  # said by the channel's receipt, once there is something to send
            self._claimed |= {(name, key) for name in names if self._outbox.claim(name, key)}

    def give_back(self, reason: str) -> None:
        """Let a later run send what was claimed ahead: this one will not."""
        for name, key in self._claimed:
            with suppress(StateError):  # it stays taken then, and is never sent twice
                self._outbox.release(name, key, reason)
        self._claimed = set()

    def claim(self, channel: str, key: str) -> bool:
        """Take the right to send, once; a claim made ahead counts."""
        if (channel, key) in self._claimed:
            self._claimed.remove((channel, key))
            return True
        return self._outbox.claim(channel, key)

    def confirm(self, channel: str, key: str) -> None:
        """Note that the channel took it."""
        self._outbox.confirm(channel, key)

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note that the channel surely did not take it."""
        self._outbox.release(channel, key, reason)

    def state(self, channel: str, key: str) -> str:
        """How far the message came."""
        return self._outbox.state(channel, key)

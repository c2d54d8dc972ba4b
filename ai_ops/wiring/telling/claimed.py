"""The promise to tell people once, kept between machines as well."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.message import Sent
    from ai_ops.store.outbox import Outbox


class ClaimedHere:
    """The outbox, as it looks to the run that claimed its messages ahead, such as together with a decision.

    The claims go to the state branch before anything is sent, so a second run that comes upon the decision also finds
    that its messages are taken.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._claimed: set[tuple[str, str]] = set()

    def claim_all(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Take the right to send each pair of channel and key, ahead of sending."""
        with suppress(StateError):  # said by the channel's receipt, once there is something to send
            self._claimed |= self._outbox.claim_all(set(wanted) - self._claimed)

    def give_back(self) -> None:
        """Let a later run send what was claimed ahead and not sent: this one will not."""
        for channel, key in sorted(self._claimed):
            with suppress(StateError):  # it stays taken then, and is never sent twice
                self.forgo(channel, key)
        self._claimed = set()

    def claim(self, channel: str, key: str) -> bool:
        """Take the right to send, once; a claim made ahead counts."""
        if (channel, key) in self._claimed:
            self._claimed.remove((channel, key))
            return True
        return self._outbox.claim(channel, key)

    def forgo(self, channel: str, key: str) -> None:
        """Take back a claim that was made ahead; nothing is done where none was."""
        if (channel, key) in self._claimed:
            self._claimed.remove((channel, key))
            self._outbox.unclaim(channel, key)

    def confirm(self, channel: str, key: str, said: Sent, kind: str) -> None:
        """Note that the channel took it."""
        self._outbox.confirm(channel, key, said, kind)

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note that the channel surely did not take it."""
        self._outbox.release(channel, key, reason)

    def state(self, channel: str, key: str) -> str:
        """How far the message came; what is claimed ahead was not tried."""
        return "not tried" if (channel, key) in self._claimed else self._outbox.state(channel, key)

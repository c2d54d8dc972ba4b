"""What people did with a message, where its channel tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ai_ops.domain.delivery_record import Passage
    from ai_ops.domain.message import Heard
    from ai_ops.notify.channel import Channel


@runtime_checkable
class Listening(Protocol):
    """A notifier that can be asked what became of a message."""

    def heard(self, reference: str) -> Heard:
        """What people did with the message of that reference; nothing where that cannot be known."""


def hear(channels: Iterable[Channel], passages: Iterable[Passage]) -> Iterator[tuple[Passage, Heard]]:
    """Ask each channel about its messages among `passages`, as far as it tells and has named a reference."""
    ears = {channel.name: channel.notifier for channel in channels if isinstance(channel.notifier, Listening)}
    for passage in passages:
        if passage.reference and passage.channel in ears:
            yield passage, ears[passage.channel].heard(passage.reference)

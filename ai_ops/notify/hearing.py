"""What people did with a message, where its channel tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ai_ops.domain.message import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ai_ops.domain.delivery_record import Passage
    from ai_ops.notify.channel import Channel

NOTHING = Heard()


@runtime_checkable
class Listening(Protocol):
    """A notifier that can be asked what became of a message."""

    def heard(self, reference: str) -> Heard:
        """What people did with the message of that reference; nothing where that cannot be known."""


def hear(channels: Sequence[Channel], passages: Sequence[Passage]) -> Iterator[tuple[Passage, Heard]]:
    """Ask each channel about its messages among `passages`, as far as it tells and has named a reference.

    The newest first, and not beyond the first of which a channel says nothing: each question may wait for its answer,
    and what was heard before stays known.

    Parameters
    ----------
    passages
        Oldest first.
    """
    for channel in channels:
        if isinstance(channel.notifier, Listening):
            asked = (one for one in reversed(passages) if one.channel == channel.name and one.reference)
            for passage in asked:
                heard = channel.notifier.heard(passage.reference)
                if heard == NOTHING:
                    break
                yield passage, heard

"""What was sent, so that nothing is sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ai_ops.store import state_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VERSION = 1
KEPT = timedelta(days=90)


class Sending(StrEnum):
    """How far one message came on one channel."""

    NOT_TRIED = "not tried"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"


class Outbox:
    """The memory of what every channel was given: at most once, even across a crash.

    A claim is on the disk before the message leaves. A run that ends in between leaves it "unknown", and nobody
    tries again. Where the folder travels between machines, that holds from the moment the claim has travelled too.

    Parameters
    ----------
    path
        State file. Entries older than 90 days are forgotten.
    clock
        Now, aware.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock

    def claim(self, channel: str, key: str) -> bool:
        """Take the right to send `key`. False when it was sent, or may have been: then do not send.

        Raises
        ------
        StateError
            When the file cannot be trusted or written: then do not send either. So for all methods.
        """
        with state_file.locked(self._path):
            content = self._read()
            if _state(content, channel, key) in {Sending.SENT, Sending.UNKNOWN}:
                return False
            self._write(content, channel, key, (Sending.UNKNOWN, "it was about to be sent"))
        return True

    def confirm(self, channel: str, key: str) -> None:
        """Note that the channel took it. Idempotent."""
        self._note(channel, key, (Sending.SENT, ""))

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note that the channel surely did not take it, so that it may be tried again. Idempotent."""
        self._note(channel, key, (Sending.FAILED, reason))

    def state(self, channel: str, key: str) -> Sending:
        """How far `key` came on `channel`."""
        with state_file.locked(self._path):
            return _state(self._read(), channel, key)

    def _note(self, channel: str, key: str, what: tuple[Sending, str]) -> None:
        with state_file.locked(self._path):
            self._write(self._read(), channel, key, what)

    def _read(self) -> dict[str, dict[str, dict[str, str]]]:
        content = state_file.load(self._path, VERSION) or {"channels": {}}
        channels = content.get("channels")
        if not isinstance(channels, dict) or not all(_is_kept_well(messages) for messages in channels.values()):
            raise state_file.corrupt(self._path, "it does not list messages")
        return channels

    def _write(
        self, content: dict[str, dict[str, dict[str, str]]], channel: str, key: str, what: tuple[Sending, str]
    ) -> None:
        now = self._clock().astimezone(UTC)
        state, reason = what
        content.setdefault(channel, {})[key] = {"state": state, "reason": reason, "at": now.isoformat()}
        kept = {
            name: {key: entry for key, entry in messages.items() if now - datetime.fromisoformat(entry["at"]) < KEPT}
            for name, messages in content.items()
        }
        state_file.save(self._path, VERSION, {"channels": kept})


def _state(content: dict[str, dict[str, dict[str, str]]], channel: str, key: str) -> Sending:
    entry = content.get(channel, {}).get(key)
    return Sending(entry["state"]) if entry else Sending.NOT_TRIED


def _is_kept_well(messages: Any) -> bool:  # noqa: ANN401  # whatever stands in the file
    try:
        return all(
            entry["state"] in set(Sending) and datetime.fromisoformat(entry["at"]).tzinfo is not None
            for entry in messages.values()
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False

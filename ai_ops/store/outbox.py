"""What was sent, so that nothing is sent twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ai_ops.domain.message import Sent
from ai_ops.store import state_file
from ai_ops.store.outbox_entry import UNTRUSTED, Entry, Sending, entry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from ai_ops.domain.delivery_record import Passage
    from ai_ops.domain.message import Heard

    Entries = dict[str, dict[str, Entry]]

VERSION = 1
KEPT = timedelta(days=90)

_TAKEN = {Sending.SENT, Sending.UNKNOWN}


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
        return bool(self.claim_all([(channel, key)]))

    def claim_all(self, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Take the right to send each pair of channel and key, and give those that were granted."""
        with state_file.locked(self._path):
            entries = self._read()
            granted = {pair for pair in wanted if _of(entries, *pair).state not in _TAKEN}
            for channel, key in granted:
                self._put(entries, channel, key, _claimed(_of(entries, channel, key)))
            if granted:
                self._save(entries)
        return granted

    def confirm(self, channel: str, key: str, said: Sent | None = None, kind: str = "") -> None:
        """Note that the channel took it, and what it said. Idempotent."""
        self._note(channel, key, lambda old: _confirmed(old, said or Sent(), kind))

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note that the channel surely did not take it, so that it may be tried again. Idempotent."""
        self._note(channel, key, lambda old: replace(old, state=Sending.FAILED, reason=reason))

    def unclaim(self, channel: str, key: str) -> None:
        """Take a claim back of which no use was made."""
        with state_file.locked(self._path):
            entries = self._read()
            old = _of(entries, channel, key)
            if old.state is Sending.UNKNOWN:
                self._put(entries, channel, key, _forgone(old))
                self._save(entries)

    def note_heard(self, channel: str, key: str, heard: Heard) -> None:
        """Note what people did with a message that was sent; its own time stays."""
        with state_file.locked(self._path):
            entries = self._read()
            if (old := entries.get(channel, {}).get(key)) is not None and old.heard != heard:
                entries[channel][key] = replace(old, heard=heard)
                self._save(entries)

    def state(self, channel: str, key: str) -> Sending:
        """How far `key` came on `channel`."""
        with state_file.locked(self._path):
            return _of(self._read(), channel, key).state

    def passages(self) -> tuple[Passage, ...]:
        """Everything of the last 90 days, oldest first; read without a lock, for files are replaced whole."""
        entries = self._read()
        every = [one.passage(channel, key) for channel, kept in entries.items() for key, one in kept.items()]
        return tuple(sorted(every, key=lambda one: (one.at, one.channel, one.key)))

    def _note(self, channel: str, key: str, change: Callable[[Entry], Entry]) -> None:
        with state_file.locked(self._path):
            entries = self._read()
            self._put(entries, channel, key, change(_of(entries, channel, key)))
            self._save(entries)

    def _read(self) -> Entries:
        content = state_file.load(self._path, VERSION) or {"channels": {}}
        try:
            return _entries(content)
        except UNTRUSTED as err:
            raise state_file.corrupt(self._path, "it does not list messages") from err

    def _put(self, entries: Entries, channel: str, key: str, entry: Entry | None) -> None:
        kept = entries.setdefault(channel, {})
        kept.pop(key, None)
        if entry is not None:
            kept[key] = replace(entry, at=self._clock().astimezone(UTC))

    def _save(self, entries: Entries) -> None:
        now = self._clock()
        recent = {
            channel: {key: entry for key, entry in kept.items() if now - entry.at < KEPT}
            for channel, kept in entries.items()
        }
        state_file.save(self._path, VERSION, _form(recent))


def merged(here: bytes | None, there: bytes | None) -> bytes | None:
    """Bring two copies of the file together: what was sent in either is sent, and else the later word counts.

    A claim that only `here` has never left this checkout, and nothing was sent on it: it counts for nothing. A copy
    that cannot be trusted is not repaired: `there` stays as it is, and `here` counts for nothing.
    """
    if here is None or here == there:
        return there
    try:
        ours = _entries(json.loads(here))
        theirs = _entries({"channels": {}} if there is None else json.loads(there))
    except UNTRUSTED:
        return there
    both = {channel: _later(ours.get(channel, {}), theirs.get(channel, {})) for channel in {*ours, *theirs}}
    if both == theirs:
        return there
    return state_file.to_bytes(VERSION, _form(both))


def _later(ours: Mapping[str, Entry], theirs: Mapping[str, Entry]) -> dict[str, Entry]:
    facts = {key: entry for key, entry in ours.items() if entry.state is not Sending.UNKNOWN}
    return {**theirs, **{key: entry for key, entry in facts.items() if _counts(entry, theirs.get(key))}}


def _counts(our: Entry, their: Entry | None) -> bool:
    if their is None:
        return True
    is_sent_here, is_sent_there = (one.state is Sending.SENT for one in (our, their))
    if is_sent_here != is_sent_there:
        return is_sent_here
    return (our.at, our.heard is not None) > (their.at, their.heard is not None)


def _of(entries: Entries, channel: str, key: str) -> Entry:
    untouched = Entry(Sending.NOT_TRIED, datetime.min.replace(tzinfo=UTC))
    return entries.get(channel, {}).get(key, untouched)


def _claimed(old: Entry) -> Entry:
    return replace(old, state=Sending.UNKNOWN, reason="it was about to be sent", claims=old.claims + 1)


def _confirmed(old: Entry, said: Sent, kind: str) -> Entry:
    found = replace(old, state=Sending.SENT, reason="", kind=kind or old.kind, reference=said.reference, url=said.url)
    return replace(found, attempts=max(old.claims, 1) - 1 + said.attempts, note=said.note)


def _forgone(old: Entry) -> Entry | None:
    """What was so before the claim, as far as that is known."""
    before = old.claims - 1
    return replace(old, state=Sending.FAILED, reason="it was not tried again", claims=before) if before > 0 else None


def _entries(content: Any) -> Entries:  # noqa: ANN401  # whatever stands in the file
    channels = content["channels"]
    return {channel: {key: entry_of(form) for key, form in kept.items()} for channel, kept in channels.items()}


def _form(entries: Entries) -> dict[str, Any]:
    named = entries.items()
    return {"channels": {channel: {key: one.form() for key, one in kept.items()} for channel, kept in named}}

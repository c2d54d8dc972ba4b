"""Messages that wait: for the end of quiet hours, for a digest, for another try, or for a person to look.

    {"version": 1,
    "held": {"slack": {"2026-11-20": 3}},
    "dropped": {},
    "gone": {"slack": {"web-20261120T00Z": "2026-11-20T06:20:00.000000+00:00"}},
    "waiting": [
    {"channel":"slack","why":"failed","attempts":1,…,"message":{…}},
    …
    ]}

What was let go is remembered as gone, so that a checkout that has slept does not bring it back.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ai_ops.files import replace_atomically
from ai_ops.store import state_file
from ai_ops.store.held_form import VERSION, Book, book_of, follows, held_form, messages_of, moment_in_text, to_bytes
from ai_ops.store.held_room import Room, surplus
from ai_ops.store.outbox_entry import UNTRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from ai_ops.domain.held_message import HeldMessage
    from ai_ops.store.held_form import Counts, Place

LONGEST_WAIT = timedelta(days=7)
COUNTED = timedelta(days=28)

_ROOM = Room()


class HeldMessages:
    """The messages that have not left yet, of every channel.

    None waits for more than 7 days, and of too many those go that are missed least; how many went is counted.

    Parameters
    ----------
    path
        State file.
    clock
        Now, aware.
    redact
        Takes secrets out of a text, before it is stored.
    room
        How much may wait for one channel.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime], redact: Callable[[str], str], room: Room = _ROOM
    ) -> None:
        self._path = path
        self._clock = clock
        self._redact = redact
        self._room = room
        self._seen: tuple[object, Book] | None = None
        self._parsed: tuple[HeldMessage, ...] | None = None

    def put(self, held: HeldMessage) -> int:
        """Keep a message until it is let go; where one with its key waits, its attempts are added to that one's.

        Returns
        -------
        int
            How many messages of the channel had to go, so that there is room.

        Raises
        ------
        StateError
            When the file cannot be trusted or written; so for all methods.
        """
        with self._changing() as book:
            return self._put(book, held)

    def exchange(self, keys: Iterable[str], digest: HeldMessage) -> None:
        """Put one message in the place of several, so that no crash loses or doubles any."""
        with self._changing() as book:
            self._forget(book, [(digest.channel, key) for key in keys])
            self._put(book, digest)

    def let_go(self, channel: str, key: str) -> None:
        """It was sent, or is not for the channel any more; one that does not wait is let go already."""
        with self._changing() as book:
            self._forget(book, [(channel, key)])

    def supersede(self, channel: str, alarms: Collection[str], but: str) -> None:
        """Take these alarms out of all that waits, but for the message `but`: there is newer word of them.

        A message that tells of no other alarm is let go.
        """
        with self._changing() as book:
            for place in [place for place in book.waiting if place[0] == channel and place[1] != but]:
                self._take_out(book, place, alarms)

    def prune(self) -> Mapping[str, int]:
        """Drop what has waited too long, and say how many of which channel."""
        with self._changing() as book:
            oldest = moment_in_text(self._now() - LONGEST_WAIT)
            old = [place for place, form in book.waiting.items() if form["since"] < oldest]
            self._drop(book, old)
        return {channel: sum(name == channel for name, _ in old) for channel, _ in old}

    def waiting(self, channel: str | None = None) -> tuple[HeldMessage, ...]:
        """What waits for `channel`, or for any, oldest first."""
        book = self._read()
        if self._parsed is None:
            self._parsed = messages_of(book)
        return tuple(one for one in self._parsed if channel in {None, one.channel})

    def was_let_go(self, channel: str, key: str) -> bool:
        """Whether it has waited in the last 7 days, and does no more."""
        return (channel, key) in self._read().gone

    def counts(self) -> tuple[Counts, Counts]:
        """How many of each channel had to wait, and how many were dropped unsent, by day, of the last 28 days."""
        book = self._read()
        return book.held, book.dropped

    def _put(self, book: Book, held: HeldMessage) -> int:
        place = (held.channel, held.key)
        old = book.waiting.get(place)
        form = held_form(held, self._redact)
        book.waiting[place] = form if old is None else follows(form, old)
        book.gone.pop(place, None)
        if old is None and not held.why.is_dead:
            self._count(book.held, held.channel)
        too_many = surplus(book.waiting, held.channel, self._room)
        self._drop(book, too_many)
        return len(too_many)

    def _take_out(self, book: Book, place: Place, alarms: Collection[str]) -> None:
        form = book.waiting[place]
        told = form["message"]["alarms"]
        left = [alarm for alarm in told if alarm["key"] not in alarms]
        if told and not left:
            self._forget(book, [place])
        elif left != told:
            book.waiting[place] = form | {"message": form["message"] | {"alarms": left}}

    def _drop(self, book: Book, places: Iterable[Place]) -> None:
        for place in places:
            self._count(book.dropped, place[0])
            self._forget(book, [place])

    def _forget(self, book: Book, places: Iterable[Place]) -> None:
        for place in places:
            if book.waiting.pop(place, None) is not None:
                book.gone[place] = moment_in_text(self._now())

    def _count(self, counts: Counts, channel: str) -> None:
        today = f"{self._now():%Y-%m-%d}"
        days = counts.setdefault(channel, {})
        days[today] = days.get(today, 0) + 1

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _read(self) -> Book:
        """The file as it stands, not to be changed; a run looks often, and it seldom has changed."""
        mark = _mark(self._path)
        if self._seen is None or self._seen[0] != mark:
            content = state_file.load(self._path, VERSION)
            try:
                book = Book() if content is None else book_of(content)
                self._seen, self._parsed = (mark, book), messages_of(book)
            except UNTRUSTED as err:
                raise state_file.corrupt(self._path, "it does not list messages that wait") from err
        return self._seen[1]

    @contextmanager
    def _changing(self) -> Iterator[Book]:
        """Hold the file, and write what was changed."""
        with state_file.locked(self._path):
            before = self._read()
            book = before.copy()
            yield book
            if book != before:
                self._tidy(book)
                self._write(to_bytes(book))
                self._seen, self._parsed = (_mark(self._path), book), None

    def _write(self, content: bytes) -> None:
        try:
            replace_atomically(self._path, content)
        except OSError as err:
            raise state_file.not_written(self._path, err) from err

    def _tidy(self, book: Book) -> None:
        """Forget what nobody can bring back any more, and counts of long ago."""
        oldest = moment_in_text(self._now() - LONGEST_WAIT)
        for place in [place for place, at in book.gone.items() if at < oldest]:
            del book.gone[place]
        since = f"{self._now() - COUNTED:%Y-%m-%d}"
        for counts in (book.held, book.dropped):
            for channel, days in counts.items():
                counts[channel] = {day: count for day, count in days.items() if day >= since}


def _mark(path: Path) -> object:
    """What is another after every write: each makes a new file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size

"""The file of messages that wait, in JSON: one message a line, so that it is quick to write and easy to read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_ops.domain.held_message import HeldMessage, Why
from ai_ops.domain.one_line import one_line
from ai_ops.store import kept_message
from ai_ops.store.outbox_entry import UNTRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Place = tuple[str, str]
    """Channel and key of a message."""
    Counts = dict[str, dict[str, int]]

VERSION = 1


@dataclass(frozen=True, slots=True)
class Book:
    """What stands in the file.

    Parameters
    ----------
    waiting
        By channel and key, the form of what waits.
    gone
        By channel and key, when a message was let go, as text.
    held, dropped
        By channel and day, how many had to wait before they were tried, and how many were dropped unsent.
    """

    waiting: dict[Place, dict[str, Any]] = field(default_factory=dict)
    gone: dict[Place, str] = field(default_factory=dict)
    held: Counts = field(default_factory=dict)
    dropped: Counts = field(default_factory=dict)

    def copy(self) -> Book:
        """Another book that may be changed without this one; a form in it is replaced, and never changed."""
        held, dropped = ({name: dict(days) for name, days in counts.items()} for counts in (self.held, self.dropped))
        return Book(dict(self.waiting), dict(self.gone), held, dropped)


def held_form(held: HeldMessage, redact: Callable[[str], str]) -> dict[str, Any]:
    """Write one message that waits, without secrets."""
    return {
        "channel": held.channel,
        "why": held.why,
        "reason": one_line(redact(held.reason)),
        "since": moment_in_text(held.since),
        "at": moment_in_text(held.at),
        "attempts": held.attempts,
        "is_retryable": held.is_retryable,
        "message": kept_message.form_of(held.message, redact),
    }


def held_of(form: Any) -> HeldMessage:  # noqa: ANN401  # whatever stands in the file
    """Read what `held_form` wrote. Raises one of `UNTRUSTED` when it is anything else."""
    return HeldMessage(
        channel=str(form["channel"]),
        message=kept_message.message_of(form["message"]),
        why=Why(form["why"]),
        reason=str(form["reason"]),
        since=_moment(form["since"]),
        at=_moment(form["at"]),
        attempts=int(form["attempts"]),
        is_retryable=bool(form["is_retryable"]),
    )


def follows(form: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Give `form` of a message that was kept before as `old`: it has been tried as often more, and has waited longer.

    What waited, and was then tried in vain, waits anew: how long it is tried again counts from there.
    """
    is_still = Why(form["why"]).is_dead is Why(old["why"]).is_dead
    since = old["since"] if is_still else form["since"]
    return form | {"attempts": old["attempts"] + form["attempts"], "since": since}


def messages_of(book: Book) -> tuple[HeldMessage, ...]:
    """What waits, oldest first. Raises one of `UNTRUSTED` when a form in the book is none."""
    return tuple(sorted(map(held_of, book.waiting.values()), key=lambda one: (one.since, one.channel, one.key)))


def book_of(content: Any) -> Book:  # noqa: ANN401  # whatever stands in the file
    """Read the file; its forms are read by `messages_of`. Raises one of `UNTRUSTED` when it is no such file."""
    waiting = {(str(form["channel"]), str(form["message"]["key"])): form for form in content["waiting"]}
    gone = {
        (channel, key): moment_in_text(_moment(at))
        for channel, kept in content["gone"].items()
        for key, at in kept.items()
    }
    return Book(waiting, gone, _counts(content["held"]), _counts(content["dropped"]))


def to_bytes(book: Book) -> bytes:
    """Write the file."""
    gone: dict[str, dict[str, str]] = {}
    for (channel, key), at in book.gone.items():
        gone.setdefault(channel, {})[key] = at
    lines = ",\n".join(line_of(book.waiting[place]) for place in sorted(book.waiting))
    said = {"held": book.held, "dropped": book.dropped, "gone": gone}
    head = "".join(f'"{name}": {line_of(form)},\n' for name, form in said.items())
    return f'{{"version": {VERSION},\n{head}"waiting": [\n{lines}\n]}}\n'.encode()


def merged(here: bytes | None, there: bytes | None) -> bytes | None:
    """Bring two copies of the file together: what waits in either waits, unless the other let it go since.

    A copy that cannot be trusted is not repaired: `there` stays as it is, and `here` counts for nothing.
    """
    if here is None or here == there:
        return there
    try:
        ours = book_of(json.loads(here))
        theirs = Book() if there is None else book_of(json.loads(there))
        for side in (ours, theirs):
            messages_of(side)
        both = _together(ours, theirs)
    except UNTRUSTED:
        return there
    return there if both == theirs else to_bytes(both)


def _together(ours: Book, theirs: Book) -> Book:
    gone = {place: max(ours.gone.get(place, ""), theirs.gone.get(place, "")) for place in {*ours.gone, *theirs.gone}}
    waiting = {}
    for place in {*ours.waiting, *theirs.waiting}:
        form = max((book.waiting[place] for book in (theirs, ours) if place in book.waiting), key=lambda one: one["at"])
        if gone.get(place, "") < form["at"]:
            waiting[place] = form
            gone.pop(place, None)
    return Book(waiting, gone, _most(ours.held, theirs.held), _most(ours.dropped, theirs.dropped))


def _most(ours: Counts, theirs: Counts) -> Counts:
    """Two copies that share a past have counted much of the same: the higher count of a day has all of it, or most."""
    most: Counts = {}
    for side in (theirs, ours):
        for channel, days in side.items():
            counts = most.setdefault(channel, {})
            counts.update({day: max(count, counts.get(day, 0)) for day, count in days.items()})
    return most


def _counts(form: Any) -> Counts:  # noqa: ANN401  # whatever stands in the file
    return {channel: {str(day): int(count) for day, count in days.items()} for channel, days in form.items()}


def line_of(form: object) -> str:
    """One line of the file."""
    return (
        json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        .encode("utf-8", "backslashreplace")
        .decode()
    )


def moment_in_text(moment: datetime) -> str:
    """The moment so that texts are in order as moments are."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: Any) -> datetime:  # noqa: ANN401  # whatever stands in the file
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment

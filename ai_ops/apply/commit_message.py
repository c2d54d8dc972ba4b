"""What a commit says: a subject of 72 characters, the reasons, two trailers. Nothing in it acts on a reader's host."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import value_in_words
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Change, KnobValue

SUBJECT_WIDTH = 72  # what `git log --oneline` and the hosts show whole
TRAILER_WIDTH = 300
_BODY_WIDTH = 72

_ESCAPE_SEQUENCES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?")
_DEFUSED = (
    (re.compile("@"), "(at)"),  # mentions
    (re.compile(r"#+(?=\w)"), "no. "),  # issues; "fixes #1" closes one
    (re.compile(r"\bGH-(?=\d)", re.IGNORECASE), "GH "),  # the same
    (re.compile("://"), ": //"),  # links; "fixes https://host/issues/1" closes one
    (re.compile(r"\["), "("),  # "[skip ci]" keeps the checks from running
    (re.compile(r"\]"), ")"),
)


def commit_message(episode: Episode) -> str:
    """Say what moves and why, with the trailers `Episode:` and `Reason:`."""
    decision = episode.decision
    is_counted = len(decision.changes) > 1 or any(isinstance(change.after, tuple) for change in decision.changes)
    facts = [f"{_move(change)}." for change in decision.changes] if is_counted else []
    facts += ["The figures come from a simulated service."] if episode.is_simulated else []
    lines = [inert(line) for line in (*facts, *decision.reasons, *_expected(episode))]
    body = "\n".join(_bullet(line) for line in lines if line)
    trailers = f"Episode: {episode_trailer(episode)}\nReason: {_cut(_reason(episode), TRAILER_WIDTH)}"
    return "\n\n".join(part for part in (_subject(episode), body, trailers) if part) + "\n"


def episode_trailer(episode: Episode) -> str:
    """Value of the trailer `Episode:`, by which a delivered decision is found again."""
    return inert(episode.id) or "unnamed"


def inert(text: str) -> str:
    r"""One line of visible characters, without secrets, in which nothing mentions, closes, links or skips anything.

    >>> inert("cpu 93 %\nfixes #12, thanks @ops")
    'cpu 93 % fixes no. 12, thanks (at)ops'
    """
    spaced = " ".join(_ESCAPE_SEQUENCES.sub("", text).split())
    visible = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    visible = redact(visible)
    for pattern, replacement in _DEFUSED:
        visible = pattern.sub(replacement, visible)
    return " ".join(visible.split())


def _subject(episode: Episode) -> str:
    """Name every change when they fit on the line, else count them; a long service name gives way first."""
    mark = " (simulated)" if episode.is_simulated else ""
    moves = [_short_move(change) for change in episode.decision.changes]
    service, room = inert(episode.service), SUBJECT_WIDTH - len(mark) - len("ai-ops:  ")
    listed = ", ".join(moves)
    is_counted = len(moves) > 1 and len(service) + len(listed) > room
    what = f"{len(moves)} thresholds" if is_counted else listed
    return _cut(f"ai-ops: {_cut(service, max(room - len(what), 8))} {what}", SUBJECT_WIDTH - len(mark)) + mark


def _expected(episode: Episode) -> Iterator[str]:
    """What the change will probably do, and what would be without it."""
    if episode.prediction is not None:
        yield f"Expected: {episode.prediction.headline}."
    if episode.if_unchanged is not None:
        yield f"Otherwise: {episode.if_unchanged.headline}."


def _short_move(change: Change) -> str:
    """One change as a subject has room for it; of a schedule the number of entries."""
    if isinstance(change.before, tuple) and isinstance(change.after, tuple):
        return f"{inert(change.knob)} {len(change.before)} -> {len(change.after)} entries"
    return _move(change)


def _move(change: Change) -> str:
    if isinstance(change.after, tuple):
        return f"{inert(change.knob)}: {_plain(change.after)} (was: {_plain(change.before)})"
    return f"{inert(change.knob)} {_plain(change.before)} -> {_plain(change.after)}"


def _plain(value: KnobValue) -> str:
    """Write a number without exponent: 35, 0.5, 1200000; anything else in words."""
    if isinstance(value, str | tuple):
        return inert(value_in_words(value))
    return format(Decimal(repr(float(value))).normalize(), "f")


def _reason(episode: Episode) -> str:
    return inert("; ".join(episode.decision.reasons)) or "none given"


def _bullet(line: str) -> str:
    """Indent every wrapped line, so that none can begin like a trailer, a comment or a patch."""
    return textwrap.fill(line, _BODY_WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"

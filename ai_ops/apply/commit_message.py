"""What a commit says: a subject of 72 characters, the reasons, trailers. Nothing in it acts on a reader's host."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING

from ai_ops.apply.command_line import command_about
from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.prediction import Verdict
from ai_ops.domain.tuning import value_in_words
from ai_ops.markdown import FARTHEST, cut, defused, one_visible_line
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Change, KnobValue

SUBJECT_WIDTH = 72  # what `git log --oneline` and the hosts show whole
TRAILER_WIDTH = 300
_BODY_WIDTH = 72


def commit_message(episode: Episode) -> str:
    """Say what moves and why, with the trailers `Episode:`, `Reason:`, `Predicted:` and `Rollback:`."""
    decision = episode.decision
    is_counted = len(decision.changes) > 1 or any(isinstance(change.after, tuple) for change in decision.changes)
    facts = [f"{_move(change)}." for change in decision.changes] if is_counted else []
    facts += ["The figures come from a simulated service."] if episode.is_simulated else []
    lines = [inert(line) for line in (*facts, *decision.reasons, *_expected(episode))]
    body = "\n".join(_bullet(line) for line in lines if line)
    trailers = "\n".join(_trailers(episode))
    return "\n\n".join(part for part in (subject(episode), body, trailers) if part) + "\n"


def subject(episode: Episode) -> str:
    """Name every change when they fit on the line, else count them; a long service name gives way first."""
    mark = " (simulated)" if episode.is_simulated else ""
    verb = "take back " if takes_back(episode) else ""
    moves = [_short_move(change) for change in episode.decision.changes]
    service, room = inert(episode.service), SUBJECT_WIDTH - len(mark) - len(verb) - len("ai-ops:  ")
    listed = ", ".join(moves)
    is_counted = len(moves) > 1 and len(service) + len(listed) > room
    what = f"{len(moves)} settings" if is_counted else listed
    return cut(f"ai-ops: {cut(service, max(room - len(what), 8))} {verb}{what}", SUBJECT_WIDTH - len(mark)) + mark


def takes_back(episode: Episode) -> bool:
    """Whether a person takes a change back, or the agent answers a live one that did harm."""
    is_missed = any(one.is_live_change and one.verdict is Verdict.MISS for one in episode.outcomes)
    return episode.policy == ROLLBACK or (episode.decision.is_urgent and is_missed)


def episode_trailer(episode: Episode) -> str:
    """Value of the trailer `Episode:`, by which a delivered decision is found again."""
    return inert(episode.id) or "unnamed"


def inert(text: str) -> str:
    r"""One line of visible characters, without secrets, in which nothing mentions, closes, links or skips anything.

    >>> inert("cpu 93 %\nfixes #12, thanks @ops")
    'cpu 93 % fixes no. 12, thanks (at)ops'
    """
    return defused(redact(one_visible_line(text[:FARTHEST])))


def _trailers(episode: Episode) -> Iterator[str]:
    """What programs look for, and the line that undoes it."""
    yield f"Episode: {episode_trailer(episode)}"
    yield f"Reason: {cut(_reason(episode), TRAILER_WIDTH)}"
    if episode.prediction is not None:
        yield f"Predicted: {inert(episode.prediction.headline)}"
    yield f"Rollback: {command_about(episode_trailer(episode), 'rollback', '--apply')}"


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

"""The table of what moves: now, new, bounds, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.tuning import value_in_words
from ai_ops.markdown import bullets, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.apply.pull_request_body.facts import Facts
    from ai_ops.apply.pull_request_body.parts import Pen
    from ai_ops.domain.tuning import Change, Knob

MOST_ROWS, MOST_REASONS = 20, 8
_VALUE_WIDTH = 200


def knob_table(facts: Facts, pen: Pen) -> str:
    """One row for each knob that moves."""
    changes = facts.episode.decision.changes
    rows = [_row(change, facts.knobs.get(change.knob), pen) for change in changes[:MOST_ROWS]]
    more = f"\n\nand {len(changes) - MOST_ROWS} more, see the diff" if len(changes) > MOST_ROWS else ""
    return table(("setting", "now", "new", "bounds", "why"), rows) + more


def reasons(facts: Facts, pen: Pen) -> str:
    """Why, in the words of the policy and of the guardrails."""
    told = facts.episode.decision.reasons
    more = [f"and {len(told) - MOST_REASONS} more reasons"] if len(told) > MOST_REASONS else []
    lines = [*(pen.words(reason, 500) for reason in told[:MOST_REASONS]), *more]
    return f"**Why**\n\n{bullets(lines)}" if lines else ""


def _row(change: Change, knob: Knob | None, pen: Pen) -> Sequence[str]:
    now, new = (pen.words(value_in_words(value), _VALUE_WIDTH) for value in (change.before, change.after))
    bounds = pen.words(knob.bounds_in_words(), _VALUE_WIDTH) if knob else "unknown"
    return pen.code(change.knob, 60), now, new, bounds, _why(change, knob)


def _why(change: Change, knob: Knob | None) -> str:
    """What the move does by itself."""
    if knob is not None and knob.is_safer(change.before, change.after):
        return "safer, costs money"
    if knob is not None and knob.is_safer(change.after, change.before):
        return "cheaper, less room"
    return "proven together with the rest"

"""The end of a body: how to undo it, until when it holds, and what most readers leave folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.command_line import command_about
from ai_ops.apply.pull_request_body.words import moment, standing
from ai_ops.domain.pull_request import STOP_LABEL
from ai_ops.markdown import bullets, fenced, folded, quieted, table

if TYPE_CHECKING:
    from ai_ops.apply.pull_request_body.facts import Facts
    from ai_ops.apply.pull_request_body.parts import Pen

MOST_SETTINGS, LONGEST_DIFF = 40, 20_000


def way_back(facts: Facts, pen: Pen) -> str:
    """One line that undoes it, and how to stop the agent."""
    undo = command_about(facts.episode.id, "rollback", "--apply")
    return (
        f"**To undo it** after the merge: {pen.code(undo)}. **To stop the agent**: put the label "
        f"{pen.code(STOP_LABEL)} on this pull request, or run {pen.code('neuropilot pause')}. "
        f"It is closed on {moment(facts.expires_at)} unless somebody merges it before."
    )


def method(facts: Facts, pen: Pen) -> str:
    """How the figures came about."""
    episode = facts.episode
    by = f"the policy {pen.code(episode.policy, 40)}, mode {pen.code(episode.mode, 40)}"
    lines = [f"decided {moment(episode.decided_at)} by {by}"]
    if episode.rationale is not None:
        lines.append(
            "the last days were replayed minute by minute through a model of the service that is fitted to its own "
            "history, with every candidate; the cheapest that is safe in a bad fortnight and under stress is proposed"
        )
    if episode.prediction is not None:
        lines.append(
            f"predicted are the first {episode.prediction.horizon_hours:g} hours on these settings, written as if all "
            "of a month were like them: nine of ten such days should lie within the interval, and a whole month swings "
            "less. SLO minutes are the bad requests as if they came in a row. After the merge it is held against what "
            "is measured"
        )
    return folded("Method", bullets(lines))


def settings(facts: Facts, pen: Pen) -> str:
    """Every setting as it stands."""
    rows = [(pen.code(name, 60), pen.words(value)) for name, value in standing(facts.episode.thresholds)]
    return folded("Settings as they stand", table(("setting", "value"), rows[:MOST_SETTINGS])) if rows else ""


def proof(facts: Facts, pen: Pen) -> str:
    """How to derive the decision again, and where it is recorded."""
    episode = facts.episode
    lines = [f"{pen.code(command_about(episode.id, 'replay'))} derives the decision again, byte for byte"]
    if episode.inputs_digest:
        lines.append(f"it was made on inputs with the digest {pen.code(episode.inputs_digest, 80)}")
    if facts.ledger_hash:
        lines.append(f"the ledger's line that records it has the hash {pen.code(facts.ledger_hash, 80)}")
    return folded("Replay and ledger", bullets(lines))


def diff(facts: Facts, pen: Pen) -> str:
    """What changes in the files, whole or not at all."""
    if not facts.diff.strip() or len(facts.diff) > LONGEST_DIFF:
        return ""
    return folded("Diff", fenced("diff", quieted(pen.redact(facts.diff))))

"""What is said on a pull request after people have merged it, or when it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.command_line import command_about
from ai_ops.apply.pull_request_body.figures import amount, monthly, span
from ai_ops.apply.pull_request_body.markers import outcome_marker as outcome_marker  # noqa: PLC0414  # their first line
from ai_ops.apply.pull_request_body.parts import Pen
from ai_ops.apply.pull_request_body.words import moment
from ai_ops.domain.metrics import HOURS_PER_MONTH
from ai_ops.domain.prediction import Verdict
from ai_ops.markdown import table
from ai_ops.redact import redact as redact_shapes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Outcome

_TITLES = {
    Verdict.HIT: "Hit: it came true",
    Verdict.MISS: "Miss: it did not come true",
    Verdict.NOT_JUDGEABLE: "Not judgeable",
}
_SIMULATED = "\n\nSimulated figures: none of your services was measured."


def live_comment(
    episode: Episode, since: datetime, judged_at: datetime, redact: Callable[[str], str] = redact_shapes
) -> str:
    """Say that the change is live, what is expected of it, and when that will be judged."""
    pen = Pen(redact)
    undo = pen.code(command_about(episode.id, "rollback", "--apply"))
    if episode.prediction is None:
        text = (
            f"**Live since {moment(since)}.** The policy {pen.code(episode.policy, 40)} predicted nothing, so there is "
            f"nothing to judge. {undo} takes it back."
        )
        return text + (_SIMULATED if episode.is_simulated else "")
    expected = monthly(episode.prediction)
    rows = [("cost per month", span(expected.cost)), ("SLO minutes per month", span(expected.slo_minutes))]
    return (
        f"**Live since {moment(since)}; it will be judged at {moment(judged_at)}**, in this very comment. {undo} takes "
        f"it back.\n\n{table(('predicted', 'with the 90 % interval'), rows)}"
        f"{_SIMULATED if episode.is_simulated else ''}"
    )


def verdict_comment(
    episode: Episode,
    since: datetime,
    outcome: Outcome,
    *,
    is_taken_back: bool = False,
    redact: Callable[[str], str] = redact_shapes,
) -> str:
    """Say what was predicted, what happened, whether it came true, and what follows.

    Parameters
    ----------
    is_taken_back
        Whether the miss is beyond tolerance, so that the agent proposes the way back.
    """
    pen = Pen(redact)
    judged = f"Live since {moment(since)}, judged {moment(outcome.judged_at)}: {pen.words(outcome.reason)}."
    parts = [
        f"**{_TITLES[outcome.verdict]}.** {judged}",
        _figures(episode, outcome),
        _next(episode, outcome, pen, is_taken_back=is_taken_back),
    ]
    return "\n\n".join(part for part in parts if part) + (_SIMULATED if episode.is_simulated else "")


def closing_comment(reason: str, redact: Callable[[str], str] = redact_shapes) -> str:
    """Say why a proposal does not hold any more."""
    return f"**Closed by the agent:** {Pen(redact).words(reason, 500)}"


def _figures(episode: Episode, outcome: Outcome) -> str:
    """Predicted beside realised, where there was a prediction."""
    prediction = episode.prediction
    if prediction is None:
        return ""
    cost = None if outcome.cost_per_hour is None else HOURS_PER_MONTH * outcome.cost_per_hour
    rows = [
        ("cost per month", span(monthly(prediction).cost), _realised(cost)),
        ("error budget spent, as a share", span(prediction.burn), _realised(outcome.burn)),
    ]
    return table(("", "predicted, with the 90 % interval", "realised"), rows)


def _realised(value: float | None) -> str:
    return "not measured" if value is None else amount(value)


def _next(episode: Episode, outcome: Outcome, pen: Pen, *, is_taken_back: bool) -> str:
    """What the agent does now, and what a person can do."""
    undo = pen.code(command_about(episode.id, "rollback", "--apply"))
    if is_taken_back:
        return f"That is beyond tolerance: the agent proposes to take it back. {undo} does it at once."
    if outcome.verdict is Verdict.HIT:
        return "It stays, and counts as a hit."
    if outcome.verdict is Verdict.MISS:
        return f"It counts as a miss, but stays: the harm is within what is tolerated. {undo} takes it back."
    return f"It counts neither for nor against. {undo} takes it back."

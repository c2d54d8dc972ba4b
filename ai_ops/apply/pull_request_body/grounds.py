"""What the decision rests on, what would make it wrong, and how such decisions have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.command_line import command_about
from ai_ops.apply.pull_request_body.words import day, moment, moves
from ai_ops.domain.label import finding_id
from ai_ops.domain.rationale import Cause
from ai_ops.markdown import bullets, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.apply.pull_request_body.facts import Facts, Similar
    from ai_ops.apply.pull_request_body.parts import Pen
    from ai_ops.domain.rationale import RiskyHour

MOST = 6


def evidence(facts: Facts, pen: Pen) -> str:
    """Names of what was found, and the command that shows all of it."""
    return f"**Evidence**\n\n{bullets(_evidence(facts, pen))}"


def doubts(facts: Facts, pen: Pen) -> str:
    """What would have to be different, and the hours in which it is most likely to hurt."""
    lines = list(_doubts(facts, pen))
    return f"**What would make this wrong**\n\n{bullets(lines)}" if lines else ""


def precedents(facts: Facts, pen: Pen) -> str:
    """Past decisions on the same knobs, each a hit or a miss."""
    if not facts.similar:
        return "**Similar decisions**: none yet."
    rows = [_precedent(one, pen) for one in facts.similar[:MOST]]
    return f"**Similar decisions**\n\n{table(('decided', 'what moved', 'what became of it'), rows)}"


def checks(facts: Facts, pen: Pen) -> str:
    """What was checked, and passed."""
    lines = [pen.words(check) for check in facts.checks[: 2 * MOST]]
    return f"**Checked, and passed**\n\n{bullets(lines)}" if lines else ""


def _evidence(facts: Facts, pen: Pen) -> Iterator[str]:
    episode = facts.episode
    yield (
        f"episode {pen.code(episode.id)}, measured {moment(episode.window.start)} to {moment(episode.window.end)} by "
        f"{pen.words(episode.source, 60)}: {pen.code(command_about(episode.id, 'explain'))} shows all of it"
    )
    for found in episode.findings[:MOST]:
        name = finding_id(episode.service, found.metric, found.since)
        yield f"finding {pen.code(name)}, {found.severity}, {pen.code(found.metric, 60)}: {pen.words(found.reason)}"
    if len(episode.findings) > MOST:
        yield f"and {len(episode.findings) - MOST} more findings"
    for gap in episode.gaps[:MOST]:
        yield f"not measured: {pen.code(gap.metric, 60)}, {pen.words(gap.reason)}"
    for warning in episode.warnings[:MOST]:
        yield f"warned: {pen.words(warning)}"


def _doubts(facts: Facts, pen: Pen) -> Iterator[str]:
    rationale, prediction = facts.episode.rationale, facts.episode.prediction
    if prediction is not None:
        demand = prediction.requests_per_second
        yield (f"another demand than {demand.low:.4g} to {demand.high:.4g} requests/s, on which all of it rests")
    if rationale is not None:
        yield from (pen.words(point) for point in rationale.what_would_change[:MOST])
        yield from (_hour(hour) for hour in rationale.riskiest[:MOST])


def _hour(hour: RiskyHour) -> str:
    why = "" if hour.cause is Cause.LOAD else "; a deploy or an incident elsewhere, which no setting changes"
    return (
        f"riskiest hour: {hour.start:%a} {moment(hour.start)}, {hour.budget_ratio:.1%} of the error budget of the "
        f"replayed days at {hour.requests_per_second:.4g} requests/s{why}"
    )


def _precedent(one: Similar, pen: Pen) -> tuple[str, str, str]:
    outcome = one.outcome
    became = "not judged" if outcome is None else f"**{outcome.verdict}**: {pen.words(outcome.reason, 200)}"
    if outcome is not None and not outcome.is_live_change:
        became += " (it was not live)"
    return f"{day(one.decided_at)} {pen.code(one.episode_id, 80)}", moves(one.changes, pen), became

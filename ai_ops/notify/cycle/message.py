"""What a person shall read about one cycle."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import DeliveryStatus
from ai_ops.domain.finding import Severity
from ai_ops.domain.message import Message, MessageKind
from ai_ops.domain.tuning import value_in_words
from ai_ops.notify.cycle.alarms import alarms_of
from ai_ops.notify.cycle.figures import level_of, properties_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.cycle import Delivery, Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.tuning import Change, Reward

UNKNOWN = "not measured"
FINDINGS_SHOWN = 3

_LOUDNESS = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 3}
_SPEAKS_FOR_ITSELF = {DeliveryStatus.NOTHING_TO_DO, DeliveryStatus.COMMITTED}


def message_for(episode: Episode, delivery: Delivery, *, currency: str = "", before: Sequence[Episode] = ()) -> Message:
    """Tell one cycle: the verdict, the figures it rests on, and why.

    Parameters
    ----------
    episode
        What was seen and decided; its id is the message's key, so that one cycle is told once.
    delivery
        What became of the decision.
    currency
        Written behind amounts of money, e.g. "EUR".
    before
        What was decided earlier, oldest first: whatever was abnormal then and is so no longer has ended.
    """
    verdict, level = _verdict(episode, delivery), level_of(episode, delivery)
    return Message(
        key=episode.id,
        title=f"{episode.service}: {verdict}",
        facts=_facts(episode, currency),
        lines=_lines(episode, delivery),
        is_simulated=episode.is_simulated,
        review_url=delivery.url or "",
        kind=MessageKind.CYCLE,
        level=level,
        service=episode.service,
        at=episode.decided_at,
        alarms=alarms_of(episode, before),
        properties=properties_of(episode, level, verdict),
    )


def _verdict(episode: Episode, delivery: Delivery) -> str:
    moves = (_move(change) for change in episode.decision.changes)
    verdict = "hold" if episode.decision.is_hold else ", ".join(moves)
    outcome = "" if delivery.status in _SPEAKS_FOR_ITSELF else f" ({delivery.status})"
    return f"{verdict}{outcome}"


def _move(change: Change) -> str:
    """One change as a title has room for it; of a schedule the number of entries."""
    if isinstance(change.before, tuple) and isinstance(change.after, tuple):
        return f"{change.knob} {len(change.before)} → {len(change.after)} entries"
    return f"{change.knob} {value_in_words(change.before)} → {value_in_words(change.after)}"


def _schedules(episode: Episode) -> tuple[str, ...]:
    """What the title had no room for."""
    return tuple(
        f"{change.knob}: {value_in_words(change.after)} (was: {value_in_words(change.before)})"
        for change in episode.decision.changes
        if isinstance(change.after, tuple)
    )


def _facts(episode: Episode, currency: str) -> tuple[tuple[str, str], ...]:
    reward, measured = episode.reward, episode.measured
    return (
        ("SLO", _figure(reward.slo_good_percent, " % good", digits=6)),
        ("Error budget spent", _figure(None if reward.burn is None else 100.0 * reward.burn, " %")),
        ("Cost", _cost(reward, currency)),
        ("Reward", _figure(reward.value, f" ({reward.formula})")),
        ("Findings", _count(episode.findings) if measured else UNKNOWN),
        ("CPU", _figure(measured.get("cpu_percent"), " %")),
        ("p95 latency", _figure(measured.get("latency_p95_ms"), " ms")),
        ("Errors", _figure(measured.get("error_percent"), " %")),
        *([("Expected", episode.prediction.headline)] if episode.prediction else []),
        *([("Otherwise", episode.if_unchanged.headline)] if episode.if_unchanged else []),
    )


def _lines(episode: Episode, delivery: Delivery) -> tuple[str, ...]:
    loudest = sorted(episode.findings, key=lambda finding: (_LOUDNESS[finding.severity], finding.score), reverse=True)
    more = len(loudest) - FINDINGS_SHOWN
    start, end = episode.window.start.astimezone(UTC), episode.window.end.astimezone(UTC)
    lines = (
        *_schedules(episode),
        *episode.decision.reasons,
        *(f"Outcome: {outcome.in_words}" for outcome in episode.outcomes),
        *([delivery.reason] if delivery.reason else []),
        *([f"Commit {delivery.commit[:12]}"] if delivery.commit else []),
        *(f"{found.severity.upper()} {found.metric}: {found.reason}" for found in loudest[:FINDINGS_SHOWN]),
        *([f"and {more} more finding(s)"] if more > 0 else []),
        *(f"Degraded: no {gap.metric}: {gap.reason}" for gap in episode.gaps),
        *(f"Degraded: {warning}" for warning in episode.warnings),
        f"{episode.source}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, mode {episode.mode}",
        f"neuropilot explain {episode.id}",
    )
    return tuple(dict.fromkeys(lines))  # a delivery may repeat the decision's reason


def _count(findings: tuple[Finding, ...]) -> str:
    """Count the findings by severity, loudest first: "3 (1 critical, 2 low)"."""
    counts = {severity: sum(found.severity is severity for found in findings) for severity in reversed(Severity)}
    parts = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
    return f"{len(findings)} ({parts})" if findings else "none"


def _cost(reward: Reward, currency: str) -> str:
    if reward.cost is None:
        return UNKNOWN
    budget = "" if reward.budget is None else f" of {reward.budget:.2f}"
    return f"{reward.cost:.2f}{budget} {currency}".strip()


def _figure(value: float | None, unit: str, digits: int = 3) -> str:
    """Write a measured figure with as many significant digits as a person can use."""
    return UNKNOWN if value is None else f"{_number(float(f'{value:.{digits}g}'))}{unit}"


def _number(value: float) -> str:
    """Write a number without exponent and trailing zeros: 35, 0.5, 1250."""
    return f"{value:.10g}"

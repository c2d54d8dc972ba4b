"""How loud one cycle is, and its figures for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.cycle import ROLLBACK, DeliveryStatus
from ai_ops.domain.message import Level, MessageKind, Property

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.cycle import Delivery, Episode

_NEEDS_A_PERSON = {DeliveryStatus.PROPOSED, DeliveryStatus.REFUSED}


def level_of(episode: Episode, delivery: Delivery) -> Level:
    """That of the loudest thing in it.

    A finding is as loud as it is severe. A change that waits for a person, or that something stands in the way of, is
    medium; one that needs nobody is low, as is a metric that is missing, and to see nothing at all is medium.
    """
    return max(_levels(episode, delivery), key=tuple(Level).index)


def properties_of(episode: Episode, level: Level, verdict: str) -> tuple[Property, ...]:
    """The figures with their types; what was not measured is None.

    Parameters
    ----------
    verdict
        What was decided, in a line.
    """
    reward, measured = episode.reward, episode.measured
    return (
        Property("Run ID", episode.id),
        Property("Date", episode.decided_at),
        Property("Kind", MessageKind.CYCLE.value),
        Property("Level", level.value),
        Property("Services", (episode.service,)),
        Property("Decision", verdict),
        Property("SLO good %", reward.slo_good_percent),
        Property("Budget spent %", None if reward.burn is None else 100.0 * reward.burn),
        Property("Cost", reward.cost),
        Property("Reward", reward.value),
        Property("Findings", float(len(episode.findings)) if measured else None),
        Property("CPU %", measured.get("cpu_percent")),
        Property("p95 ms", measured.get("latency_p95_ms")),
        Property("Errors %", measured.get("error_percent")),
    )


def _levels(episode: Episode, delivery: Delivery) -> Iterator[Level]:
    yield Level.INFO
    yield from (Level(finding.severity) for finding in episode.findings)
    if not episode.measured and episode.policy != ROLLBACK:  # for that nobody looks
        yield Level.MEDIUM
    if episode.gaps or episode.warnings:
        yield Level.LOW
    if not episode.decision.is_hold:
        yield Level.MEDIUM if delivery.status in _NEEDS_A_PERSON else Level.LOW

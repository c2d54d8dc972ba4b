"""Which service a person should look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.report.service_report import ServiceReport

MOST_TOLD = 5
"""Services that a page tells in full; nobody reads more over one coffee."""

_ORDER = (Tone.BAD, Tone.WATCH, Tone.PLAIN, Tone.GOOD)


def worst_first(services: Iterable[ServiceReport]) -> tuple[ServiceReport, ...]:
    """Order services by how much they need somebody: the tone, the most urgent need, then the poorest health.

    Of equal ones the order stays.
    """
    return tuple(sorted(services, key=_rank))


def _rank(service: ServiceReport) -> tuple[int, int, float]:
    urgency = max((need.urgency for need in service.needs), default=-1)
    health = 100.0 if service.health.score is None else service.health.score
    return _ORDER.index(service.tone), -urgency, health

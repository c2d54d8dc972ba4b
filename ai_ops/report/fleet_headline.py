"""The headline of a report on several services: how many kept their promise, and which one to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Tone
from ai_ops.report.headline import NOTHING_TO_DO, Headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.report.service_report import ServiceReport

_WORST_FIRST = (Tone.BAD, Tone.WATCH, Tone.PLAIN, Tone.GOOD)

BARELY = 1.05
"""Below this a burn reads as "1.0 times"."""


def fleet_headline(services: Sequence[ServiceReport]) -> Headline:
    """Say it in one sentence: counts first, then the worst service by name; of equal ones the first.

    Parameters
    ----------
    services
        At least one.
    """
    broken = [one for one in services if one.slo.burn is not None and one.slo.burn > 1.0]
    worst = max(broken, key=_burn) if broken else min(services, key=_rank)
    words = f"{_counted(services, len(broken))}; {_about(worst)}" if _stands_out(worst) else _counted(services, 0)
    why = f"{worst.service}: {worst.why}" if _stands_out(worst) else _least_left(services)
    acting = worst if worst.action != NOTHING_TO_DO else next((one for one in services if _acts(one)), worst)
    action = f"{_whose(acting)}{acting.action}" if _acts(acting) else NOTHING_TO_DO
    return Headline(worst.tone, f"{words}.", why, action, 0)


def _burn(service: ServiceReport) -> float:
    return service.slo.burn or 0.0


def _rank(service: ServiceReport) -> tuple[int, int]:
    return _WORST_FIRST.index(service.tone), -max((need.urgency for need in service.needs), default=0)


def _stands_out(service: ServiceReport) -> bool:
    return service.tone in {Tone.BAD, Tone.WATCH}


def _acts(service: ServiceReport) -> bool:
    return service.action != NOTHING_TO_DO


def _whose(service: ServiceReport) -> str:
    """Before what to do: the service, unless it is about none, such as a channel that is silent."""
    shared = [need for need in service.needs if not need.service]
    is_shared = any(service.action in {need.action, f"{need.what}: {need.action}"} for need in shared)
    return "" if is_shared else f"{service.service}: "


def _counted(services: Sequence[ServiceReport], broken: int) -> str:
    """How many kept their promise, and of how many nobody knows."""
    unknown = sum(one.slo.burn is None for one in services)
    kept, count = len(services) - unknown - broken, len(services)
    if unknown == count:
        return f"Of none of {count} services is it known whether the promise was kept"
    every = "Both" if count == 2 else f"All {count}"  # noqa: PLR2004  # as people say it
    said = f"{every if kept == count else f'{kept} of {count}'} services kept their promise"
    return f"{said}, of {unknown} it is not known" if unknown else said


def _about(worst: ServiceReport) -> str:
    """What is wrong with the worst one; a broken promise by how fast the error budget goes."""
    burn = _burn(worst)
    if burn > 1.0:
        pace = f"{burn:.1f} times as fast as it may" if burn >= BARELY else "a little faster than it may"
        return f"{worst.service} spends its error budget {pace}"
    return f"{worst.service}: {worst.headline.rstrip('.')}"


def _least_left(services: Sequence[ServiceReport]) -> str:
    """Where least of the error budget is left: the next to look at on a quiet morning."""
    known = [(one.slo.budget_left_ratio, one.service) for one in services if one.slo.budget_left_ratio is not None]
    if not known:
        return "No error budget of 30 days is known yet."
    left, service = min(known, key=lambda one: one[0])
    return f"Least of its 30-day error budget is left in {service}: {100.0 * left:.0f} %."

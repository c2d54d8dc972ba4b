"""What several services cost together, and which of them is worst off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_ops.report.service_report import ServiceReport


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the services whose figure is known.

    Parameters
    ----------
    currency
        Of all of them; None where they differ, so that nothing can be added up.
    spent, projected
        This month so far, and by its end.
    spent_of, projected_of
        Of how many services that is.
    """

    currency: str | None
    spent: float
    spent_of: int
    projected: float
    projected_of: int


def totals_of(services: Iterable[ServiceReport]) -> Totals:
    """Add up what is known."""
    costs = [one.cost for one in services]
    currencies = {cost.currency for cost in costs}
    spent = [cost.to_date for cost in costs if cost.to_date is not None]
    projected = [cost.projected.expected for cost in costs if cost.projected is not None]
    return Totals(
        currency=currencies.pop() if len(currencies) == 1 else None,
        spent=sum(spent),
        spent_of=len(spent),
        projected=sum(projected),
        projected_of=len(projected),
    )


def poorest(services: Sequence[ServiceReport]) -> ServiceReport | None:
    """The service of the poorest health; None where no health is known."""
    known = [(one.health.score, one) for one in services if one.health.score is not None]
    return min(known, key=lambda pair: pair[0])[1] if known else None


def least_budget(services: Sequence[ServiceReport]) -> ServiceReport | None:
    """The service with the least error budget left; None where none is known."""
    known = [(one.slo.budget_left_ratio, one) for one in services if one.slo.budget_left_ratio is not None]
    return min(known, key=lambda pair: pair[0])[1] if known else None

"""The figures of a report as typed columns, for a channel that keeps a table of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.message import MessageKind, Property
from ai_ops.report.message.totals import least_budget, poorest, totals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.report.service_report import Report


def properties_of(report: Report, key: str) -> Iterator[Property]:
    """Worst health, least budget and total cost; a total is None unless it is of every service.

    Parameters
    ----------
    key
        By which the channel finds the report again.
    """
    services, totals = report.services, totals_of(report.services)
    worst, tightest = poorest(services), least_budget(services)
    left = tightest.slo.budget_left_ratio if tightest else None
    can_add = totals.currency is not None
    yield Property("Date", report.span.end)
    yield Property("Kind", "weekly brief" if report.kind is MessageKind.WEEKLY_BRIEF else "daily report")
    yield Property("Services", tuple(one.service for one in services))
    yield Property("Health", worst.health.score if worst else None)
    yield Property("Error budget left %", None if left is None else 100.0 * left)
    yield Property("Cost to date", totals.spent if can_add and totals.spent_of == len(services) else None)
    yield Property("Projected cost", totals.projected if can_add and totals.projected_of == len(services) else None)
    yield Property("Alarms", float(sum(len(one.alarms) for one in services)))
    yield Property("Needs a person", float(len(report.needs) + report.more_needs))
    yield Property("Run ID", key)

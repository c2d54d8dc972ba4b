"""What the service costs, and what it may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Figure, Paragraph, Section, Table
from ai_ops.domain.figure import figure
from ai_ops.report.pages.tones import cost_tone
from ai_ops.report.pages.words import UNKNOWN, money, money_range, period, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service_report import CostStanding, ServiceReport


def cost_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Say where the month will end beside its budget; below it the figures."""
    cost = service.cost
    is_known = cost.to_date is not None
    verdict = Paragraph(cost_in_words(cost), cost.evidence.id if is_known else "", cost_tone(cost.variance_percent))
    rows = tuple((Cell(label), _value(value, cost)) for label, value in _figures(cost, span))
    blocks: list[Block] = [verdict, Table(f"What {service.service} costs", ("figure", "value"), rows)]
    if is_known:
        blocks.append(_picture(service.service, cost))
    return Section(f"{service.service}-cost", "Cost", tuple(blocks), service.service)


def cost_in_words(cost: CostStanding) -> str:
    """What was spent this month, and how the whole month should end beside its budget."""
    if cost.to_date is None:
        return f"The cost is not measured; the budget is {money(cost.budget, cost.currency)} a month."
    spent = f"{money(cost.to_date, cost.currency)} so far this month"
    if cost.projected is None:
        return f"{spent}, of a budget of {money(cost.budget, cost.currency)}."
    return f"{spent}; {money_range(cost.projected, cost.currency)} by its end{_beside_budget(cost)}."


def _beside_budget(cost: CostStanding) -> str:
    if cost.variance_percent is None:
        return ""
    side = "above" if cost.variance_percent > 0 else "below"
    return f", {figure(abs(cost.variance_percent))} % {side} the budget of {money(cost.budget, cost.currency)}"


def _figures(cost: CostStanding, span: ReportSpan) -> Iterator[tuple[str, str]]:
    yield period(span), money(cost.span_cost, cost.currency)
    yield "this month so far", money(cost.to_date, cost.currency)
    yield "a day of it, on average", money(cost.daily_average, cost.currency)
    yield "the whole month, with the bounds of nine in ten", money_range(cost.projected, cost.currency)
    yield "the same beside the budget", signed(cost.variance_percent)
    yield "a day's average times 30", money(cost.projected_literal, cost.currency)
    yield "the same beside the budget", signed(cost.variance_literal_percent)
    yield "budget of a month", money(cost.budget, cost.currency)
    yield "last month", money(cost.last_month, cost.currency)
    yield "measured of this month", f"{figure(cost.hours_known, 0)} of {figure(cost.hours_elapsed, 0)} hours"


def _value(value: str, cost: CostStanding) -> Cell:
    return Cell(value, "" if value in {UNKNOWN, "not known"} else cost.evidence.id)


def _picture(service: str, cost: CostStanding) -> Figure:
    bars = (
        ("last month", cost.last_month),
        ("so far", cost.to_date),
        ("expected", cost.projected.expected if cost.projected else None),
        ("budget", cost.budget),
    )
    return Figure(
        name=f"{service}-cost",
        title=f"Cost of {service} this month",
        alt=f"The cost of {service}, day by day. {cost_in_words(cost)}",
        bars=tuple((label, height) for label, height in bars if height is not None),
        unit=cost.currency or "money",
    )

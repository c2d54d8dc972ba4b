"""What the service costs, and what it may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Figure, Paragraph, Section, Table
from ai_ops.domain.figure import apart, figure
from ai_ops.report.pages.tones import cost_tone
from ai_ops.report.pages.words import UNKNOWN, counted, money, money_range, period, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service.said import CostStanding
    from ai_ops.report.service_report import ServiceReport

HARDLY_MEASURED = "less than half of it was measured"

LEAST_WHOLE_RATIO = 0.95
"""Of the month; a day of three weeks more or less changes nothing that anybody would decide."""


def cost_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Say where the month will end beside its budget; below it the figures."""
    cost = service.cost
    is_known = cost.to_date is not None
    verdict = Paragraph(cost_in_words(cost), cost.evidence.id if is_known else "", cost_tone(cost))
    rows = tuple((Cell(label), _value(value, cost)) for label, value in _figures(cost, span))
    blocks: list[Block] = [verdict, Table(f"What {service.service} costs", ("figure", "value"), rows)]
    if is_known:
        blocks.append(_picture(service.service, cost))
    return Section(f"{service.service}-cost", "Cost", tuple(blocks), service.service)


def cost_in_words(cost: CostStanding) -> str:
    """What was spent this month, and how the whole month should end beside its budget."""
    if cost.to_date is None:
        return f"The cost is not measured; the budget is {money(cost.budget, cost.currency)} a month."
    spent = f"{money(cost.to_date, cost.currency)} so far this month{_doubt(cost)}"
    if cost.projected is None:
        return f"{spent}, of a budget of {money(cost.budget, cost.currency)}."
    return f"{spent}; {money_range(cost.projected, cost.currency)} by its end{_beside_budget(cost)}."


def _beside_budget(cost: CostStanding) -> str:
    variance, budget = cost.variance_percent, money(cost.budget, cost.currency)
    if variance is None:
        return ""
    if not variance:
        return f", as much as the budget of {budget}"
    return f", {apart(abs(variance), 0.0)} % {'above' if variance > 0 else 'below'} the budget of {budget}"


def _doubt(cost: CostStanding) -> str:
    """Where a part of the month was not measured, so that what it cost is an extrapolation."""
    is_whole = cost.hours_known >= LEAST_WHOLE_RATIO * cost.hours_elapsed
    return "" if is_whole else f", of which {_known_hours(cost)} were measured"


def _known_hours(cost: CostStanding) -> str:
    return f"{figure(cost.hours_known, 0)} of {counted(round(cost.hours_elapsed), 'hour')}"


def _figures(cost: CostStanding, span: ReportSpan) -> Iterator[tuple[str, str]]:
    yield period(span), money(cost.span_cost, cost.currency)
    yield "this month so far", money(cost.to_date, cost.currency)
    yield "a day of it, on average", money(cost.daily_average, cost.currency)
    yield "the whole month, with the bounds of nine in ten", money_range(cost.projected, cost.currency)
    yield "the same beside the budget", signed(cost.variance_percent)
    yield "a day's average times 30", money(cost.projected_literal, cost.currency)
    yield "the same beside the budget", signed(cost.variance_literal_percent)
    yield "budget of a month", money(cost.budget, cost.currency)
    yield "last month", HARDLY_MEASURED if cost.last_month is None else money(cost.last_month, cost.currency)
    yield "measured of this month", _known_hours(cost)


def _value(value: str, cost: CostStanding) -> Cell:
    return Cell(value, "" if value in {UNKNOWN, HARDLY_MEASURED, "not known"} else cost.evidence.id)


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

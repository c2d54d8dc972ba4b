"""What the service costs: the report's span, the month so far, and the month once it is over, beside the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Evidence
from ai_ops.report.service.hours import hourly_record
from ai_ops.report.service.measured import between, in_unit
from ai_ops.report.service.projection import HOURS_PER_DAY, PRIOR_DAYS, days_of, projected
from ai_ops.report.service.said import CostStanding

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan, Span
    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service.hours import HourlyRecord, Known

LITERAL_MONTH_DAYS = 30.0
"""A month as S001-106 has it."""

LEAST_KNOWN_RATIO = 0.5
"""Of last month must be known at least so much before it is called what it cost."""

_FORMULA = (
    "to_date = cost / hours_known x hours_elapsed; daily_average = to_date / (hours_elapsed / 24); projected_literal = "
    "daily_average x 30; variance_literal_percent = (projected_literal - budget) / budget x 100; projected = to_date + "
    "days left x rate, rate = (days known x this month's mean day + p x last month's) / (days known + p), "
    f"p = {PRIOR_DAYS:g} or the days known of last month if fewer; its bounds: 90 % of Student's t, from how much days "
    "differ; variance_percent = (projected - budget) / budget x 100"
)


def cost_standing(gathered: Gathered, span: ReportSpan, currency: str) -> CostStanding:
    """Add up what is known of the report's span and of two months, and project (S001-105 to S001-107, R9)."""
    budget, elapsed = gathered.monthly_budget, span.month.hours
    recent, month = _record(gathered, span.span), _record(gathered, span.month)
    before = _record(gathered, span.last_month)
    known, known_before = month.sum_of(month.cost), before.sum_of(before.cost)
    to_date = _stretched(known, elapsed)
    daily_average = None if to_date is None else to_date / (elapsed / HOURS_PER_DAY)
    literal = None if daily_average is None else daily_average * LITERAL_MONTH_DAYS
    days, month_days = days_of(month), span.whole_month.hours / HOURS_PER_DAY
    expected = projected(days, days_of(before), elapsed / HOURS_PER_DAY, month_days)
    is_enough = known_before.hours >= LEAST_KNOWN_RATIO * span.last_month.hours
    return CostStanding(
        currency=currency,
        span_cost=_stretched(recent.sum_of(recent.cost), span.span.hours),
        to_date=to_date,
        hours_known=known.hours,
        hours_elapsed=elapsed,
        daily_average=daily_average,
        projected_literal=literal,
        variance_literal_percent=variance_percent(literal, budget),
        projected=expected,
        variance_percent=variance_percent(expected.expected if expected else None, budget),
        budget=budget,
        last_month=_stretched(known_before, span.last_month.hours) if is_enough else None,
        evidence=_evidence(gathered, span, (recent, month, before), currency),
    )


def variance_percent(projected_cost: float | None, budget: float) -> float | None:
    """How far a projection is above the budget (S001-107); None where either is missing.

    >>> variance_percent(60.0, 50.0)
    20.0
    """
    return None if projected_cost is None or budget <= 0 else (projected_cost - budget) / budget * 100.0


def _record(gathered: Gathered, span: Span) -> HourlyRecord:
    return hourly_record(gathered, span.start, span.end)


def _stretched(known: Known, hours: float) -> float | None:
    """What `hours` cost when those that nobody measured cost what the others did on average."""
    return None if known.per_hour is None else known.per_hour * hours


def _evidence(
    gathered: Gathered, span: ReportSpan, records: tuple[HourlyRecord, HourlyRecord, HourlyRecord], currency: str
) -> Evidence:
    recent, month, before = records
    return Evidence(
        id=f"{gathered.service}-cost",
        says=f"cost of {gathered.service}",
        formula=_FORMULA,
        inputs=(
            ("cost of the span", _spent(recent, currency)),
            ("cost of this month", _spent(month, currency)),
            ("cost of last month", _spent(before, currency)),
            ("hours of this month", in_unit(span.whole_month.hours, "h")),
            ("budget", in_unit(gathered.monthly_budget, f"{currency} a month".lstrip())),
        ),
        source=(
            f"cost_per_hour from {gathered.source}, before its first value the ledger; span "
            f"{between(recent.start, recent.end)}, month {between(month.start, month.end)}, "
            f"month before {between(before.start, before.end)}"
        ),
        command="neuropilot history --json",
    )


def _spent(record: HourlyRecord, currency: str) -> str:
    known = record.sum_of(record.cost)
    if known.hours <= 0:
        return "not measured"
    return f"{in_unit(known.amount, currency)} in {known.hours:.4g} of {record.lengths.sum():.4g} h"

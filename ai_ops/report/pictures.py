"""The charts of a report, drawn from what was gathered and from what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.charts.cost_month import cost_month
from ai_ops.charts.error_budget import BudgetSpent, error_budget
from ai_ops.charts.hours_seen import HoursSeen
from ai_ops.charts.inline import inline_svg
from ai_ops.charts.month_of_cost import MonthOfCost
from ai_ops.charts.predictions_seen import PredictionShown, PredictionsSeen, predictions_seen
from ai_ops.charts.report_metrics import report_metrics
from ai_ops.charts.week_seen import AlarmShown, MetricShown, WeekSeen
from ai_ops.domain.finding import Severity
from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.agent.record import COUNTED, record_of
from ai_ops.report.service.alarms import alarms_of
from ai_ops.report.service.hours import hourly_record
from ai_ops.report.service.slo_standing import BUDGET_PERIOD

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from ai_ops.charts.charts import Chart
    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service_report import ServiceReport

__all__ = ["charts_of", "inline_svg"]

SHOWN_METRICS = ("latency_p95_ms", "error_percent", "cpu_percent", "requests_per_second", "instances")
"""In the order of the panels: what users feel, then what it takes."""

DAYS_SHOWN = 7
"""Every weekday once."""


def charts_of(
    gathered: Gathered, said: ServiceReport, span: ReportSpan, wanted: Container[str] | None = None
) -> dict[str, Chart]:
    """Draw what there is to draw of one service; a chart of nothing is left out.

    Parameters
    ----------
    said
        What the report says of it: the charts show the same figures.
    wanted
        Names of the charts that anybody will look at; None for all.

    Returns
    -------
    dict
        By name, in reading order: `<service>-metrics`, `-error-budget`, `-cost` and `-predictions`.
    """
    drawn = {}
    for kind, draw in _KINDS.items():
        name = f"{gathered.service}-{kind}"
        if wanted is None or name in wanted:
            drawn[name] = draw(gathered, said, span)
    return {name: chart for name, chart in drawn.items() if chart is not None}


def _metrics(gathered: Gathered, said: ServiceReport, span: ReportSpan) -> Chart | None:
    """The last seven days, and how the report's own span stands in them."""
    trends = {trend.metric: trend for trend in said.trends}
    alarms = alarms_of(gathered, _of_days(span, DAYS_SHOWN))
    week = WeekSeen(
        service=gathered.service,
        is_simulated=gathered.is_simulated,
        metrics=tuple(
            MetricShown(
                series,
                trends[metric].value if metric in trends else None,
                trends[metric].week_ago_change_percent if metric in trends else None,
            )
            for metric in SHOWN_METRICS
            if (series := gathered.series.get(metric)) is not None
        ),
        since=_of_days(span, DAYS_SHOWN).span.start,
        span=span.span,
        zone=span.zone,
        alarms=tuple(AlarmShown(one.metrics, one.since, one.until, Severity(one.severity)) for one in alarms),
    )
    return report_metrics(week) if week.drawn else None


def _error_budget(gathered: Gathered, said: ServiceReport, span: ReportSpan) -> Chart | None:
    """What is left of the error budget; nothing where too few requests were judged to say so."""
    if said.slo.budget_left_ratio is None:
        return None
    record = hourly_record(gathered, span.end - BUDGET_PERIOD, span.end)
    spent = BudgetSpent(
        service=gathered.service,
        is_simulated=gathered.is_simulated,
        requests=HoursSeen(record.start, record.end, record.requests),
        bad=HoursSeen(record.start, record.end, record.bad_requests),
        target_percent=gathered.slo.target_percent,
        zone=span.zone,
    )
    return error_budget(spent) if np.nansum(record.requests) > 0.0 else None


def _cost(gathered: Gathered, said: ServiceReport, span: ReportSpan) -> Chart | None:
    """The month beside its budget and the month before, where enough of that is known to call it a month."""
    month = hourly_record(gathered, span.month.start, span.month.end)
    if not np.isfinite(month.cost).any():
        return None
    before = hourly_record(gathered, span.last_month.start, span.last_month.end)
    is_known = said.cost.last_month is not None
    return cost_month(
        MonthOfCost(
            service=gathered.service,
            is_simulated=gathered.is_simulated,
            cost=HoursSeen(month.start, month.end, month.cost),
            whole=span.whole_month,
            budget=said.cost.budget,
            projected=said.cost.projected,
            zone=span.zone,
            currency=said.cost.currency,
            before=HoursSeen(before.start, before.end, before.cost) if is_known else None,
        )
    )


def _predictions(gathered: Gathered, said: ServiceReport, span: ReportSpan) -> Chart | None:
    """Every prediction of the last weeks that was held against reality and is still known."""
    judged = record_of(gathered, _of_days(span, COUNTED.days)).judged
    shown = tuple(
        PredictionShown(
            one.made_at, one.verdict, one.predicted_cost_per_hour, one.cost_per_hour, one.predicted_burn, one.burn
        )
        for one in judged
        if one.made_at < span.end and (one.predicted_cost_per_hour or one.predicted_burn) is not None
    )
    if not shown:
        return None
    return predictions_seen(
        PredictionsSeen(
            service=gathered.service,
            is_simulated=gathered.is_simulated,
            predictions=shown,
            end=span.end,
            zone=span.zone,
            hits=said.record.hits,
            misses=said.record.misses,
            calibration=said.record.calibration,
            currency=said.cost.currency,
        )
    )


def _of_days(span: ReportSpan, days: int) -> ReportSpan:
    """So many days up to the same end."""
    return ReportSpan(span.end, span.zone, days)


_KINDS: Mapping[str, Callable[[Gathered, ServiceReport, ReportSpan], Chart | None]] = {
    "metrics": _metrics,
    "error-budget": _error_budget,
    "cost": _cost,
    "predictions": _predictions,
}

"""How the promise is kept: the error budget of the last 30 days, what is left of it, and how long that lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.document import Evidence
from ai_ops.domain.slo import burn_rate
from ai_ops.report.service.hours import hourly_record
from ai_ops.report.service.measured import between, in_unit
from ai_ops.report.service.said import SloStanding
from ai_ops.report.service.slo_words import slo_in_words

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.domain.slo import Slo
    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service.hours import HourlyRecord, Known

BUDGET_PERIOD = timedelta(days=30)
"""Over which the error budget is counted, up to the end of the report."""

_FORMULA = (
    "burn = (bad / requests) / (1 - target_percent / 100), over the report's span and over 30 days; "
    "budget_left_ratio = 1 - burn over 30 days, where hours that were not measured count like those that were; "
    "budget_hours_left = 720 x budget_left_ratio / burn of the span, unless the burn is at most what is left"
)


def slo_standing(gathered: Gathered, span: ReportSpan) -> SloStanding:
    """Count good and bad requests of the report's span and of the 30 days up to its end (R6).

    The budget is the rolling one: what was spent more than 30 days ago is forgotten. Hours that nobody measured are
    taken to have been like the others, and fewer requests than the promise asks for say nothing.
    """
    recent = hourly_record(gathered, span.span.start, span.end)
    month = hourly_record(gathered, span.end - BUDGET_PERIOD, span.end)
    bad_ratio, bad_ratio_30d = _bad_ratio(recent, gathered.slo), _bad_ratio(month, gathered.slo)
    target = gathered.slo.target_percent
    burn = None if bad_ratio is None else burn_rate(bad_ratio, target)
    left = None if bad_ratio_30d is None else 1.0 - burn_rate(bad_ratio_30d, target)
    known = month.sum_of(month.requests)
    hours_left = budget_hours_left(left, burn)
    return SloStanding(
        target_percent=target,
        good_percent=_good_percent(bad_ratio),
        burn=burn,
        good_percent_30d=_good_percent(bad_ratio_30d),
        budget_left_ratio=left,
        hours_known=known.hours,
        budget_hours_left=hours_left,
        words=slo_in_words(left, burn, hours_left, known, span.days, gathered.slo),
        evidence=_evidence(gathered, span, recent, month),
    )


def budget_hours_left(left_ratio: float | None, burn: float | None) -> float | None:
    """Hours until the rest of the 30-day budget is spent at a burn rate; None where that is unknown, or never.

    A burn rate below the share that is left never spends it: before it had, all that was spent earlier would lie more
    than 30 days back. Above it the true time is a little longer, for the same reason.

    >>> budget_hours_left(0.41, 1.64), budget_hours_left(0.41, 0.4), budget_hours_left(-0.2, 1.0)
    (180.0, None, 0.0)
    """
    if left_ratio is None or burn is None:
        return None
    if left_ratio <= 0:
        return 0.0
    return None if burn <= left_ratio else left_ratio * (BUDGET_PERIOD / timedelta(hours=1)) / burn


def _bad_ratio(record: HourlyRecord, slo: Slo) -> float | None:
    """Share of bad requests; None where too few were measured."""
    requests, bad = record.sum_of(record.requests), record.sum_of(record.bad_requests)
    return bad.amount / requests.amount if requests.amount >= slo.minimum_requests else None


def _good_percent(bad_ratio: float | None) -> float | None:
    return None if bad_ratio is None else 100.0 * (1.0 - bad_ratio)


def _evidence(gathered: Gathered, span: ReportSpan, recent: HourlyRecord, month: HourlyRecord) -> Evidence:
    return Evidence(
        id=f"{gathered.service}-slo",
        says=f"error budget of {gathered.service}",
        formula=_FORMULA,
        inputs=(
            ("target_percent", in_unit(gathered.slo.target_percent, "%")),
            ("minimum_requests", in_unit(gathered.slo.minimum_requests, "requests")),
            *_counted("of the span", recent.sum_of(recent.requests), recent.sum_of(recent.bad_requests)),
            *_counted("of 30 days", month.sum_of(month.requests), month.sum_of(month.bad_requests)),
        ),
        source=(
            f"requests_per_second and slo_good_ratio from {gathered.source}, before their first value the ledger; "
            f"{between(span.span.start, span.end)} and {between(month.start, month.end)}"
        ),
        command="neuropilot history --json",
    )


def _counted(of_what: str, requests: Known, bad: Known) -> tuple[tuple[str, str], ...]:
    known = f"in {requests.hours:.1f} h that were measured"
    return (
        (f"requests {of_what}", f"{in_unit(requests.amount, 'requests')} {known}"),
        (f"bad {of_what}", f"{in_unit(bad.amount, 'requests')} {known}"),
    )

"""Rules of the promise: the share of bad requests over several spans, and how fast the error budget burns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.detect.burn_rate import BURN_WINDOWS
from ai_ops.detect.rules_export.band_rules import Rule, alert_labels
from ai_ops.detect.rules_export.promql import duration, rule_name
from ai_ops.domain.finding import Severity

if TYPE_CHECKING:
    from ai_ops.detect.burn_rate import BurnWindow
    from ai_ops.detect.rules_export.subject import Promise, Subject

BURN = "NeuroPilotErrorBudgetBurn"
BAD, REQUESTS = "slo_bad_ratio", "requests_per_second"


SPANS = tuple(duration(span) for span in sorted({span for one in BURN_WINDOWS for span in (one.long, one.short)}))
"""Every span that the promise is asked over."""

_LONG_SPANS = tuple(duration(one.long) for one in BURN_WINDOWS)


def rate_rules(subject: Subject) -> list[Rule]:
    """Record the share of bad requests over every span, and the traffic over the long ones."""
    promise = subject.promise
    # The line break ends a comment that an expression may end with.
    bad = [_record(subject, BAD, span, f"1 - (\n{text}\n)") for span, text in promise.good_ratio.items()]
    requests = [
        _record(subject, REQUESTS, span, text)
        for span, text in promise.requests_per_second.items()
        if span in _LONG_SPANS and promise.good_ratio
    ]
    return bad + requests


def burn_rules(subject: Subject) -> list[Rule]:
    """Tell when the budget burns too fast, by the spans of the SRE workbook; empty without an SLI."""
    if not subject.promise.good_ratio:
        return []
    return [_alert(subject, one) for one in possible_alerts(subject.promise)]


def possible_alerts(promise: Promise) -> tuple[BurnWindow, ...]:
    """Alerts that can fire: a lax promise cannot be broken 14 times over, if every request is bad already."""
    return tuple(one for one in BURN_WINDOWS if one.factor * budget_ratio(promise) < 1.0)


def budget_ratio(promise: Promise) -> float:
    """Share of requests that may be bad."""
    return round(1.0 - promise.target_percent / 100.0, 9)


def _record(subject: Subject, metric: str, span: str, expression: str) -> Rule:
    return {"record": rule_name(metric, f"rate{span}"), "labels": subject.labels(metric), "expr": expression}


def _alert(subject: Subject, alert: BurnWindow) -> Rule:
    promise = subject.promise
    severity = Severity.CRITICAL if alert.pages else Severity.MEDIUM
    long, short = duration(alert.long), duration(alert.short)
    limit = f"> {alert.factor:g} * {budget_ratio(promise):.9g}"
    conditions = [f"{subject.series(BAD, f'rate{long}')} {limit}", f"{subject.series(BAD, f'rate{short}')} {limit}"]
    if promise.requests_per_second:
        requests = f"{subject.series(REQUESTS, f'rate{long}')} * {alert.long.total_seconds():.0f}"
        conditions.append(f"{requests} >= {promise.minimum_requests}")
    days = 30 / alert.factor
    return {
        "alert": BURN,
        "expr": "\nand on (service) ".join(conditions),
        "labels": {**alert_labels(subject, severity, BAD), "window": long},
        "annotations": {
            "summary": f"{{{{ $labels.service }}}} burns its error budget at {alert.factor:g} times the allowed rate",
            "description": (
                f"{{{{ $value | humanizePercentage }}}} of the requests of {long} were bad, and of the last {short} "
                f"as well; {promise.target_percent:g} % have to be good. "
                f"At {alert.factor:g} times, the budget of 30 days lasts {days:.1f} days."
            ),
            "runbook": "Find what began with it: deploys, dependencies, traffic. Mitigate first, explain later.",
        },
    }

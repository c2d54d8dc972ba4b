"""Rules of the bands: the metric, its bounds, and what is told when it leaves them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.detect.rules_export.hourly_band import decimals
from ai_ops.detect.rules_export.promql import duration, rule_name, selector, table, untemplated
from ai_ops.detect.rules_export.subject import LOWER, UPPER, VALUE
from ai_ops.domain.finding import FELT_BY_USERS, Severity
from ai_ops.domain.metrics import CANONICAL_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.detect.rules_export.hourly_band import HourlyBand
    from ai_ops.detect.rules_export.subject import Subject

Rule = dict[str, Any]
"""One rule as its YAML says it."""

ABOVE, BELOW, MISSING, OLD = (
    "NeuroPilotAboveBand",
    "NeuroPilotBelowBand",
    "NeuroPilotMetricMissing",
    "NeuroPilotBandsOld",
)
LEARNED = "service:neuropilot_bands:learned_timestamp_seconds"
RENEW = "run `neuropilot rules export --service {{ $labels.service }} --out DIR` and review the diff"


def metric_rules(subject: Subject) -> list[Rule]:
    """Record every metric that has a band, by the expression that the agent itself asks."""
    return [
        {"record": rule_name(metric, VALUE), "labels": subject.labels(metric), "expr": expression}
        for metric, expression in subject.expressions.items()
    ]


def band_rules(subject: Subject) -> list[Rule]:
    """Record the bounds of every metric, each followed by its alarm."""
    return [rule for band in subject.bands for rule in _of_one(subject, band)]


def watch_rules(subject: Subject) -> list[Rule]:
    """Tell when a metric is gone, which would silence its band, and when the bands are old."""
    if not subject.bands:
        return []
    learned = {
        "record": LEARNED,
        "labels": {"service": subject.service},
        "expr": f"vector({subject.learned_at.timestamp():.0f})",
    }
    return [_missing(subject), learned, _old(subject)]


def _missing(subject: Subject) -> Rule:
    patience = duration(subject.missing_after)
    return {
        "alert": MISSING,
        "expr": "\nor ".join(f"absent({subject.series(band.metric, VALUE)})" for band in subject.bands),
        "for": patience,
        "labels": alert_labels(subject, Severity.MEDIUM),
        "annotations": {
            "summary": "{{ $labels.metric }} of {{ $labels.service }} is missing",
            "description": (
                f"Nothing was recorded for {patience}, so its band cannot alarm either. "
                "Either the exporter is gone, or nobody scrapes it."
            ),
            "runbook": "Run the expression of the recording rule in Prometheus, then `neuropilot doctor`.",
        },
    }


def _old(subject: Subject) -> Rule:
    age = f"time() - {selector(LEARNED, service=subject.service)}"
    return {
        "alert": OLD,
        "expr": f"{age} > {subject.too_old_after.total_seconds():.0f}",
        "for": "1h",
        "labels": alert_labels(subject, Severity.LOW),
        "annotations": {
            "summary": "The bands of {{ $labels.service }} are {{ $value | humanizeDuration }} old",
            "description": (
                f"They go on alarming, but none of the {duration(subject.too_old_after)} that they were learned from "
                "is recent: where the service has changed since, they alarm too often, or too late."
            ),
            "runbook": f"To learn them anew, {RENEW}.",
        },
    }


def alert_labels(subject: Subject, severity: Severity, metric: str | None = None) -> dict[str, str]:
    """Labels of an alert: how loud it is, and what it is about where the expression does not say."""
    labels = {"severity": str(severity)}
    if metric is not None:
        labels |= {name: untemplated(value) for name, value in subject.labels(metric).items()}
    return labels | ({"simulated": "true"} if subject.is_simulated else {})


def sides(band: HourlyBand) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Sides that can alarm: name of the alert, the comparison, what is recorded, and the bounds.

    No canonical metric is negative, so a bound at or below zero in every hour is no bound.
    """
    if np.isfinite(band.upper).all():
        yield ABOVE, ">", UPPER, band.upper
    if np.isfinite(band.lower).all() and (band.lower > 0).any():
        yield BELOW, "<", LOWER, np.maximum(band.lower, 0.0)


def _of_one(subject: Subject, band: HourlyBand) -> Iterator[Rule]:
    metric = band.metric
    for alert, compare, bound, bounds in sides(band):
        yield {
            "record": rule_name(metric, bound),
            "labels": subject.labels(metric),
            "expr": table(bounds, decimals(band)),
        }
        yield {
            "alert": alert,
            "expr": (
                f"{subject.series(metric, VALUE)}\n"
                f"{compare} on (service, metric) group_left () {subject.series(metric, bound)}"
            ),
            "for": duration(subject.hold),
            "labels": alert_labels(subject, Severity.HIGH if metric in FELT_BY_USERS else Severity.MEDIUM, metric),
            "annotations": _words(subject, band, "above" if alert == ABOVE else "below"),
        }


def _words(subject: Subject, band: HourlyBand, where: str) -> dict[str, str]:
    meaning = CANONICAL_METRICS.get(band.metric, "a metric of the service")
    learned = f"{band.learned_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    bound = rule_name(band.metric, UPPER if where == "above" else LOWER)
    return {
        "summary": f"{{{{ $labels.metric }}}} of {{{{ $labels.service }}}} is {where} its learned band",
        "description": (
            f"{{{{ $value | humanize }}}} ({meaning}) has been {where} what is usual at this hour for "
            f"{duration(subject.hold)}. {bound} is the bound, learned on {learned} from {band.days:.0f} days."
        ),
        "runbook": (
            "Compare with deploys, traffic and the service's other metrics at the time it began. "
            f"If this is the new normal, {RENEW}."
        ),
        "learned_at": f"{band.learned_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}",
    }

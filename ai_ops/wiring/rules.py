"""The rules of one service: its history, what is usual in it, and how Prometheus would be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from ai_ops import __version__
from ai_ops.collect.collect import Collector
from ai_ops.collect.history import MetricsHistory
from ai_ops.detect.calibration import alarms_per_week
from ai_ops.detect.direction import NOT_JUDGED, WORSE
from ai_ops.detect.floors import spread_floor
from ai_ops.detect.maintenance import without
from ai_ops.detect.rules_export.hourly_band import HourlyBand, Sides, learn_band, rounded
from ai_ops.detect.rules_export.rule_files import rule_files
from ai_ops.detect.rules_export.slo_rules import SPANS
from ai_ops.detect.rules_export.subject import Promise, Subject
from ai_ops.domain.cycle import window_at
from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.tuning import Thresholds
from ai_ops.wiring.detection import planned_work
from ai_ops.wiring.http import http_client
from ai_ops.wiring.labels import factors_of
from ai_ops.wiring.observe import HISTORY
from ai_ops.wiring.sources import metric_source, origin, queries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.metrics import Observation
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

HOLD_STEPS = 2
"""Points in a row that have to lie outside. The agent raises at the first, and reads hours at once; Prometheus asks ten
times as often, and one point alone is too often an accident of the sampling."""


@dataclass(frozen=True, slots=True)
class ExportedRules:
    """The rules of one service.

    Parameters
    ----------
    files
        Text by path, relative to the folder that they go to.
    learned
        One sentence for each band.
    left_out
        By metric, why it has no rule.
    is_simulated
        Whether they were learned from the made-up service.
    """

    service: str
    files: Mapping[str, str]
    learned: tuple[str, ...]
    left_out: Mapping[str, str]
    is_simulated: bool


def export_rules(session: Session, service: Service, progress: Callable[[str], None]) -> ExportedRules:
    """Learn the bands of `service` from its history and write them as rules. Nothing is kept.

    Raises
    ------
    DataUnavailable
        When no metric could be had, or none of them has a rule yet.
    """
    observation = _observe(session, service, progress)
    subject = _subject(session, service, observation)
    if not subject.bands and not subject.promise.good_ratio:
        reasons = "\n".join(f"  {metric}: {reason}" for metric, reason in subject.left_out.items())
        raise DataUnavailable(f"{service.name} has no rule to write yet:\n{reasons}")
    return ExportedRules(
        service=service.name,
        files=rule_files(subject, __version__),
        learned=subject.notes,
        left_out=subject.left_out,
        is_simulated=subject.is_simulated,
    )


def _observe(session: Session, service: Service, progress: Callable[[str], None]) -> Observation:
    settings, now = session.settings, session.place.clock()
    step = timedelta(minutes=settings.metrics.step_minutes)
    return Collector(
        service=service.name,
        source=metric_source(session, lambda: Thresholds({}), cache(partial(http_client, session))),
        origin=origin(settings),
        queries=queries(settings, service),
        history_days=settings.metrics.history_days,
        history=MetricsHistory(session.memory / HISTORY, session.place.warn, is_kept=False, now=now),
        thresholds=lambda: Thresholds({}),
        progress=progress,
        warn=session.place.warn,
    ).observe(window_at(now, step, None))


def _subject(session: Session, service: Service, observation: Observation) -> Subject:
    metrics = session.settings.metrics
    # The simulated source answers without an expression: what a real Prometheus would be asked is written then.
    expressions = {query.metric: query.expression for query in service.queries}
    bands, left_out = _learn(session, observation, expressions)
    promise, why_not = _promise(service)
    if why_not:
        left_out["the error budget"] = why_not
    return Subject(
        service=service.name,
        expressions={band.metric: expressions[band.metric] for band in bands},
        bands=bands,
        left_out=left_out,
        promise=promise,
        learned_at=observation.window.end,
        hold=HOLD_STEPS * observation.window.step,
        missing_after=timedelta(minutes=metrics.freshness_minutes),
        too_old_after=timedelta(days=metrics.history_days),
        is_simulated=observation.is_simulated,
        notes=tuple(_in_words(band) for band in bands),
    )


def _learn(
    session: Session, observation: Observation, expressions: Mapping[str, str]
) -> tuple[tuple[HourlyBand, ...], dict[str, str]]:
    """Bands of what is judged and can be asked for, and by metric why the others have none."""
    left_out = {gap.metric: session.redact(gap.reason) for gap in observation.gaps if gap.metric not in NOT_JUDGED}
    bands: list[HourlyBand] = []
    factors = factors_of(session, observation.service)
    planned = planned_work(session.settings)
    for metric, measured in observation.series.items():
        if metric in NOT_JUDGED:
            continue
        if metric not in expressions:
            left_out[metric] = f"no query asks Prometheus for it: give one at services[].queries.{metric}"
            continue
        series = without(measured, planned)
        sides = Sides(
            direction=WORSE.get(metric, 0),
            budget_per_week=alarms_per_week(session.settings.anomaly_sensitivity),
            hold_points=HOLD_STEPS,
            factor=factors.get((metric, Alarm.DEVIATION), 1.0),
        )
        learned = learn_band(series, spread_floor(series, observation.series.get("requests_per_second")), sides)
        if isinstance(learned, HourlyBand):
            bands.append(rounded(learned))
        else:
            left_out[metric] = str(learned)
    return tuple(bands), left_out


def _promise(service: Service) -> tuple[Promise, str]:
    """The SLO with its expressions over every span; empty ones and the reason where it cannot be asked so."""
    asked = {span: _over(service, span) for span in SPANS}
    by_metric = {
        metric: {span: queries[metric] for span, queries in asked.items() if metric in queries}
        for metric in ("slo_good_ratio", "requests_per_second")
    }
    over_spans = {metric: texts for metric, texts in by_metric.items() if len(set(texts.values())) == len(SPANS)}
    good = over_spans.get("slo_good_ratio", {})
    promise = Promise(service.slo.target_percent, service.slo.minimum_requests, good, {})
    if good:
        return replace(promise, requests_per_second=over_spans.get("requests_per_second", {})), ""
    if not by_metric["slo_good_ratio"]:
        return promise, "no query asks for slo_good_ratio"
    return promise, "its query does not say $window, so it cannot be asked over an hour or three days"


def _over(service: Service, span: str) -> dict[str, str]:
    """By metric, the expressions of `service` with `$window` standing for `span`."""
    promise = service.promise.model_copy(update={"window": span})
    return {query.metric: query.expression for query in service.model_copy(update={"promise": promise}).queries}


def _in_words(band: HourlyBand) -> str:
    shape = {(1, 1): "one band for all hours", (1, 24): "a band by hour", (2, 24): "a band by hour, weekends apart"}
    times = "once" if band.alarms == 1 else f"{band.alarms} times"
    now = "; the newest values lie outside of it" if band.is_outside_now else ""
    return (
        f"{band.metric}: {shape[band.expected.shape]} from {band.days:.1f} days, in which it would have alarmed "
        f"{times}{now}"
    )

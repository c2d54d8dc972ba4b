"""One metric as a run sees it: collected by the same step, judged by the same detectors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.charts.judged import Judged
from ai_ops.detect.direction import NOT_JUDGED
from ai_ops.detect.states import states
from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.domain.judgement import Judgement
from ai_ops.domain.metrics import CANONICAL_METRICS, Window, aligned
from ai_ops.settings.problems import nearest
from ai_ops.wiring.cycle import wire
from ai_ops.wiring.detection import WITNESSES, judging
from ai_ops.wiring.labels import factors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation, Series
    from ai_ops.domain.readiness import State
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

TRAFFIC = "requests_per_second"
"""What the spread of an error share depends on."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest value, what was expected of it, and how abnormal it is: a score above 1 is an alarm.

    What detection cannot say, for lack of history, is None. So is `silent_hours`, how long ago it was measured, unless
    that is longer ago than `metrics.freshness_minutes` allow: the data fell silent, and this is not "now".
    """

    at: datetime
    value: float
    expected: float | None
    lower: float | None
    upper: float | None
    deviation: float | None
    novelty: float | None
    silent_hours: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """One metric of one service, with everything detection says of it.

    Parameters
    ----------
    observation
        What the collect step saw; its window is the span in which findings were looked for.
    series
        The metric, with the history before the window.
    judgement
        Of the same shape.
    findings
        Those of this metric.
    thresholds
        How the findings came about: `calibrated`, as the judgement always is, or by the `literal` formulas.
    states
        By detector, whether it has a say on this metric yet; empty where none is asked.
    freshness
        How old the newest value, which covers one step, may be.
    """

    observation: Observation
    series: Series
    judgement: Judgement
    findings: tuple[Finding, ...]
    thresholds: str
    states: Mapping[str, State]
    freshness: timedelta

    def newest(self) -> Newest | None:
        """The newest value, or None when nothing was measured at all."""
        at = self.series.newest()
        if at is None:
            return None
        place, judgement = (at - self.series.start) // self.series.step, self.judgement
        columns = (judgement.expected, judgement.lower, judgement.upper, judgement.deviation, judgement.novelty)
        known = [float(column[place]) if np.isfinite(column[place]) else None for column in columns]
        known.append(self._silent_hours(at))
        return Newest(at, float(self.series.values[place]), *known)

    def _silent_hours(self, newest: datetime) -> float | None:
        age = self.observation.window.end - newest
        return age / timedelta(hours=1) if age > self.freshness + self.series.step else None

    def for_a_chart(self) -> Judged:
        """What a chart of it needs."""
        seen = self.observation
        return Judged(self.series, self.judgement, self.findings, seen.window, seen.service, seen.is_simulated)


def inspect(
    session: Session,
    service: Service,
    metric: str,
    since: datetime | None = None,
    progress: Callable[[str], None] = lambda _metric: None,
) -> Inspection:
    """Collect what a run would, and judge one metric of it. Nothing is kept.

    Parameters
    ----------
    since
        Where the window of findings begins; the last period of the agent when None.

    Raises
    ------
    ConfigError
        When `since` lies outside of the history, or no query asks for the metric.
    DataUnavailable
        When the metric could not be had.
    """
    window = window_since(session, since)
    cycle = wire(session, service, progress).cycle
    observation = cycle.collect(window)
    return Inspection(
        observation=observation,
        series=_series_of(observation, metric),
        judgement=_judgement(session, observation, metric),
        findings=_findings(cycle.detect, observation, metric),
        thresholds=session.settings.detection.thresholds,
        states=_states(session, observation, metric),
        freshness=timedelta(minutes=session.settings.metrics.freshness_minutes),
    )


def known_metric(name: str) -> str:
    """Give `name` back when there is such a metric.

    Raises
    ------
    ConfigError
        When there is not, with the nearest one and all of them.
    """
    if name in CANONICAL_METRICS:
        return name
    known = ", ".join(CANONICAL_METRICS)
    raise ConfigError(f"there is no metric {name!r}{nearest(name, CANONICAL_METRICS)}; there are {known}")


def window_since(session: Session, since: datetime | None) -> Window:
    """Window from `since` to now, on the grid of the metrics; the last period when it is None.

    Raises
    ------
    ConfigError
        When it begins before the history does, or has not begun.
    """
    settings = session.settings.metrics
    step = timedelta(minutes=settings.step_minutes)
    end = aligned(session.place.clock(), step)
    start = end - PERIOD if since is None else aligned(since, step)
    reach = end - timedelta(days=settings.history_days)
    if not reach <= start < end:
        raise ConfigError(
            f"findings can be looked for between {reach:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC, not since "
            f"{start:%Y-%m-%d %H:%M}; metrics.history_days is {settings.history_days}"
        )
    return Window(start, end, step)


def why_not_judged(metric: str) -> str | None:
    """Why nothing is ever found in `metric`; None when it is judged."""
    return (
        "the autoscaler moves it on purpose, so that every step would look abnormal" if metric in NOT_JUDGED else None
    )


def _judgement(session: Session, observation: Observation, metric: str) -> Judgement:
    """What detection says of every value; nothing at all of a metric that is not judged."""
    series = _series_of(observation, metric)
    if metric in NOT_JUDGED:
        return Judgement(*[np.full(series.values.shape, np.nan)] * 5)
    as_a_run = judging(session.settings, factors_of(session, observation.service))
    return as_a_run.judge(series, observation.series.get(TRAFFIC))


def _states(session: Session, observation: Observation, metric: str) -> Mapping[str, State]:
    """How ready each detector is; the literal formulas have a say from the first value on."""
    if metric in NOT_JUDGED or session.settings.detection.thresholds == "literal":
        return {}
    return states(_series_of(observation, metric), WITNESSES)


def _findings(
    detect: Callable[[Observation], tuple[Finding, ...]], observation: Observation, metric: str
) -> tuple[Finding, ...]:
    """What the runs of the agent find in the window, one period after another, loudest first.

    A run reports a metric once; what goes on over several runs is one finding, as loud as it became.
    """
    needed = {name: observation.series[name] for name in (metric, TRAFFIC) if name in observation.series}
    window = observation.window
    loudest: dict[datetime, Finding] = {}
    for k in range(ceil((window.end - window.start) / PERIOD)):
        start = window.start + k * PERIOD
        part = Window(start, min(start + PERIOD, window.end), window.step)
        for one in detect(replace(observation, series=needed, window=part)):
            if one.metric == metric and (one.since not in loudest or one.score > loudest[one.since].score):
                loudest[one.since] = one
    return tuple(sorted(loudest.values(), key=lambda finding: -finding.score))


def _series_of(observation: Observation, metric: str) -> Series:
    series = observation.series.get(metric)
    if series is not None:
        return series
    gap = next((gap for gap in observation.gaps if gap.metric == metric), None)
    if gap is None:
        raise ConfigError(
            f"nothing asks for {metric} of {observation.service}: give its query at services[].queries.{metric}"
        )
    raise DataUnavailable(
        f"{metric} of {observation.service} could not be had from {observation.source}: {gap.reason}\n"
        "`neuropilot doctor` tries every query."
    )

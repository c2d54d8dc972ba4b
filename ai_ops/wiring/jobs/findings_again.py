"""Findings that were handed over: they reach people, so they must at least be of what was looked at."""

from __future__ import annotations

from math import isinf, isnan
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation
    from ai_ops.wiring.jobs.handed import Handed

AHEAD = 2 * PERIOD
"""How far behind the window a forecast may speak: it looks one period ahead, from wherever its hours begin."""

MOST_OF_ONE_METRIC = len(Alarm)
"""One of each kind."""


def unlikely_finding(handed: Handed) -> str | None:
    """Why a finding cannot be one of this observation, or None."""
    by_metric: dict[str, int] = {}
    for finding in handed.findings:
        by_metric[finding.metric] = by_metric.get(finding.metric, 0) + 1
        if (why := _why_not(finding, handed.observation)) is not None:
            return f"a finding {why}"
    if any(count > MOST_OF_ONE_METRIC for count in by_metric.values()):
        return f"one metric has more than {MOST_OF_ONE_METRIC} findings"
    return None


def _why_not(finding: Finding, observation: Observation) -> str | None:
    series, window = observation.series.get(finding.metric), observation.window
    if series is None:
        return "is of a metric that was not observed"
    if finding.alarm is Alarm.FORECAST:
        is_in_time = window.start <= finding.since <= finding.at <= window.end + AHEAD
    else:
        is_in_time = series.start <= finding.since <= finding.at and window.start <= finding.at < window.end
    if not is_in_time:
        return f"of {finding.metric} lies outside of the window"
    if isinf(finding.value) or isnan(finding.score) or finding.score <= 0:  # a budget may burn on in a gap
        return f"of {finding.metric} has figures that are none"
    return None

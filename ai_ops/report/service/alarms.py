"""Findings as a person counts them: one thing that goes on for hours, or shows in several metrics, is one alarm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.document import Evidence
from ai_ops.domain.figure import figure
from ai_ops.domain.finding import Severity
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.label import finding_id
from ai_ops.report.agent.past import runs_until
from ai_ops.report.service.said import AlarmSeen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.gathered import Gathered

REST = timedelta(hours=8)
"""What one metric shows again within a shift is the same alarm: so long does detection rest after one, too."""

TOGETHER = timedelta(minutes=30)
"""Metrics follow each other within half an hour: queues fill first, users feel it later."""

_LOUDNESS = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class _Sight:
    """A finding, where it was found, until when it was there, and whether that is the newest anybody has looked at."""

    finding: Finding
    until: datetime
    episode: str
    is_newest: bool

    @property
    def loudness(self) -> tuple[int, float]:
        return _LOUDNESS[self.finding.severity], self.finding.score


def alarms_of(gathered: Gathered, span: ReportSpan) -> tuple[AlarmSeen, ...]:
    """Group what was found in the report's span, the loudest first; forecasts have not happened, and are left out."""
    seen = (one for one in _sights(gathered, span) if one.finding.alarm is not Alarm.FORECAST)
    sights = sorted(seen, key=lambda one: (one.finding.metric, one.finding.since, one.until))
    by_metric = groupby(sights, key=lambda one: one.finding.metric)
    runs = [run for _, of_metric in by_metric for run in _apart(((one,) for one in of_metric), REST)]
    runs = [run for run in runs if _until(run) >= span.span.start]
    alarms = [_alarm(gathered, alarm) for alarm in _apart(sorted(runs, key=_since), TOGETHER)]
    return tuple(sorted(alarms, key=lambda one: (-_LOUDNESS[Severity(one.severity)], -one.score, one.since)))


def _sights(gathered: Gathered, span: ReportSpan) -> Iterator[_Sight]:
    runs = runs_until(gathered, span.end)
    newest = runs[-1] if runs else None
    for episode in runs:
        if episode.window.end > span.span.start:
            for finding in episode.findings:
                is_newest = (
                    episode is newest
                    and _is_of_the_end(finding, episode.window.start, episode.window.end)
                    and not _is_measured_since(gathered, finding.metric, episode.window.end)
                )
                yield _Sight(finding, _certain(finding, episode.window.start), episode.id, is_newest)
    known_until = newest.window.end if newest else span.span.start
    for finding in gathered.newest_findings:
        is_newest = _is_of_the_end(finding, known_until, span.end)
        yield _Sight(finding, _certain(finding, known_until), "", is_newest)


def _is_of_the_end(finding: Finding, start: datetime, end: datetime) -> bool:
    """Whether it may still be there at `end`: after missed runs many windows are looked at, and the last one counts."""
    return end - start <= PERIOD or max(finding.since, finding.at) >= end - PERIOD


def _certain(finding: Finding, window_start: datetime) -> datetime:
    """The last time at which it was there for certain: a part of it lies in the window that it was found in."""
    return max(finding.since, finding.at, window_start)


def _is_measured_since(gathered: Gathered, metric: str, moment: datetime) -> bool:
    """Whether anything is known of the metric behind `moment`; else what was true then is the newest there is."""
    series = gathered.series.get(metric)
    newest = series.newest() if series else None
    return newest is not None and newest >= moment


def _apart(runs: Iterable[tuple[_Sight, ...]], gap: timedelta) -> list[tuple[_Sight, ...]]:
    """Join runs, given by their beginning, of which each begins at most `gap` after all before it have ended."""
    joined: list[tuple[_Sight, ...]] = []
    until: datetime | None = None
    for run in runs:
        if until is not None and _since(run) - until <= gap:
            joined[-1] += run
            until = max(until, _until(run))
        else:
            joined.append(run)
            until = _until(run)
    return [tuple(_loudest_of_each(run)) for run in joined]


def _loudest_of_each(run: Iterable[_Sight]) -> list[_Sight]:
    """One sight of each onset, loudest first, until it was last seen: a window may find the same as another."""
    by_onset: dict[tuple[str, datetime], _Sight] = {}
    for one in sorted(run, key=lambda sight: (sight.loudness, sight.until)):
        other = by_onset.get((one.finding.metric, one.finding.since))
        is_newest = one.is_newest or (other is not None and other.is_newest)
        until = max(one.until, other.until) if other else one.until
        by_onset[one.finding.metric, one.finding.since] = _Sight(one.finding, until, one.episode, is_newest)
    return sorted(by_onset.values(), key=lambda one: one.loudness, reverse=True)


def _since(run: Iterable[_Sight]) -> datetime:
    return min(one.finding.since for one in run)


def _until(run: Iterable[_Sight]) -> datetime:
    return max(one.until for one in run)


def _alarm(gathered: Gathered, sights: tuple[_Sight, ...]) -> AlarmSeen:
    loudest = sights[0].finding
    return AlarmSeen(
        metrics=tuple(dict.fromkeys(one.finding.metric for one in sights)),
        since=_since(sights),
        until=_until(sights),
        severity=str(loudest.severity),
        score=loudest.score,
        reason=loudest.reason,
        findings=tuple(_id(gathered, one) for one in sights),
        is_going_on=any(one.is_newest for one in sights),
        evidence=_evidence(gathered, sights),
    )


def _id(gathered: Gathered, sight: _Sight) -> str:
    return finding_id(gathered.service, sight.finding.metric, sight.finding.since)


def _evidence(gathered: Gathered, sights: tuple[_Sight, ...]) -> Evidence:
    """What was found, by the ids that `neuropilot label` takes."""
    loudest, episodes = sights[0], list(dict.fromkeys(one.episode for one in sights if one.episode))
    where = f"findings of {', '.join(episodes)}" if episodes else "findings behind the newest episode"
    shown = f"neuropilot detect {loudest.finding.metric} --service {gathered.service}"
    return Evidence(
        id=f"{gathered.service}-alarm-{_id(gathered, loudest)}",
        says=f"how loud the alarm of {', '.join(dict.fromkeys(one.finding.metric for one in sights))} was",
        formula=(
            "the score of its most severe finding; a score is how unusual a value is in units of the detector's own "
            f"threshold, above 1 is abnormal. One metric's findings at most {REST // timedelta(hours=1)} h apart are "
            f"one alarm, those of several metrics at most {TOGETHER // timedelta(minutes=1)} min apart"
        ),
        inputs=tuple((_id(gathered, one), _in_words(one.finding)) for one in sights),
        source=f"{gathered.source}; {where}",
        command=f"neuropilot explain {loudest.episode}" if loudest.episode else shown,
    )


def _in_words(finding: Finding) -> str:
    return (
        f"{finding.metric} {_digits(finding.value)} at {finding.at:%Y-%m-%d %H:%M} UTC, "
        f"{_digits(finding.expected)} expected, {finding.severity}, score {figure(finding.score, 2)}"
    )


def _digits(value: float) -> str:
    """With so many digits that a ratio of 0.9987 is not told as 1.00."""
    return figure(value, 2 if abs(value) >= 10.0 else 4)  # noqa: PLR2004  # tens need no more

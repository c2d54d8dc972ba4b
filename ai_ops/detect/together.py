"""Together: what several finders say of one metric becomes one finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Observation

SEVEREST_FIRST = tuple(reversed(Severity))

Finder = Callable[["Observation"], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Together:
    """Several finders, asked in turn.

    Parameters
    ----------
    finders
        Each has its say on the whole observation.
    """

    finders: tuple[Finder, ...]

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find what any of them finds: at most one finding per metric, what has happened first, loudest first."""
        by_metric: dict[str, Finding] = {}
        for finder in self.finders:
            for found in finder(observation):
                other = by_metric.get(found.metric)
                by_metric[found.metric] = found if other is None else _joined(other, found)
        return tuple(sorted(by_metric.values(), key=lambda one: (one.alarm is Alarm.FORECAST, -one.score)))


def _joined(one: Finding, other: Finding) -> Finding:
    """The more severe of two, with the detectors of both; what is only forecast gives way to what has happened."""
    happened = [finding for finding in (one, other) if finding.alarm is not Alarm.FORECAST] or [one]
    first = min(happened, key=lambda finding: (SEVEREST_FIRST.index(finding.severity), -finding.score))
    since = min(finding.since for finding in happened)
    names = dict.fromkeys(name for finding in happened for name in (*first.detectors, *finding.detectors))
    return replace(first, since=since, detectors=tuple(names))

"""The alarms of one cycle: what is abnormal now, and what has ended since it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.message import AlarmNotice, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.finding import Finding

REMEMBERED = 120
"""Episodes, thirty days of them: an alarm that was seen last before that is not closed any more."""


def alarms_of(episode: Episode, before: Sequence[Episode] = ()) -> tuple[AlarmNotice, ...]:
    """One alarm for each metric that is abnormal now, and for each that was and is measured to be so no longer.

    A metric that could not be had says neither: its alarm stands until it is measured again.

    Parameters
    ----------
    before
        What was decided earlier, oldest first; without it nothing ends.
    """
    found = _loudest(episode)
    began = tuple(_notice(episode.service, finding) for finding in found.values())
    measured = _measured(episode)
    ended = (metric for metric in _last_heard(episode, before) if metric in measured and metric not in found)
    return (*began, *(_ended(episode.service, metric) for metric in ended))


def _loudest(episode: Episode) -> Mapping[str, Finding]:
    """By metric, in order of appearance."""
    found: dict[str, Finding] = {}
    for finding in episode.findings:
        other = found.get(finding.metric)
        if other is None or _loudness(finding) > _loudness(other):
            found[finding.metric] = finding
    return found


def _loudness(finding: Finding) -> tuple[int, float]:
    return tuple(Level).index(Level(finding.severity)), finding.score


def _measured(episode: Episode) -> set[str]:
    return set(episode.measured) - {gap.metric for gap in episode.gaps}


def _last_heard(episode: Episode, before: Sequence[Episode]) -> Iterator[str]:
    """Metrics that were abnormal when something was known of them last."""
    was_abnormal: dict[str, bool] = {}
    earlier = [one for one in before[-REMEMBERED:] if one.id != episode.id and one.window.end <= episode.window.end]
    for one in reversed(earlier):
        found = _loudest(one)
        for metric in (*found, *_measured(one)):
            was_abnormal.setdefault(metric, metric in found)
    return (metric for metric, is_so in was_abnormal.items() if is_so)


def _notice(service: str, finding: Finding) -> AlarmNotice:
    level = Level(finding.severity)
    return AlarmNotice(f"{service}/{finding.metric}", f"{service}: {finding.reason}", level)


def _ended(service: str, metric: str) -> AlarmNotice:
    return AlarmNotice(f"{service}/{metric}", f"{service}: {metric} is normal again", Level.INFO, is_over=True)

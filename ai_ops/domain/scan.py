"""What a scan of a fleet has found: how many series were looked at, and which are the most abnormal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ai_ops.domain.judgement import Alarm
from ai_ops.domain.metrics import Gap, Window


@dataclass(frozen=True, slots=True)
class Standing:
    """How abnormal one series is now: its worst value within the judged window.

    Parameters
    ----------
    name, metric
        Which series: the label's value, and the metric.
    score
        In units of the alarm's own threshold, so that above 1 is abnormal.
    alarm
        Which alarm gives that score; None when neither is raised.
    since, at
        When the abnormal stretch began, perhaps before the judged window, and when it was at its worst.
    value, expected
        What came and what was expected at `at`, in the metric's unit; `expected` is None where nothing was.
    """

    name: str
    metric: str
    score: float
    alarm: Alarm | None
    since: datetime
    at: datetime
    value: float
    expected: float | None


@dataclass(frozen=True, slots=True)
class Scan:
    """What became of the series of a block, or of a whole fleet: the sum of its blocks.

    Parameters
    ----------
    judged
        Series with a score in the judged window; `abnormal` of them are above 1.
    warming_up
        Series with values there that history does not suffice to judge.
    fell_silent
        Series with values before the judged window, and none in it.
    in_maintenance
        Series with values, but work was planned in all of the judged window.
    without_data
        Series without any value.
    failed
        Series that could not be asked for; `gaps` has the reasons.
    top
        The most abnormal of the judged ones, worst first.
    warnings
        What the server said beside its answers; a warning means partial data.
    """

    judged: int = 0
    abnormal: int = 0
    warming_up: int = 0
    fell_silent: int = 0
    in_maintenance: int = 0
    without_data: int = 0
    failed: int = 0
    top: tuple[Standing, ...] = ()
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        """Series that were asked for and answered, be it with nothing."""
        return self.judged + self.warming_up + self.fell_silent + self.in_maintenance + self.without_data

    def joined(self, other: Scan, most: int) -> Scan:
        """Add what another block has found, and keep the `most` abnormal of both, whichever came first."""
        together = sorted((*self.top, *other.top), key=lambda one: (-one.score, one.metric, one.name))
        return Scan(
            judged=self.judged + other.judged,
            abnormal=self.abnormal + other.abnormal,
            warming_up=self.warming_up + other.warming_up,
            fell_silent=self.fell_silent + other.fell_silent,
            in_maintenance=self.in_maintenance + other.in_maintenance,
            without_data=self.without_data + other.without_data,
            failed=self.failed + other.failed,
            top=tuple(together[:most]),
            gaps=(*self.gaps, *other.gaps),
            warnings=tuple(dict.fromkeys((*self.warnings, *other.warnings))),
        )


@dataclass(frozen=True, slots=True)
class FleetScan:
    """A scan of a whole fleet.

    Parameters
    ----------
    label, services
        The label that tells the services apart, and how many values it has.
    metrics
        What was asked of each of them.
    window
        The history that was asked for; its last part, `judged_hours`, is "now".
    engine
        Who computed.
    by_chance
        How many of the judged series are abnormal by chance at most, at the sensitivity of the settings; about half
        of it where only one direction counts.
    found
        What came of it.
    """

    label: str
    services: int
    metrics: tuple[str, ...]
    window: Window
    judged_hours: float
    engine: str
    by_chance: float
    found: Scan

"""What an alarm is worth to whoever carries the pager: events found, and pages sent for nothing.

Rows whose score reaches the threshold are joined into episodes over short gaps. An episode pages when it begins, and
again every few hours while it stands, as Alertmanager does. A page within an event finds it, once; a page outside of
every event is a false one. So an alarm that never ends buys nothing: it is charged again and again, and it finds only
those events in which a page happens to fall.

Nothing here adjusts points: an alarm row within an event does not make its other rows right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from timestamps import in_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR = 3600.0
GRID = 120
"""Thresholds in a sweep."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When alarm rows are one alarm, and when a page belongs to an event; all in seconds.

    Parameters
    ----------
    gap
        Alarm rows at most so far apart, beside the usual step, are one episode.
    repeat
        A standing alarm pages again after so long: the default `repeat_interval` of Alertmanager.
    slack
        A page so soon after an event's end still belongs to it: things overshoot when they recover.
    """

    gap: float = 0.5 * HOUR
    repeat: float = 4.0 * HOUR
    slack: float = 0.5 * HOUR


RULES = Rules()


@dataclass(frozen=True, slots=True)
class Case:
    """One series with its events.

    Parameters
    ----------
    name, kind
        The series, and what it is like; halves are drawn by kind.
    timestamps
        Shape (n,), datetime64.
    values
        Shape (n,), float64; a gap is NaN.
    events
        First and last row of each event, inclusive, in order, apart from each other.
    warm_up
        So many rows at the start are learned from and not scored.
    labels
        What each event is; empty when nobody knows.
    """

    name: str
    kind: str
    timestamps: np.ndarray
    values: np.ndarray
    events: tuple[tuple[int, int], ...]
    warm_up: int
    labels: tuple[str, ...] = ()

    @property
    def seconds(self) -> np.ndarray:
        """Time of each row in seconds, shape (n,), float64."""
        return in_seconds(self.timestamps)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of one detector on some series at one threshold."""

    events: int
    found: int
    false_pages: int
    series_weeks: float
    delays: np.ndarray

    @property
    def recall(self) -> float:
        """Share of the events that were found; NaN without events."""
        return self.found / self.events if self.events else float("nan")

    @property
    def precision(self) -> float:
        """Events found per events found and false pages; 1 when nothing was said."""
        said = self.found + self.false_pages
        return self.found / said if said else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; NaN without events."""
        return 2 * self.found / (self.events + self.found + self.false_pages) if self.events else float("nan")

    @property
    def false_per_week(self) -> float:
        """False pages per series and week."""
        return self.false_pages / self.series_weeks if self.series_weeks else float("nan")

    @property
    def median_delay(self) -> float:
        """Seconds from an event's beginning to its first page; NaN when none was found."""
        return float(np.median(self.delays)) if self.delays.size else float("nan")


def pages(seconds: np.ndarray, is_alarm: np.ndarray, rules: Rules = RULES) -> np.ndarray:
    """Times at which somebody is paged, in order.

    >>> five_minutes = 300.0 * np.arange(100)
    >>> pages(five_minutes, np.isin(np.arange(100), (3, 4, 8, 60))).tolist()
    [900.0, 18000.0]
    >>> pages(five_minutes, np.full(100, True)).tolist()
    [0.0, 14400.0, 28800.0]
    """
    at = seconds[is_alarm]
    if not at.size:
        return at
    step = float(np.median(np.diff(seconds))) if seconds.size > 1 else 0.0
    begins = np.append(True, np.diff(at) > rules.gap + step)  # the first alarm row begins an episode
    first, last = at[begins], at[np.append(begins[1:], True)]  # and the last row ends one
    times = (np.floor((last - first) / rules.repeat) + 1).astype(int)
    before = np.cumsum(times) - times
    return np.repeat(first, times) + rules.repeat * (np.arange(times.sum()) - np.repeat(before, times))


def judge_pages(case: Case, paged: np.ndarray, rules: Rules = RULES) -> tuple[np.ndarray, int]:
    """Seconds until each event was found (NaN: missed), and how many pages were false."""
    seconds = case.seconds
    begin = np.array([seconds[first] for first, _ in case.events])
    end = np.array([seconds[last] for _, last in case.events]) + rules.slack
    delays = np.full(begin.size, np.nan)
    if not begin.size:
        return delays, paged.size
    event = np.searchsorted(begin, paged, side="right") - 1
    is_true = (event >= 0) & (paged <= end[np.maximum(event, 0)])
    found, first_page = np.unique(event[is_true], return_index=True)
    delays[found] = paged[is_true][first_page] - begin[found]
    return delays, int((~is_true).sum())


class EventSweep:
    """One detector on many series at many thresholds.

    Parameters
    ----------
    cases
        The series with their events.
    scores
        One array per case, shape (n,), higher is more unusual; NaN never alarms.
    thresholds
        Falling; None spreads them over the scores, dense where alarms are rare.
    """

    def __init__(
        self, cases: Sequence[Case], scores: Sequence[np.ndarray], thresholds: np.ndarray | None = None
    ) -> None:
        self.thresholds = spread_thresholds(cases, scores) if thresholds is None else thresholds
        self._labels = [case.labels for case in cases]
        self._delays: list[np.ndarray] = []
        self._false = np.zeros((len(cases), self.thresholds.size), dtype=int)
        self._weeks = np.array([_scored_weeks(case) for case in cases])
        for number, (case, score) in enumerate(zip(cases, scores, strict=True)):
            judged = [judge_pages(case, _pages_at(case, score, threshold)) for threshold in self.thresholds]
            self._delays.append(np.array([delays for delays, _ in judged]).reshape(self.thresholds.size, -1))
            self._false[number] = [false for _, false in judged]

    def tally(self, place: int, chosen: np.ndarray) -> Tally:
        """What came of the chosen series (shape (cases,), bool) at the threshold in this place."""
        mine = np.flatnonzero(chosen)
        delays = np.concatenate([self._delays[i][place] for i in mine]) if mine.size else np.empty(0)
        found = delays[np.isfinite(delays)]
        return Tally(
            delays.size, found.size, int(self._false[mine, place].sum()), float(self._weeks[mine].sum()), found
        )

    def silence(self, chosen: np.ndarray) -> Tally:
        """What comes of the chosen series when nothing is ever said."""
        mine = np.flatnonzero(chosen)
        return Tally(sum(self._delays[i].shape[1] for i in mine), 0, 0, float(self._weeks[mine].sum()), np.empty(0))

    def is_found(self, place: int | None, chosen: np.ndarray) -> list[tuple[str, bool]]:
        """What each labelled event of the chosen series is, and whether it was found; None finds nothing."""
        found = []
        for i in np.flatnonzero(chosen):
            missed = np.isnan(self._delays[i][place or 0]) | (place is None)
            found += zip(self._labels[i], (~missed).tolist(), strict=False)
        return found

    def best_place(self, chosen: np.ndarray) -> int | None:
        """Where the F1 of the chosen series is best; None without a threshold."""
        f1 = [self.tally(place, chosen).f1 for place in range(self.thresholds.size)]
        return int(np.nanargmax(f1)) if np.isfinite(f1).any() else None

    def place_within(self, false_per_week: float, chosen: np.ndarray) -> int | None:
        """Lowest threshold that, like all above it, keeps to so many false pages; None when even the highest fails."""
        rates = np.array([self.tally(place, chosen).false_per_week for place in range(self.thresholds.size)])
        too_many = np.flatnonzero(~(rates <= false_per_week))
        places = int(too_many[0]) if too_many.size else rates.size
        return places - 1 if places else None

    def average_precision(self, chosen: np.ndarray) -> float:
        """Area under precision over recall, thresholds falling; recall that is lost again does not count."""
        best, area = 0.0, 0.0
        for place in range(self.thresholds.size):
            tally = self.tally(place, chosen)
            if tally.recall > best:
                area += (tally.recall - best) * tally.precision
                best = tally.recall
        return area


def spread_thresholds(cases: Sequence[Case], scores: Sequence[np.ndarray]) -> np.ndarray:
    """Falling thresholds at which a row in 100,000 up to half of the rows alarm, evenly by the logarithm."""
    seen = [score[case.warm_up :] for case, score in zip(cases, scores, strict=True)]
    finite = np.concatenate([one[np.isfinite(one)] for one in seen]) if seen else np.empty(0)
    if not finite.size:
        return np.empty(0)
    shares = np.append(0.0, np.geomspace(1e-5, 0.5, GRID))
    falling = np.sort(finite)[::-1]
    return np.unique(falling[np.minimum((shares * finite.size).astype(int), finite.size - 1)])[::-1]


def _pages_at(case: Case, score: np.ndarray, threshold: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        is_alarm = score >= threshold
    is_alarm[: case.warm_up] = False
    return pages(case.seconds, is_alarm)


def _scored_weeks(case: Case) -> float:
    seconds = case.seconds
    return float(seconds[-1] - seconds[case.warm_up]) / (7 * 24 * HOUR)

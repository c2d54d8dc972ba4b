"""Test a detection on a series' own history: how many injected faults it finds, how soon, and how often it cries wolf.

This is the one measured meaning of "92 %": the share of faults of a stated size that raise an alarm while they last,
at a stated budget of false alarms, on the user's own data, with an interval.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.alerts import REFRACTORY, alarms, leading_edge
from ai_ops.detect.self_test.faults import CHOSEN, Dose, inject, points_of, robust_sigmas
from ai_ops.detect.self_test.intervals import rate, share
from ai_ops.domain.metrics import Panel
from ai_ops.domain.self_test import SIZES, Fault, FaultFound, MetricTested, Untested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ai_ops.detect.self_test.faults import Injected
    from ai_ops.domain.metrics import Series
    from ai_ops.domain.self_test import Estimate, Plan

    Scorer = Callable[[Panel], np.ndarray]

JUDGED_DAYS = 7.0
LEAST_DAYS = 4.0
"""The last half of the history is judged, a week of it at most; two days before and two to judge are the least."""
LEAST_KNOWN = 0.5
"""Share of the history that must have been measured."""

TRIES_PER_TRIAL = 10
"""Places that are looked at for each fault, since not every place can take it."""
ROWS_AT_ONCE = 128
"""Copies of a series that are judged together: a fortnight of ten-minute values in 2 MB an array."""


def self_test(
    series: Series, plan: Plan, score: Scorer, *, direction: int = 0, floor: np.ndarray | float = 0.0
) -> MetricTested | Untested:
    """Inject every kind of fault into the last days of `series`, each into a copy of its own, and count the alarms.

    Parameters
    ----------
    series
        The untouched history.
    plan
        What is injected, and how often.
    score
        Scores many copies at once, (rows, n) to (rows, n), above 1 where abnormal; causal.
    direction
        +1 when only a rise of the metric is harmful, -1 when only a fall is, 0 when both are.
    floor
        Smallest spread that means anything at each value, such as one failed request: no sigma is smaller.
    """
    if reason := _unfit(series):
        return Untested(series.metric, reason)
    points = series.values.size
    first = points - _judged_points(series)
    quiet = score(_panel(series, [series.values]))[0]
    days = float(np.isfinite(series.values[first:]).sum() * (series.step / timedelta(days=1)))
    told = int(paged(quiet, series.step)[first:].sum())
    sigmas = np.maximum(robust_sigmas(series), floor)
    faults = tuple(_try(series, fault, plan, (sigmas, direction), score, quiet) for fault in Fault)
    return MetricTested(
        metric=series.metric,
        sigma=float(np.median(sigmas)),
        days=days,
        alarms=told,
        alarms_per_week=rate(told, days / 7.0),
        recall=recall_of(faults),
        faults=faults,
    )


def recall_of(faults: Iterable[FaultFound]) -> Estimate | None:
    """Share of all injected faults that were found, of one metric or of several; None when none was injected."""
    counted = [(one.hits, one.trials) for one in faults]
    hits, trials = (sum(column) for column in zip(*counted, strict=True)) if counted else (0, 0)
    return share(hits, trials) if trials else None


def paged(score: np.ndarray, step: timedelta) -> np.ndarray:
    """Where a person is told, shape (n,), bool: when an alarm begins, and every eight hours for as long as it stands.

    Without the second an alarm that never ends would count as one, and the noisiest detection as the quietest.
    """
    told = np.zeros(score.shape, dtype=bool)
    for span in alarms(score, step):
        told[span.since : span.until + 1 : max(1, round(REFRACTORY / step))] = True
    return told


def _unfit(series: Series) -> str:
    """Why a series cannot be tested; empty when it can."""
    known = np.isfinite(series.values)
    days = series.values.size * (series.step / timedelta(days=1))
    had = known.sum() * (series.step / timedelta(days=1))
    if had < LEAST_DAYS:
        return f"{had:.1f} days of values, {LEAST_DAYS:g} are needed"
    if had < LEAST_KNOWN * days:
        return f"only {had / days:.0%} of the history was measured"
    return ""


def _judged_points(series: Series) -> int:
    return min(series.values.size // 2, round(timedelta(days=JUDGED_DAYS) / series.step))


def _panel(series: Series, copies: Sequence[np.ndarray]) -> Panel:
    names = tuple(str(number) for number in range(len(copies)))
    return Panel(series.metric, names, series.start, series.step, np.stack(copies))


def _try(
    series: Series, fault: Fault, plan: Plan, scale: tuple[np.ndarray, int], score: Scorer, quiet: np.ndarray
) -> FaultFound:
    trials = _injected(series, fault, plan, scale)
    if not trials:
        return FaultFound(fault, 0, 0, None, reason=f"nowhere a harmful change of {plan.sigmas:g} sigma")
    delays = [
        delay
        for first in range(0, len(trials), ROWS_AT_ONCE)
        for delay in _delays(series, [one for _, one in trials[first : first + ROWS_AT_ONCE]], score, quiet)
    ]
    found = [delay for delay in delays if delay is not None]
    smallest = [delay for (size, _), delay in zip(trials, delays, strict=True) if fault in CHOSEN and size == SIZES[0]]
    median = float(np.median(found)) if found else None
    return FaultFound(
        fault=fault,
        hits=len(found),
        trials=len(trials),
        recall=share(len(found), len(trials)),
        smallest_hits=sum(delay is not None for delay in smallest),
        smallest_trials=len(smallest),
        delay_samples=median,
        delay_minutes=None if median is None else median * (series.step / timedelta(minutes=1)),
        reason="" if len(trials) == plan.trials else f"only {len(trials)} places for it",
    )


def _injected(series: Series, fault: Fault, plan: Plan, scale: tuple[np.ndarray, int]) -> list[tuple[float, Injected]]:
    """Faults at random places of the judged days, each with its size as a multiple of the smallest."""
    rng = np.random.default_rng([plan.seed, *series.metric.encode(), *fault.encode()])
    sigmas, direction = scale
    last = series.values.size - points_of(fault, plan.minutes, series.step)
    places = rng.integers(series.values.size - _judged_points(series), last + 1, plan.trials * TRIES_PER_TRIAL)
    trials: list[tuple[float, Injected]] = []
    for place in places:
        if len(trials) == plan.trials:
            break
        multiple = SIZES[len(trials) % len(SIZES)] if fault in CHOSEN else SIZES[0]
        dose = Dose(sigmas, multiple * plan.sigmas, plan.minutes, direction)
        if (one := inject(series, fault, int(place), dose, rng)) is not None:
            trials.append((multiple, one))
    return trials


def _delays(series: Series, trials: Sequence[Injected], score: Scorer, quiet: np.ndarray) -> list[float | None]:
    """Values from the first wrong one to the alarm, for each trial; None where none was raised while it lasted.

    What also alarms without the fault is no merit.
    """
    raised = leading_edge(score(_panel(series, [one.values for one in trials])), series.step) > 1.0
    anyway = leading_edge(quiet, series.step) > 1.0
    delays: list[float | None] = []
    for one, row in zip(trials, raised & ~anyway, strict=True):
        hits = np.flatnonzero(row[one.start : one.end])
        delays.append(max(0.0, float(one.start + hits[0] - one.since)) if hits.size else None)
    return delays

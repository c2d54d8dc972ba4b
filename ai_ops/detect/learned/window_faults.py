"""Copies of quiet hours, each with one fault in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.direction import NOT_JUDGED, WORSE
from ai_ops.detect.floors import spread_floor
from ai_ops.detect.learned.held_out_hours import CONTEXT
from ai_ops.detect.learned.joint_faults import JointFault, are_coupled, inject_joint
from ai_ops.detect.self_test.faults import LASTING, Dose, inject, points_of, robust_sigmas
from ai_ops.domain.self_test import SIZES, Fault, Plan

if TYPE_CHECKING:
    from ai_ops.detect.learned.held_out_hours import Hours, Past

SIGMAS, MINUTES = Plan().sigmas, Plan().minutes
"""The faults of an examination are as large and as long as those of a self-test."""

SHORT = tuple(fault for fault in Fault if fault not in LASTING)
"""Faults that show within half an hour."""

KINDS: tuple[Fault | JointFault, ...] = (*SHORT, *JointFault)


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """Quiet hours with the rows before them, each with one fault.

    Parameters
    ----------
    values
        Shape (f, CONTEXT + rows, d).
    hosts
        First row, in the past, of the window that each is a copy of; shape (f,).
    begins
        Row of the window at which the fault begins, shape (f,).
    kinds
        What is wrong, f names.
    """

    values: np.ndarray
    hosts: np.ndarray
    begins: np.ndarray
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """One metric: its number, its spread at each row, and whether it moves with another."""

    number: int
    sigmas: np.ndarray
    direction: int
    is_coupled: bool

    def dose(self, multiple: float) -> Dose:
        return Dose(self.sigmas, multiple * SIGMAS, MINUTES, self.direction)


def with_faults(past: Past, hours: Hours, seed: int) -> Copies:
    """Inject into each host every kind of fault that one of its metrics can take, at sizes that take turns.

    Metric, place and sign are drawn from the seed and the hour, so that tomorrow's examination asks again what today's
    asked. The fleet and its cost are left as they are: the autoscaler moves them on purpose.
    """
    columns = _columns(past)
    values, asked = [], []
    for turn, host in enumerate(hours.hosts):
        for number, kind in enumerate(KINDS):
            rng = np.random.default_rng([seed, int(past.times[host]), number])
            multiple = SIZES[(turn + number) % len(SIZES)]
            if (one := _one(past, (int(host), hours.rows), kind, (columns, multiple), rng)) is not None:
                values.append(one[0])
                asked.append((int(host), one[1], kind.value))
    shape = (len(values), CONTEXT + hours.rows, len(past.metrics))
    hosts, begins = (np.array([one[place] for one in asked], dtype=int) for place in (0, 1))
    return Copies(np.array(values).reshape(shape), hosts, begins, tuple(kind for _, _, kind in asked))


def _columns(past: Past) -> list[_Column]:
    """The metrics that can go wrong."""
    traffic = past.metrics.index("requests_per_second") if "requests_per_second" in past.metrics else None
    requests = None if traffic is None else past.series(traffic)
    coupled = are_coupled(past.values)
    columns = []
    for number, metric in enumerate(past.metrics):
        series = past.series(number)
        if metric not in NOT_JUDGED and np.isfinite(series.values).any():
            sigmas = np.maximum(robust_sigmas(series), spread_floor(series, requests))
            columns.append(_Column(number, sigmas, WORSE.get(metric, 0), bool(coupled[number])))
    return columns


def _one(
    past: Past,
    window: tuple[int, int],
    kind: Fault | JointFault,
    wish: tuple[list[_Column], float],
    rng: np.random.Generator,
) -> tuple[np.ndarray, int] | None:
    """The window with the fault in the first metric, in a random order, that can take it, and where it begins."""
    host, rows = window
    columns, multiple = wish
    begin = int(rng.integers(0, rows - _points(past) + 1))
    for index in rng.permutation(len(columns)):
        column = columns[index]
        wrong = _wrong(past, kind, host + begin, (column, multiple), rng)
        if wrong is not None:
            copy = past.values[host - CONTEXT : host + rows].copy()
            copy[CONTEXT + begin : CONTEXT + begin + wrong.size, column.number] = wrong
            return copy, begin
    return None


def _points(past: Past) -> int:
    return points_of(Fault.SPIKE, MINUTES, past.step)


def _wrong(
    past: Past, kind: Fault | JointFault, start: int, wish: tuple[_Column, float], rng: np.random.Generator
) -> np.ndarray | None:
    """The values of the fault, shape (points,), or None where the metric cannot take it there."""
    column, multiple = wish
    series, end = past.series(column.number), start + _points(past)
    if isinstance(kind, Fault):
        injected = inject(series, kind, start, column.dose(multiple), rng)
        return None if injected is None else injected.values[start:end]
    if kind is JointFault.AGAINST and not column.is_coupled:
        return None
    # Its size is what the day makes of it; it must only be one.
    return inject_joint(series, kind, start, end, column.dose(SIZES[0]))

"""A tuner and a service in closed loop: asked every six hours, obeyed half a day later."""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from tuning_cases import HISTORY_DAYS, START

from ai_ops.simulator.profiles import platform
from ai_ops.simulator.service import SimulatedService

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd
    from tuning_cases import Case

    from ai_ops.domain.platform import Platform
    from ai_ops.domain.prediction import Prediction

MINUTES_PER_DAY, MINUTES_PER_DECISION, REVIEW_MINUTES = 1440, 360, 720
LONGEST_HISTORY_DAYS = 28


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tuner may look at."""

    history: pd.DataFrame
    thresholds: Mapping[str, Any]
    platform: Platform
    now: datetime


@dataclass(frozen=True, slots=True)
class Advice:
    """What a tuner answers: other thresholds or none, and what it expects."""

    thresholds: Mapping[str, Any] | None = None
    prediction: Prediction | None = None


HOLD = Advice()


class Tuner(Protocol):
    """Decides every six hours."""

    def decide(self, seen: Seen) -> Advice:
        """Answer what is seen."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A cost that was expected, and from which minute of the tuned days on."""

    from_minute: int
    minutes: int
    cost_per_hour: float
    low: float
    high: float


@dataclass(slots=True)
class Course:
    """What happened in the tuned days.

    Parameters
    ----------
    good, total, cost
        By minute, shape (days * 1440,).
    standing
        What was live, with the minute from which on; the first entry is the start.
    advised
        All that was recommended.
    expected
        Costs that were expected of settings as long as they are live.
    seconds
        Processor time of each decision, which other work on the machine does not lengthen.
    """

    good: np.ndarray = field(default_factory=lambda: np.zeros(0))
    total: np.ndarray = field(default_factory=lambda: np.zeros(0))
    cost: np.ndarray = field(default_factory=lambda: np.zeros(0))
    standing: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    advised: list[dict[str, Any]] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def warmed_up(case: Case, days: int, run: int) -> SimulatedService:
    """Give the service after its two weeks under the thresholds a run starts with."""
    demand = case.demand(HISTORY_DAYS + days, run + 1)
    service = SimulatedService(case.profile, demand, START, case.thresholds(run), seed=run + 1)
    service.advance(HISTORY_DAYS * MINUTES_PER_DAY)
    return service


def fixed(warm: SimulatedService, thresholds: Mapping[str, Any], days: int) -> Course:
    """Leave `thresholds` as they are from the first tuned day on."""
    service = deepcopy(warm)
    service.apply(thresholds)
    service.advance(days * MINUTES_PER_DAY)
    return _with_truth(Course(standing=[(0, dict(thresholds))]), service)


def tuned(warm: SimulatedService, standing: Mapping[str, Any], tuner: Tuner, days: int) -> Course:
    """Let `tuner` advise, and do as it says after the review."""
    service, constants = deepcopy(warm), platform(warm.profile)
    course, live = Course(standing=[(0, dict(standing))]), dict(standing)
    due: list[tuple[int, dict[str, Any]]] = []
    for minute in range(0, days * MINUTES_PER_DAY, MINUTES_PER_DECISION):
        while due and due[0][0] <= minute:  # a review takes two periods, so changes land on their edges
            _, after = due.pop(0)
            if after != live:
                live = after
                service.apply(live)
                course.standing.append((minute, live))
        seen = Seen(service.history(LONGEST_HISTORY_DAYS), dict(live), constants, service.now)
        began = time.process_time()
        advice = tuner.decide(seen)
        course.seconds.append(time.process_time() - began)
        if advice.thresholds is not None:
            due.append((minute + REVIEW_MINUTES, dict(advice.thresholds)))
            course.advised.append(dict(advice.thresholds))
        if advice.prediction is not None:
            course.expected.append(_expected(advice, minute))
        service.advance(MINUTES_PER_DECISION)
    return _with_truth(course, service)


def _expected(advice: Advice, minute: int) -> Expected:
    """A prediction of a change counts from its merge on, one of unchanged settings from now."""
    assert advice.prediction is not None
    cost = advice.prediction.cost_per_hour
    begin = minute if advice.thresholds is None else minute + REVIEW_MINUTES
    lasts = round(timedelta(hours=advice.prediction.horizon_hours) / timedelta(minutes=1))
    return Expected(begin, lasts, cost.expected, cost.low, cost.high)


def _with_truth(course: Course, service: SimulatedService) -> Course:
    begin = HISTORY_DAYS * MINUTES_PER_DAY
    course.good, course.total, course.cost = service.good[begin:], service.total[begin:], service.cost[begin:]
    return course

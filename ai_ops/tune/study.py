"""One look at a service: calibrate its twin, check it against what happened, replay everything worth a try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.tune.acceptance import Figures, figures
from ai_ops.tune.candidates import Candidate, Space, space
from ai_ops.tune.weekly_need import weekly_need
from ai_ops.twin.calibration import Uncalibrated, calibrate
from ai_ops.twin.conditions import Conditions, conditions
from ai_ops.twin.gate import Fit, fit
from ai_ops.twin.replay import Twin
from ai_ops.twin.settings_batch import settings_batch
from ai_ops.twin.telemetry import MINUTE, MINUTES_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ai_ops.domain.platform import Platform
    from ai_ops.tune.limits import Limits, Settings
    from ai_ops.twin.telemetry import Telemetry

WINDOW_DAYS = 14
"""Two of every weekday: the shortest window that shows a week twice."""

REFINED = 64
"""Candidates around the best of the first round."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A twin that passed or failed its gate, and how every candidate did.

    Parameters
    ----------
    telemetry, conditions
        The window that was replayed.
    candidates
        The incumbent is the first.
    figures
        Of each candidate, in the same order.
    """

    telemetry: Telemetry
    conditions: Conditions
    twin: Twin
    fit: Fit
    candidates: list[Candidate]
    figures: Figures


def study(
    telemetry: Telemetry,
    spans: Sequence[tuple[datetime | None, Settings]],
    platform: Platform,
    limits: Limits,
    correction: Callable[[Fit], float],
) -> Study | Uncalibrated:
    """Study the last fortnight.

    Parameters
    ----------
    spans
        Which settings ran since when, oldest first; the last are today's.
    correction
        How many times more of the budget reality spends than replays do, given this look as well.
    """
    window = telemetry.last(WINDOW_DAYS * MINUTES_PER_DAY)
    calibration = calibrate(window, platform)
    if isinstance(calibration, Uncalibrated):
        return calibration
    twin, befell = Twin(calibration, platform), conditions(window, calibration)
    passed = fit(window, twin, befell, _minutes(spans, window))
    need = weekly_need(befell.demand, window.minute_of_week(), calibration.steps.boot_minutes)
    searched = space(dict(spans[-1][1]), limits, need, calibration.utilisation)
    looked = _Search(window, twin, befell, searched, correction(passed)).run()
    return Study(window, befell, twin, passed, *looked)


def replayed_figures(
    window: Telemetry, twin: Twin, befell: Conditions, candidates: Sequence[Candidate], correction: float
) -> Figures:
    """Replay candidates through the window as it was and under stress."""
    floors = {index: one.floor for index, one in enumerate(candidates) if one.floor is not None}
    batch = settings_batch([one.settings for one in candidates], window.minute_of_week(), floors)
    known = window.desired[np.isfinite(window.desired)]
    start = float(known[0]) if known.size else 1.0
    replayed = twin.replay([befell, befell.stressed()], batch, start_instances=start)
    return figures(replayed, twin.platform.allowed_bad_ratio, correction)


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Two rounds: everywhere, then around the best."""

    window: Telemetry
    twin: Twin
    befell: Conditions
    space: Space
    correction: float

    def run(self) -> tuple[list[Candidate], Figures]:
        first = self.space.candidates()
        seen = self._figures(first)
        best = seen.cheapest(seen.safe(0.6))
        around = first[seen.safest() if best is None else best]
        second = self.space.refined(around, REFINED)[1:]
        return [*first, *second], seen.joined(self._figures(second)) if second else seen

    def _figures(self, candidates: Sequence[Candidate]) -> Figures:
        return replayed_figures(self.window, self.twin, self.befell, candidates, self.correction)


def _minutes(spans: Sequence[tuple[datetime | None, Settings]], window: Telemetry) -> list[tuple[int, Settings]]:
    """The spans by minute of the window; one that ended before it is left out."""
    placed: list[tuple[int, Settings]] = []
    for since, settings in spans:
        first = 0 if since is None else max(0, round((since - window.start) / MINUTE))
        if first >= window.minutes:
            break
        if placed and placed[-1][0] == first:
            placed.pop()
        placed.append((first, settings))
    return placed

"""One look at a service: calibrate its twin, check it against what happened, replay everything worth a try."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.tune.search.candidates import Candidate, space
from ai_ops.tune.search.replays import Replays, replays_of, rerun_of
from ai_ops.twin.abnormal import abnormal_minutes
from ai_ops.twin.calibration import Uncalibrated
from ai_ops.twin.conditions import Conditions, conditions
from ai_ops.twin.replay import Twin
from ai_ops.twin.telemetry import MINUTES_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ai_ops.domain.platform import Platform
    from ai_ops.tune.search.acceptance import Figures
    from ai_ops.tune.search.limits import Limits, Settings
    from ai_ops.twin.gate import Fit
    from ai_ops.twin.telemetry import Telemetry

WINDOW_DAYS = 14
"""Two of every weekday: the shortest window that shows a week twice."""

LEAST_OLDER_DAYS = 7
"""Fewer days before the window add nothing to it."""

REFINED = 64
"""Candidates around the best of the first round."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A twin that passed or failed its gate, and how every candidate did.

    Parameters
    ----------
    replays
        The twin and the window; replays anything else on them.
    fit
        How the twin did on what really ran.
    candidates
        The incumbent is the first.
    figures
        Of each candidate, in the same order.
    correction
        How many times more of the budget reality spends than replays do.
    margin
        Share of the error budget that a candidate may spend.
    """

    replays: Replays
    fit: Fit
    candidates: list[Candidate]
    figures: Figures
    correction: float
    margin: float

    @property
    def telemetry(self) -> Telemetry:
        """The window that was replayed."""
        return self.replays.window

    @property
    def conditions(self) -> Conditions:
        """What befell the service in the window."""
        return self.replays.befell

    @property
    def twin(self) -> Twin:
        """The calibrated service."""
        return self.replays.twin


@dataclass(frozen=True, slots=True)
class Terms:
    """What a study is held to.

    Parameters
    ----------
    limits
        How far candidates may go.
    margin
        Share of the error budget that a candidate may spend.
    correction
        How many times more of the budget reality spends than replays do, given how the twin did in this look.
    """

    platform: Platform
    limits: Limits
    margin: float
    correction: Callable[[Fit], float]


def study(
    telemetry: Telemetry, spans: Sequence[tuple[datetime | None, Settings]], terms: Terms
) -> Study | Uncalibrated:
    """Study the last fortnight in two rounds, everywhere and around the best, and the days before it for finalists.

    Parameters
    ----------
    spans
        Which settings ran since when, oldest first; the last are today's.
    """
    window = telemetry.last(WINDOW_DAYS * MINUTES_PER_DAY)
    rerun = rerun_of(spans, window)
    replays = replays_of(window, terms.platform, rerun)
    if isinstance(replays, Uncalibrated):
        return replays
    searched = space(dict(spans[-1][1]), terms.limits, window, replays.twin.calibration, terms.platform.slo_ms)
    first = searched.candidates()
    ran, replayed = replays.with_what_ran(first, rerun)
    factor = terms.correction(ran)
    seen = replays.read(replayed, factor)
    best = seen.cheapest(seen.safe(terms.margin))
    second = searched.refined(first[seen.safest() if best is None else best], REFINED)[1:]
    if second:
        seen = seen.joined(replays.figures(second, factor))
    candidates = [*first, *second]
    older = telemetry.between(max(0, telemetry.minutes - 2 * window.minutes), telemetry.minutes - window.minutes)
    if older.minutes >= LEAST_OLDER_DAYS * MINUTES_PER_DAY:
        seen = _with_older_days(seen, candidates, older, replays.twin, terms.margin)
    seen = replace(seen, changed_knobs=np.array([_changed_knobs(first[0], one) for one in candidates]))
    return Study(replays, ran, candidates, seen, factor, terms.margin)


def _changed_knobs(today: Candidate, wanted: Candidate) -> int:
    return sum(value != today.settings[name] for name, value in wanted.settings.items())


def _with_older_days(
    seen: Figures, candidates: Sequence[Candidate], older: Telemetry, twin: Twin, margin: float
) -> Figures:
    """Replay the finalists through the days before the window: a quiet fortnight must not be all that is remembered."""
    abnormal = replace(twin.calibration, abnormal=abnormal_minutes(older))
    days = Replays(older, Twin(abnormal, twin.platform), conditions(older, abnormal))
    places = seen.finalists(margin)
    # Their schedules were learned from later days, so here they are followed as they would be written.
    finalists = [Candidate(candidates[place].settings) for place in places]
    burn = np.full(len(candidates), np.inf)
    burn[places] = days.figures(finalists, 1.0).burn
    return replace(seen, older_burn=burn)

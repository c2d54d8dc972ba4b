"""One look at a service: calibrate its twin, check it against what happened, replay everything worth a try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.tune.candidates import Candidate, space
from ai_ops.tune.replays import Replays, rerun_of
from ai_ops.twin.calibration import Uncalibrated, calibrate
from ai_ops.twin.conditions import Conditions, conditions
from ai_ops.twin.replay import Twin
from ai_ops.twin.telemetry import MINUTES_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ai_ops.domain.platform import Platform
    from ai_ops.tune.acceptance import Figures
    from ai_ops.tune.limits import Limits, Settings
    from ai_ops.twin.gate import Fit
    from ai_ops.twin.telemetry import Telemetry

WINDOW_DAYS = 14
"""Two of every weekday: the shortest window that shows a week twice."""

REFINED = 64
"""Candidates around the best of the first round."""

MARGIN = 0.60
"""Share of the error budget that a proposal may spend: the rest is for what no history shows."""


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
    """

    replays: Replays
    fit: Fit
    candidates: list[Candidate]
    figures: Figures
    correction: float

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


def study(
    telemetry: Telemetry,
    spans: Sequence[tuple[datetime | None, Settings]],
    platform: Platform,
    limits: Limits,
    correction: Callable[[Fit], float],
) -> Study | Uncalibrated:
    """Study the last fortnight in two rounds: everywhere, then around the best.

    Parameters
    ----------
    spans
        Which settings ran since when, oldest first; the last are today's.
    correction
        How many times more of the budget reality spends than replays do, given this look as well.
    """
    window = telemetry.last(WINDOW_DAYS * MINUTES_PER_DAY)
    rerun = rerun_of(spans, window)
    calibration = calibrate(window, platform, rerun.cooldown(window.minutes))
    if isinstance(calibration, Uncalibrated):
        return calibration
    replays = Replays(window, Twin(calibration, platform), conditions(window, calibration))
    searched = space(dict(spans[-1][1]), limits, window, calibration, platform.slo_ms)
    first = searched.candidates()
    ran, replayed = replays.with_what_ran(first, rerun)
    factor = correction(ran)
    seen = replays.read(replayed, factor)
    best = seen.cheapest(seen.safe(MARGIN))
    second = searched.refined(first[seen.safest() if best is None else best], REFINED)[1:]
    if second:
        seen = seen.joined(replays.figures(second, factor))
    return Study(replays, ran, [*first, *second], seen, factor)

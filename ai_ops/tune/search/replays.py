"""Replays of one window: candidates through the days as they were and under stress, and what really ran beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.tune.search.acceptance import Figures, figures
from ai_ops.twin.calibration import Uncalibrated, calibrate
from ai_ops.twin.conditions import conditions
from ai_ops.twin.gate import Fit, Rerun, fit
from ai_ops.twin.replay import Twin
from ai_ops.twin.settings_batch import SettingsBatch, settings_batch
from ai_ops.twin.telemetry import MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.platform import Platform
    from ai_ops.tune.search.candidates import Candidate
    from ai_ops.tune.search.limits import Settings
    from ai_ops.twin.conditions import Conditions
    from ai_ops.twin.replayed import Replayed, Trace
    from ai_ops.twin.telemetry import Telemetry


@dataclass(frozen=True, slots=True, eq=False)
class Ran:
    """What really ran, as the twin tells it.

    Parameters
    ----------
    wanted, bad_ratio
        Instances paid for and share of bad requests, shape (minutes,).
    fit
        How far that is from what was measured.
    """

    wanted: np.ndarray
    bad_ratio: np.ndarray
    fit: Fit


@dataclass(frozen=True, slots=True, eq=False)
class Replays:
    """A twin and the days it is replayed on."""

    window: Telemetry
    twin: Twin
    befell: Conditions

    def figures(self, candidates: Sequence[Candidate], correction: float) -> Figures:
        """Replay candidates; `correction` says how much more of the budget reality spends than replays do."""
        return self.read(
            self.twin.replay(self._scenarios(), self.batch(candidates), start_instances=self._start()), correction
        )

    def with_what_ran(self, candidates: Sequence[Candidate], rerun: Rerun) -> tuple[Fit, Replayed]:
        """Replay candidates and, in the same pass, the settings that really ran; the fit is that of the latter."""
        replayed, ran = self._rerun(self._scenarios(), candidates, rerun)
        return ran.fit, replayed.first(len(candidates))

    def ran(self, rerun: Rerun) -> Ran:
        """Replay nothing but the settings that really ran."""
        return self._rerun([self.befell], (), rerun)[1]

    def traced(self, candidates: Sequence[Candidate]) -> Trace:
        """Follow candidates minute by minute through the days as they were."""
        replayed = self.twin.replay(
            [self.befell], self.batch(candidates), start_instances=self._start(), traced=range(len(candidates))
        )
        assert replayed.trace is not None  # noqa: S101  # it was asked for
        return replayed.trace

    def read(self, replayed: Replayed, correction: float) -> Figures:
        """Figures of a replay of these days."""
        return figures(replayed, self.twin.platform.allowed_bad_ratio, correction)

    def batch(self, candidates: Sequence[Candidate], others: Sequence[Settings] = ()) -> SettingsBatch:
        """Line candidates up, and behind them settings that follow their own written schedule."""
        floors = {index: one.floor for index, one in enumerate(candidates) if one.floor is not None}
        return settings_batch([*(one.settings for one in candidates), *others], self.window.minute_of_week(), floors)

    def _rerun(
        self, scenarios: Sequence[Conditions], candidates: Sequence[Candidate], rerun: Rerun
    ) -> tuple[Replayed, Ran]:
        replayed = self.twin.replay(
            scenarios,
            self.batch(candidates, rerun.settings),
            start_instances=self._start(),
            traced=range(len(candidates), len(candidates) + len(rerun.settings)),
            restarts=rerun.restarts(self.window, len(candidates)),
        )
        assert replayed.trace is not None  # noqa: S101  # it was asked for
        wanted, bad_ratio = (rerun.joined(part[:, 0]) for part in (replayed.trace.wanted, replayed.trace.bad_ratio))
        return replayed, Ran(
            wanted, bad_ratio, fit(self.window, wanted, bad_ratio, self.twin.platform.allowed_bad_ratio)
        )

    def _scenarios(self) -> list[Conditions]:
        return [self.befell, self.befell.stressed()]

    def _start(self) -> float:
        known = self.window.desired[np.isfinite(self.window.desired)]
        return float(known[0]) if known.size else 1.0


def replays_of(window: Telemetry, platform: Platform, rerun: Rerun) -> Replays | Uncalibrated:
    """Calibrate a twin on the window in which these settings ran, and lay out what befell it."""
    calibration = calibrate(window, platform, rerun.cooldown(window.minutes))
    if isinstance(calibration, Uncalibrated):
        return calibration
    return Replays(window, Twin(calibration, platform), conditions(window, calibration))


def rerun_of(spans: Sequence[tuple[datetime | None, Settings]], window: Telemetry) -> Rerun:
    """Lay the spans of settings (see `learned.spans`) over the minutes of the window; older ones are left out."""
    placed: list[tuple[int, Settings]] = []
    for since, settings in spans:
        first = 0 if since is None else max(0, round((since - window.start) / MINUTE))
        if first >= window.minutes:
            break
        if placed and placed[-1][0] == first:
            placed.pop()
        placed.append((first, settings))
    return Rerun(tuple(settings for _, settings in placed), tuple(first for first, _ in placed))

"""Settings worth a replay: spread evenly over all that is allowed, and close around what runs today."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.tune.search.limits import GAP_PERCENT, Limits, Settings
from ai_ops.tune.search.weekly_need import WeeklyNeed, weekly_need
from ai_ops.twin.gaps import filled

if TYPE_CHECKING:
    from ai_ops.twin.calibration import Calibration
    from ai_ops.twin.telemetry import Telemetry
    from ai_ops.twin.utilisation import Utilisation

SPREAD, NEAR = 256, 120
"""Candidates spread over the whole space (Sobol' points fill it evenly in powers of two), and near the incumbent."""

SEED = 20
"""The same inputs give the same candidates, so that a decision can be derived again to the byte."""

SCHEDULE_PERCENTS = (50.0, 60.0, 70.0, 80.0)
"""Utilisations at which a scheduled minimum may be laid out."""

COOLDOWNS = (3, 5, 8, 12)
FULLER = 1.5
"""How much higher a maximum is tried where the fleet has stood at it. A lower one saves nothing that was seen."""

LATENCY_ROOM, LATENCY_SHARE = 1.5, 0.9
"""R37: the latency threshold lies between this many usual 95th percentiles and this share of the promise."""

NEAR_STEPS = {"cpu_scale_out_percent": 6.0, "cpu_scale_in_percent": 8.0}


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Settings, and the floor that the replay must use in place of their schedule.

    Parameters
    ----------
    settings
        All knobs by name.
    floor
        Minimum by minute learned from other days (see `WeeklyNeed.floors`), shape (minutes,); None follows the
        written schedule.
    """

    settings: Settings
    floor: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Where to look.

    Parameters
    ----------
    current
        What runs today; every candidate has exactly its knobs.
    limits
        What is allowed.
    likely_instances
        Lowest and highest number of instances that the demand may make sensible as a minimum.
    schedules
        Scheduled minimum and its floor by minute, one pair for each utilisation; empty where none can be learned.
    sane_latency_ms
        Between 1.5 times the usual 95th percentile and 0.9 times the promise (R37): below it the fleet runs to its
        maximum, above it users suffer first. None where the latency was not measured, or leaves no room.
    is_full
        Whether the fleet has stood at its maximum: then a higher one is worth a try.
    """

    current: Settings
    limits: Limits
    likely_instances: tuple[int, int]
    schedules: tuple[tuple[list[dict[str, int]], np.ndarray], ...] = ()
    sane_latency_ms: tuple[float, float] | None = None
    is_full: bool = False

    def candidates(self) -> list[Candidate]:
        """The incumbent first, then everything else, each within one allowed step of it."""
        from scipy.stats import qmc

        points = qmc.Sobol(d=7, seed=SEED).random(SPREAD)
        wide = [self._from_point(point) for point in points]
        return self._kept([*wide, *self.near(self.current, None, NEAR)])

    def near(self, settings: Settings, floor: np.ndarray | None, count: int) -> list[Candidate]:
        """Small moves away from `settings`, a few knobs at a time."""
        random = np.random.default_rng(SEED)
        return [self._nudged(settings, floor, random) for _ in range(count)]

    def refined(self, best: Candidate, count: int) -> list[Candidate]:
        """Candidates around the best one so far, and the best one with some of its changes left out."""
        return self._kept([*self._simpler(best), *self.near(best.settings, best.floor, count)])

    def _simpler(self, best: Candidate) -> list[Candidate]:
        """Leave out one change, two, or all but one: a small diff is read with more care."""
        changed = [name for name, value in best.settings.items() if value != self.current[name]]
        return [
            Candidate(
                best.settings | {name: self.current[name] for name in left_out},
                None if "scheduled_minimum" in left_out else best.floor,
            )
            for count in sorted({1, 2, len(changed) - 1} & set(range(1, len(changed))))
            for left_out in combinations(changed, count)
        ]

    def _kept(self, wanted: list[Candidate]) -> list[Candidate]:
        """Bring all within the limits, and leave out twins; the incumbent is always the first."""
        kept = [Candidate(self.current)]
        seen = {_key(self.current)}
        for one in wanted:
            settings = self.limits.kept(one.settings, self.current)
            is_learned = settings.get("scheduled_minimum") != self.current.get("scheduled_minimum")
            if _key(settings) not in seen:
                seen.add(_key(settings))
                kept.append(Candidate(settings, one.floor if is_learned else None))
        return kept

    def _from_point(self, point: np.ndarray) -> Candidate:
        """One point of the unit cube as settings."""
        mode, out, inner, least, schedule, cooldown, latency = point
        wanted = dict(self.current)
        if "scaling_mode" in wanted:
            wanted["scaling_mode"] = "target" if mode >= 0.5 else "threshold"  # noqa: PLR2004  # half of the points
        low, high = self.limits.bounds["cpu_scale_out_percent"]
        wanted["cpu_scale_out_percent"] = round(low + out * (high - low))
        low, high = self.limits.bounds["cpu_scale_in_percent"]
        high = max(low, min(high, wanted["cpu_scale_out_percent"] - GAP_PERCENT))
        wanted["cpu_scale_in_percent"] = round(low + inner * (high - low))
        few, many = self.likely_instances
        wanted["min_instances"] = round(few * (many / few) ** least)
        wanted["cooldown_minutes"] = self._cooldown(cooldown)
        self._set_ceilings(wanted, latency)
        return self._scheduled(wanted, schedule)

    def _set_ceilings(self, wanted: Settings, share: float) -> None:
        """Move the latency threshold in half of the points, and the maximum where it was reached."""
        if self.is_full:
            wanted["max_instances"] = round(wanted["max_instances"] * FULLER)
        if self.sane_latency_ms is not None and "latency_scale_out_ms" in wanted and share >= 0.5:  # noqa: PLR2004
            low, high = self.sane_latency_ms
            wanted["latency_scale_out_ms"] = round(low + (share - 0.5) * 2.0 * (high - low))

    def _cooldown(self, share: float) -> float:
        """Keep the cooldown in half of the points."""
        place = int((share - 0.5) * 2.0 * len(COOLDOWNS))
        return COOLDOWNS[place] if share >= 0.5 else self.current["cooldown_minutes"]  # noqa: PLR2004  # see above

    def _scheduled(self, wanted: Settings, share: float) -> Candidate:
        """No schedule, today's, or one of the learned ones."""
        if not self.schedules or "scheduled_minimum" not in wanted:
            return Candidate(wanted)
        place = int(share * (len(self.schedules) + 2)) - 2
        if place < 0:
            kept = self.current["scheduled_minimum"] if place == -1 else []
            return Candidate(wanted | {"scheduled_minimum": kept})
        blocks, floor = self.schedules[place]
        return Candidate(wanted | {"scheduled_minimum": blocks}, floor)

    def _nudged(self, settings: Settings, floor: np.ndarray | None, random: np.random.Generator) -> Candidate:
        wanted = dict(settings)
        for name, step in NEAR_STEPS.items():
            if random.random() < 0.7:  # noqa: PLR2004  # most moves touch most thresholds
                wanted[name] = round(wanted[name] + random.uniform(-step, step))
        if random.random() < 0.4:  # noqa: PLR2004
            factor = random.choice([0.7, 0.85, 1.2, 1.5])
            moved = round(wanted["min_instances"] * factor)
            if moved == wanted["min_instances"]:
                moved += -1 if random.random() < 0.5 else 1  # noqa: PLR2004  # up as often as down
            wanted["min_instances"] = max(1, moved)
        if random.random() < 0.2:  # noqa: PLR2004
            wanted["cooldown_minutes"] = int(random.choice(COOLDOWNS))
        if random.random() < 0.3:  # noqa: PLR2004
            return self._scheduled(wanted, random.random())
        return Candidate(wanted, floor)


def space(current: Settings, limits: Limits, window: Telemetry, calibration: Calibration, slo_ms: float) -> Space:
    """Lay out the search for a service that is like this.

    Parameters
    ----------
    window
        What was measured; its demand and latency say where to look.
    """
    utilisation = calibration.utilisation
    demand = filled(window.get("requests_per_second"))
    need = weekly_need(demand, window.minute_of_week(), calibration.steps.boot_minutes)
    quiet, busy = (float(np.quantile(need.peaks, share)) for share in (0.02, 0.5))
    at = float(utilisation.load(np.array([70.0]))[0])
    few = max(1, round(0.5 * quiet / at))
    many = max(few + 1, round(1.5 * busy / at))
    return Space(
        current,
        limits,
        (few, many),
        _schedules(need, utilisation),
        _sane_latency(window, slo_ms),
        is_full=bool((window.desired >= current["max_instances"]).any()),
    )


def _sane_latency(window: Telemetry, slo_ms: float) -> tuple[float, float] | None:
    latency = window.get("latency_p95_ms")
    known = latency[np.isfinite(latency)]
    if not known.size:
        return None
    low, high = float(np.ceil(LATENCY_ROOM * np.median(known))), float(np.floor(LATENCY_SHARE * slo_ms))
    return (low, high) if low < high else None


def _schedules(need: WeeklyNeed, utilisation: Utilisation) -> tuple[tuple[list[dict[str, int]], np.ndarray], ...]:
    laid_out = []
    for percent in SCHEDULE_PERCENTS:
        floor = need.floors(utilisation, percent)
        if floor is not None and np.ptp(floor) > 0:
            laid_out.append((need.schedule(utilisation, percent), floor))
    return tuple(laid_out)


def _key(settings: Settings) -> tuple[object, ...]:
    """What makes two candidates the same."""
    blocks = tuple(tuple(block.values()) for block in settings.get("scheduled_minimum") or ())
    others = (repr(value) for name, value in settings.items() if name != "scheduled_minimum")
    return (*others, blocks)

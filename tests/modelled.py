"""A made-up service under the policy `model`, cycle by cycle, as the agent runs it: for tests of the closed loop."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.cycle import PERIOD, Episode, episode_id
from ai_ops.domain.foresight import Foresight
from ai_ops.domain.metrics import Observation, Series, Window
from ai_ops.domain.quantised import quantised
from ai_ops.domain.situation import Situation
from ai_ops.domain.slo import attainment
from ai_ops.domain.tuning import Decision, Exploration, Reward
from ai_ops.settings.model import Settings
from ai_ops.settings.service import Service
from ai_ops.simulator.profiles import WEB, default_thresholds, platform
from ai_ops.simulator.service import SimulatedService
from ai_ops.simulator.traffic import SHAPES
from ai_ops.tune.changes import thresholds_of
from ai_ops.tune.standstill import Standstill
from ai_ops.wiring.sources import tuner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.tuning import Thresholds
    from ai_ops.simulator.profiles import ServiceProfile
    from ai_ops.tune.tune import Tuner

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, STEP = timedelta(minutes=1), timedelta(minutes=10)
MINUTES_PER_DAY = 1440


def make_service(
    shape: str,
    instances: int,
    *,
    days: int,
    warm_days: int = 14,
    profile: ServiceProfile = WEB,
    seed: int = 3,
    **thresholds: Any,
) -> tuple[SimulatedService, dict[str, Any]]:
    """A service that has run for `warm_days` on 80/30, or on what is given, and those thresholds."""
    demand = SHAPES[shape](profile.peak_for(instances), warm_days + days, np.random.default_rng(seed))
    standing = default_thresholds(profile, 4 * instances) | thresholds
    service = SimulatedService(profile, demand, MONDAY, standing, seed)
    service.advance(warm_days * MINUTES_PER_DAY)
    return service, standing


def the_service(profile: ServiceProfile = WEB, **changes: Any) -> Service:
    """What a team would write down about `profile`, with the usual knobs."""
    known = platform(profile)
    scaling = {name: getattr(known, name) for name in ("boot_minutes", "out_periods", "in_periods")}
    scaling |= {name: getattr(known, name) for name in ("out_step_ratio", "in_step_ratio")}
    written = {
        "name": "web",
        "slo": {"latency_ms": known.slo_ms},
        "cost": {"price_per_instance_hour": known.price_per_instance_hour},
        "platform": scaling,
        "cost_budget": 1000.0,
    }
    return Service.model_validate(written | changes)


def the_tuner(service: Service, **settings: Any) -> Tuner:
    """The policy `model` behind all guardrails."""
    return tuner(Settings.model_validate(settings), service, Standstill())


@dataclass(slots=True)
class Loop:
    """One service and its past, looked at every six hours.

    Parameters
    ----------
    simulated
        The service; it is advanced.
    standing
        What stands in its settings file.
    service
        What the settings say of it.
    decide
        Makes a decision of a situation.
    review_cycles
        After how many cycles a change is live; None when nobody makes it.
    tampered
        What an attacker makes of the metrics before anybody reads them.
    """

    simulated: SimulatedService
    standing: Mapping[str, Any]
    service: Service
    decide: Callable[[Situation], Decision]
    review_cycles: int | None = 1
    tampered: Callable[[dict[str, Series]], dict[str, Series]] = lambda series: series
    past: list[Episode] = field(default_factory=list)
    due: list[tuple[int, Decision]] = field(default_factory=list)

    @property
    def thresholds(self) -> Thresholds:
        """What stands in the settings file, in the words of the domain."""
        return thresholds_of(dict(self.standing))

    def run(self, cycles: int) -> None:
        """Decide, remember, let six hours pass; what was approved meanwhile is live then."""
        for _ in range(cycles):
            self.past.append(self.episode(self.decide(self.situation())))
            if self.review_cycles is not None and self.past[-1].decision.changes:
                self.due.append((len(self.past) - 1 + self.review_cycles, self.past[-1].decision))
            self.simulated.advance(round(PERIOD / MINUTE))
            while self.due and self.due[0][0] <= len(self.past):
                self.set(**_plain(self.due.pop(0)[1]))

    def set(self, **changes: Any) -> None:
        """Change the file, and what the platform runs."""
        self.standing = {**self.standing, **changes}
        self.simulated.apply(self.standing)

    def minutes(self, days: int = 14) -> dict[str, Series]:
        """What was measured, rounded as it is kept."""
        frame = self.simulated.history(days)
        begin = frame.index[0].to_pydatetime()
        series = {name: Series(name, begin, MINUTE, frame[name].to_numpy(dtype=np.float64)) for name in frame}
        return {name: quantised(one) for name, one in self.tampered(series).items()}

    def situation(self) -> Situation:
        """What the agent sees now."""
        now, minutes = self.simulated.now, self.minutes()
        window = Window(now - PERIOD, now, STEP)
        coarse = {name: _coarse(one) for name, one in minutes.items()}
        observation = Observation(
            self.service.name,
            window,
            "simulator",
            is_simulated=False,
            series=coarse,
            thresholds=self.thresholds,
            minutes=minutes,
        )
        judged = attainment(observation, self.service.slo)
        return Situation(
            now=now,
            observation=observation,
            findings=(),
            reward=Reward(None, "budget_burn", "", burn=judged and judged.burn, requests=judged and judged.requests),
            past=tuple(self.past),
            knobs=self.service.knobs,
            slo=self.service.slo,
            exploration=Exploration("high", 1, 0.45),
        )

    def episode(self, decision: Decision) -> Episode:
        """What the ledger keeps of a decision, as `wiring.memory` does it."""
        now = self.simulated.now
        foresight, window = decision.foresight or Foresight(now), Window(now - PERIOD, now, STEP)
        return Episode(
            id=episode_id(self.service.name, window),
            service=self.service.name,
            window=window,
            decided_at=foresight.at,
            source="simulator",
            is_simulated=False,
            policy="model",
            mode="commit",
            thresholds=self.thresholds,
            measured={},
            findings=(),
            reward=Reward(None, "budget_burn", ""),
            exploration=Exploration("high", 1, 0.45),
            decision=replace(decision, foresight=None),
            prediction=foresight.prediction,
            if_unchanged=foresight.if_unchanged,
            outcomes=foresight.outcomes,
            looked=foresight.looked,
        )


def _coarse(series: Series) -> Series:
    per_point = round(STEP / MINUTE)
    whole = series.values[: series.values.size // per_point * per_point].reshape(-1, per_point)
    known = np.isfinite(whole)
    with np.errstate(invalid="ignore"):
        means = np.where(known.any(axis=1), np.where(known, whole, 0.0).sum(axis=1) / known.sum(axis=1), np.nan)
    return replace(series, step=STEP, values=means)


def _plain(decision: Decision) -> dict[str, Any]:
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.tune.learning.ledger_state import settings_of

    return settings_of(Thresholds({change.knob: change.after for change in decision.changes}))

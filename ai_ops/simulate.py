"""The story of `neuropilot simulate`: weeks of a made-up service in closed loop, in about two minutes.

The service runs for two weeks on settings nobody has looked at. Then the agent looks every six hours; what it proposes
is live half a day later, when a person has approved it. Beside it run the same service, demand and bad luck on the
untouched settings, and on plain target tracking: what the agent is worth is the difference.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.collect.traffic import recorded_demand
from ai_ops.domain.errors import ConfigError
from ai_ops.domain.simulation import Course, Simulation, Standing
from ai_ops.domain.tuning import BY_TARGET, SCALE_OUT, SCALING_MODE
from ai_ops.settings.problems import nearest
from ai_ops.simulator.profiles import PROFILES, default_thresholds, platform
from ai_ops.simulator.service import SimulatedService
from ai_ops.simulator.traffic import SHAPES
from ai_ops.tune import recommend
from ai_ops.tune.changes import thresholds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.simulator.profiles import ServiceProfile
    from ai_ops.tune import Recommendation

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday, as the traffic is counted from one."""

HISTORY_DAYS, MOST_HISTORY_DAYS = 14, 28
MINUTES_PER_DAY, BETWEEN_LOOKS, REVIEW_MINUTES = 1440, 360, 720
INSTANCES = 20
"""So many serve the busiest regular hour at six tenths of what they can: enough that one more is no great step."""

TARGET_PERCENT = 60.0
"""What a careful person sets who tracks a target: the plain alternative to beat."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is simulated.

    Parameters
    ----------
    profile
        What the service is like.
    traffic
        What the demand is called.
    demand
        Requests per second of each minute, shape ((HISTORY_DAYS + days) * 1440,), from a Monday on.
    days
        How long the agent runs.
    seed
        Chooses bursts, deploys, incidents, boots and noise.
    notes
        What a reader should know of the demand.
    """

    profile: ServiceProfile
    traffic: str
    demand: np.ndarray
    days: int
    seed: int
    notes: tuple[str, ...] = ()


def plan_for(traffic: str, profile_name: str, days: int, seed: int) -> Plan:
    """Plan `days` of a service with the agent, behind its two weeks of history.

    Parameters
    ----------
    traffic
        A shape of `simulator.traffic.SHAPES`, with or without hyphens, or a file of recorded requests.

    Raises
    ------
    ConfigError
        When there is no such shape, file or profile; the message names the nearest.
    DataUnavailable
        When the file does not hold what it should.
    """
    if profile_name not in PROFILES:
        hint = nearest(profile_name, PROFILES)
        raise ConfigError(f"there is no profile {profile_name!r}{hint}; there are {', '.join(PROFILES)}")
    profile, wanted = PROFILES[profile_name], HISTORY_DAYS + days
    peak, shape = profile.peak_for(INSTANCES), SHAPES.get(traffic.replace("-", " "))
    if shape is not None:
        return Plan(profile, traffic, shape(peak, wanted, np.random.default_rng(seed)), days, seed)
    if not Path(traffic).suffix:
        shapes = [name.replace(" ", "-") for name in SHAPES]
        raise ConfigError(
            f"there is no traffic {traffic!r}{nearest(traffic, shapes)}; there are {', '.join(shapes)}, "
            "and any .csv or .json file with timestamp and requests_per_second"
        )
    demand, notes = recorded_demand(Path(traffic), wanted, peak, seed)
    return Plan(profile, Path(traffic).name, demand, days, seed, notes)


def simulate(
    plan: Plan,
    advise: Callable[..., Recommendation] = recommend,
    progress: Callable[[int], None] = lambda _day: None,
) -> Simulation:
    """Run the service with the agent and without.

    Parameters
    ----------
    advise
        What the agent is: `ai_ops.tune.recommend`, or something with its signature.
    progress
        Told each day before the agent runs it, counted from 0.
    """
    untouched = default_thresholds(plan.profile, 4 * INSTANCES)
    warm = SimulatedService(plan.profile, plan.demand, START, untouched, plan.seed)
    warm.advance(HISTORY_DAYS * MINUTES_PER_DAY)
    target = untouched | {SCALING_MODE: BY_TARGET, SCALE_OUT: TARGET_PERCENT}
    alone = _left_alone("untouched settings", deepcopy(warm), untouched, plan)
    tracking = _left_alone(f"target tracking at {TARGET_PERCENT:g} %", deepcopy(warm), target, plan)
    tuned, standing = _tuned(warm, untouched, plan, advise, progress)
    constants = platform(plan.profile)
    return Simulation(
        profile=plan.profile.name,
        traffic=plan.traffic,
        seed=plan.seed,
        days=plan.days,
        sla_target_percent=constants.sla_target_percent,
        courses=(tuned, alone, tracking),
        standing=standing,
        notes=plan.notes,
    )


def _left_alone(name: str, service: SimulatedService, settings: Mapping[str, Any], plan: Plan) -> Course:
    service.apply(settings)
    service.advance(plan.days * MINUTES_PER_DAY)
    return _course(name, service)


def _tuned(
    service: SimulatedService,
    settings: Mapping[str, Any],
    plan: Plan,
    advise: Callable[..., Recommendation],
    progress: Callable[[int], None],
) -> tuple[Course, tuple[Standing, ...]]:
    """Look every six hours, and do as advised after the review."""
    constants, state = platform(plan.profile), None
    live, standing = dict(settings), [Standing(0.0, thresholds_of(dict(settings)))]
    approved: list[tuple[int, dict[str, Any], bool]] = []
    for minute in range(0, plan.days * MINUTES_PER_DAY, BETWEEN_LOOKS):
        if minute % MINUTES_PER_DAY == 0:
            progress(minute // MINUTES_PER_DAY)
        while approved and approved[0][0] <= minute:
            _, live, is_urgent = approved.pop(0)
            service.apply(live)
            standing.append(Standing(minute / MINUTES_PER_DAY, thresholds_of(live), is_urgent))
        advice = advise(service.history(MOST_HISTORY_DAYS), live, constants, state=state, now=service.now)
        state = advice.state
        if advice.thresholds is not None and advice.thresholds != live:
            approved.append((minute + REVIEW_MINUTES, dict(advice.thresholds), advice.urgent))
        service.advance(BETWEEN_LOOKS)
    return _course("NeuroPilot", service), tuple(standing)


def _course(name: str, service: SimulatedService) -> Course:
    """What happened after the two weeks of history, by day."""

    def by_day(minutes: np.ndarray) -> tuple[float, ...]:
        return tuple(minutes[HISTORY_DAYS * MINUTES_PER_DAY :].reshape(-1, MINUTES_PER_DAY).sum(axis=1).tolist())

    return Course(name, by_day(service.cost), by_day(service.good), by_day(service.total))

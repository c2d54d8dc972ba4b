"""How much demand is to come and how many instances it needs, from what a run would collect. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.tune.learning.ledger_state import settings_of
from ai_ops.twin.outlook.capacity import LOAD, READY, Capacity, capacity_of
from ai_ops.twin.outlook.demand import Demand, demand_of
from ai_ops.twin.outlook.outlook import Outlook, outlook
from ai_ops.twin.telemetry import NEEDED, telemetry_of
from ai_ops.wiring.cycle import wire
from ai_ops.wiring.detect import window_since

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.metrics import Observation, Series
    from ai_ops.domain.warming_up import WarmingUp
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What a look ahead found.

    Parameters
    ----------
    observation
        What it rests on.
    outlook
        What is to come, or how much history is missing for it.
    silent_hours
        How long ago demand was measured last, where that is longer ago than `metrics.freshness_minutes` allow.
    history_days
        How far back the metrics were asked for.
    """

    observation: Observation
    outlook: Outlook | WarmingUp
    silent_hours: float | None
    history_days: int


def look_ahead(session: Session, service: Service, progress: Callable[[str], None] = lambda _metric: None) -> Looked:
    """Collect what a run would, and look ahead.

    Raises
    ------
    ConfigError
        When the steps of the metrics are no part of an hour.
    DataUnavailable
        When demand could not be had.
    """
    settings = session.settings.metrics
    observation = wire(session, service, progress).cycle.collect(window_since(session, None))
    rate = _load_of(observation)
    return Looked(
        observation=observation,
        outlook=outlook_of(observation, service),
        silent_hours=_silent_hours(observation, rate, timedelta(minutes=settings.freshness_minutes)),
        history_days=settings.history_days,
    )


def outlook_of(observation: Observation, service: Service) -> Outlook | WarmingUp:
    """What is to come, from what was observed. Raises as `look_ahead` does."""
    demand = _on_slots(_load_of(observation))
    return outlook(demand, _ready(observation, demand), _capacity(observation, service))


def _load_of(observation: Observation) -> Series:
    """The demand that was observed."""
    rate = observation.series.get(LOAD)
    if rate is not None:
        return rate
    gap = next((gap.reason for gap in observation.gaps if gap.metric == LOAD), "no query is configured for it")
    raise DataUnavailable(
        f"there is no outlook without {LOAD} of {observation.service}: {gap}\n`neuropilot doctor` tries every query."
    )


def _capacity(observation: Observation, service: Service) -> Capacity | str:
    is_by_minute = all(metric in observation.minutes for metric in NEEDED)
    minutes = telemetry_of(observation.minutes) if is_by_minute else None
    return capacity_of(minutes, observation.series, service.platform, settings_of(observation.thresholds))


def _ready(observation: Observation, demand: Demand) -> Demand | None:
    """Instances on the grid of the demand; None where nobody measured them on it."""
    series = observation.series.get(READY)
    if series is None:
        return None
    ready = _on_slots(series)
    return ready if (ready.start, ready.values.size) == (demand.start, demand.values.size) else None


def _on_slots(series: Series) -> Demand:
    try:
        return demand_of(series)
    except ValueError as error:
        raise ConfigError(f"metrics.step_minutes: {error}") from error


def _silent_hours(observation: Observation, rate: Series, freshness: timedelta) -> float | None:
    newest = rate.newest()
    if newest is None:
        return None
    age = observation.window.end - newest
    return age / timedelta(hours=1) if age > freshness + rate.step else None

"""What a pre-emptive minimum is worth: made-up services in closed loop, with it and without.

A service runs two weeks on settings that nobody touches. Then, every six hours, the outlook is asked: once nobody
listens, once the minimums that it advises for the next 24 hours are set, and nothing else. Each row says how much of
the error budget was spent in the days after, what they cost, and what became of the advice.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from ai_ops.domain.metrics import Series  # noqa: E402  # a benchmark is run as a file
from ai_ops.simulator.profiles import PROFILES, default_thresholds, platform  # noqa: E402
from ai_ops.simulator.service import SimulatedService  # noqa: E402
from ai_ops.simulator.traffic import SHAPES  # noqa: E402
from ai_ops.twin.outlook.capacity import Capacity, capacity_of  # noqa: E402
from ai_ops.twin.outlook.demand import SLOT, Demand, demand_of  # noqa: E402
from ai_ops.twin.outlook.foreseen import validated  # noqa: E402
from ai_ops.twin.outlook.preemption import preemptions, raised  # noqa: E402
from ai_ops.twin.telemetry import telemetry  # noqa: E402

if TYPE_CHECKING:
    import pandas as pd

    from ai_ops.domain.schedule import Schedule
    from ai_ops.simulator.profiles import ServiceProfile
    from ai_ops.twin.outlook.foreseen import Validation
    from ai_ops.twin.outlook.preemption import Preemption

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY_MINUTES, LOOK_MINUTES = 1440, 360
HISTORY_DAYS = 14
ALLOWED_BAD_RATIO = 0.0005
INSTANCES = 12
"""At the regular peak, at six tenths of what they can serve; twice as many are allowed."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to after its first two weeks, with all advice in order and what instances carry."""

    burn: float
    cost: float
    advised: tuple[Preemption, ...]
    capacity: Capacity | None


@dataclass(frozen=True, slots=True)
class Row:
    """One case, without the advice and with it; `came` and `enough` count foreseen spikes."""

    traffic: str
    service: str
    burn_without: float
    burn_with: float
    cost_ratio: float
    foreseen: int
    came: int
    enough: int


def main() -> None:
    """Run every case, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--days", metavar="N", type=int, default=14, help="days after the first two weeks (default 14)")
    parser.add_argument("--seed", metavar="N", type=int, default=1)
    parser.add_argument("--traffic", metavar="NAME", choices=SHAPES, nargs="*", default=[*SHAPES])
    parser.add_argument("--service", metavar="NAME", choices=PROFILES, nargs="*", default=["web", "slowboot"])
    wish = parser.parse_args()
    rows = []
    for traffic in wish.traffic:
        for service in wish.service:
            rows.append(measure(traffic, PROFILES[service], wish.days, wish.seed))
            print(line(rows[-1]), flush=True)
    if wish.json:
        wish.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


def measure(traffic: str, profile: ServiceProfile, days: int, seed: int) -> Row:
    """Run one case twice."""
    rng = np.random.default_rng([seed, *traffic.encode()])
    demand = SHAPES[traffic](profile.peak_for(INSTANCES), HISTORY_DAYS + days, rng)
    without = run(profile, demand, seed, is_listening=False)
    listening = run(profile, demand, seed, is_listening=True)
    seen = demand_of(Series("requests_per_second", MONDAY + timedelta(minutes=1), timedelta(minutes=1), demand))
    verdicts = _verdicts(listening, seen)
    return Row(
        traffic=traffic,
        service=profile.name,
        burn_without=without.burn,
        burn_with=listening.burn,
        cost_ratio=listening.cost / without.cost,
        foreseen=len(verdicts),
        came=sum(one.came for one in verdicts),
        enough=sum(one.came and one.was_enough for one in verdicts),
    )


def run(profile: ServiceProfile, demand: np.ndarray, seed: int, *, is_listening: bool) -> Ran:
    """Run a service through all of the demand, looking ahead every six hours once two weeks are known."""
    settings = default_thresholds(profile, 2 * INSTANCES)
    service = SimulatedService(profile, demand, MONDAY, settings, seed)
    service.advance(HISTORY_DAYS * DAY_MINUTES)
    advised: list[Preemption] = []
    capacity: Capacity | None = None
    while service.minute < demand.size:
        if is_listening:
            found, capacity = look_ahead(service.history(HISTORY_DAYS), profile, settings)
            advised += found
            service.apply({**settings, "scheduled_minimum": _entries(found)})
        service.advance(LOOK_MINUTES)
    after = slice(HISTORY_DAYS * DAY_MINUTES, None)
    bad = 1.0 - service.good[after].sum() / service.total[after].sum()
    return Ran(float(bad / ALLOWED_BAD_RATIO), float(service.cost[after].sum()), tuple(advised), capacity)


def look_ahead(
    history: pd.DataFrame, profile: ServiceProfile, settings: dict[str, object]
) -> tuple[tuple[Preemption, ...], Capacity | None]:
    """What would be advised after `history`, and what instances carry; nothing while too little is known."""
    coarse = by_ten_minutes(history)
    capacity = capacity_of(telemetry(history), coarse, platform(profile), settings)
    if not isinstance(capacity, Capacity):
        return (), None
    ready = history["instances"].dropna()
    found = preemptions(demand_of(coarse["requests_per_second"]), capacity, float(ready.iloc[-1]))
    return (found if isinstance(found, tuple) else ()), capacity


def by_ten_minutes(history: pd.DataFrame) -> dict[str, Series]:
    """Minutes as monitoring keeps them for long: means over ten, dated by their end."""
    means = history.resample("10min").mean()
    start = means.index[0].to_pydatetime() + SLOT
    return {metric: Series(str(metric), start, SLOT, means[metric].to_numpy()) for metric in means.columns}


def _entries(found: tuple[Preemption, ...]) -> list[dict[str, int]]:
    schedule: Schedule = ()
    for one in found:
        schedule = raised(schedule, one.block)
    return [asdict(block) for block in schedule]


def _verdicts(ran: Ran, seen: Demand) -> list[Validation]:
    """What became of each foreseen spike; where it was foreseen several times, the last advice counts."""
    kept: list[Preemption] = []
    for one in reversed(ran.advised):
        if all(one.ends <= other.begins or other.ends <= one.begins for other in kept):
            kept.append(one)
    if ran.capacity is None:
        return []
    verdicts = (validated(one, seen, ran.capacity) for one in kept)
    return [verdict for verdict in verdicts if verdict is not None]


def line(row: Row) -> str:
    """One case for a person."""
    return (
        f"{row.traffic:<16}{row.service:<10}burn {row.burn_without:>7.2f} -> {row.burn_with:<7.2f}"
        f"cost x{row.cost_ratio:.2f}   {row.foreseen:>3} spikes foreseen, {row.came} came, {row.enough} times enough"
    )


if __name__ == "__main__":
    main()

"""The best static setting in hindsight: searched on the simulator itself, with the very noise that the tuners meet.

A coarse grid over mode, scale-out, scale-in and the least count, then steps from neighbour to neighbour. A setting is
given up as soon as it has spent the whole error budget, more money than the best safe one so far, or after a week a
seventh more than that one had by then: it saves most of the time. Answers are kept in a temporary folder.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from copy import deepcopy
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tuning_scores import IN_BOUNDS, LEAST_GAP, OUT_BOUNDS, TARGET_PERCENT

import ai_ops.simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ai_ops.simulator.service import SimulatedService

MINUTES_PER_DAY = 1440
MOST_TRIES = 160
NO_LIMIT = float("inf")
HOPELESS_RATIO, HOPELESS_AFTER_DAYS = 1.15, 7
CACHE = Path(tempfile.gettempdir()) / "neuropilot-best-static"

OUTS, GAPS, TARGETS = (65.0, 75.0, 55.0, 85.0), (12.0, 22.0, 36.0), (60.0, 68.0, 54.0, 76.0, 84.0)
LEAST_SHARES, MANY_SHARES = (0.0, 0.2, 0.35, 0.5), (0.75, 1.0, 1.5, 2.5)
"""The coarse grid: thresholds in percent, and least counts as a share of the instances at the regular peak; the
greater ones are for services that none of the smaller keeps safe."""

WORTH_A_LOOK = 1.06
"""The other mode is searched on from settings that are no dearer than this, compared with the best of the first."""

Setting = tuple[str, float, float, int]
"""Mode, scale-out (or the target), scale-in, least count."""


@dataclass(frozen=True, slots=True)
class Best:
    """The cheapest setting that keeps the promise over the tuned days; `setting` and `cost` are None when none does.

    Parameters
    ----------
    tried
        Settings that were simulated, at least in part.
    """

    setting: Setting | None
    cost: float | None
    tried: int


class Search:
    """Tries settings on one service from the end of its warm-up on.

    Parameters
    ----------
    warm
        The service after its warm-up.
    standing
        What the settings leave alone.
    days
        How long each is tried.
    requests
        All requests of those days.
    """

    def __init__(self, warm: SimulatedService, standing: Mapping[str, Any], days: int, requests: float) -> None:
        self._warm = warm
        self._standing = standing
        self._days = days
        self._budget = requests * (1.0 - TARGET_PERCENT / 100.0)
        self._by_day = np.full(days, NO_LIMIT)
        self._cheapest = NO_LIMIT
        self.known: dict[Setting, float | None] = {}

    def cost(self, setting: Setting, limit: float) -> float | None:
        """Money that `setting` takes; None when it breaks the promise, costs `limit` or more, or will."""
        if setting not in self.known:
            self.known[setting] = self._try(setting, limit)
        return self.known[setting]

    def digest(self, instances: int) -> str:
        """Name the answer so that the name changes with whatever the answer depends on."""
        warm, standing = self._warm, sorted(self._standing.items(), key=str)
        parts = [repr((warm.profile, standing, instances, self._days, self._budget)).encode()]
        parts += [warm.total.tobytes(), warm.good.tobytes(), Path(__file__).read_bytes()]
        parts += [file.read_bytes() for file in sorted(Path(str(ai_ops.simulator.__file__)).parent.glob("*.py"))]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:24]

    def _try(self, setting: Setting, limit: float) -> float | None:
        service, begin = deepcopy(self._warm), self._warm.minute
        service.apply(with_setting(self._standing, setting))
        spent = np.zeros(self._days)
        for day in range(self._days):
            service.advance(MINUTES_PER_DAY)
            spent[day] = service.cost[begin:].sum()
            is_hopeless = day >= HOPELESS_AFTER_DAYS and spent[day] > HOPELESS_RATIO * self._by_day[day]
            is_broken = float((service.total - service.good)[begin:].sum()) > self._budget
            if is_hopeless or is_broken or spent[day] >= limit:
                return None
        if spent[-1] < self._cheapest:
            self._cheapest, self._by_day = float(spent[-1]), spent
        return float(spent[-1])


def best_static(search: Search, instances: int, cache: Path = CACHE) -> Best:
    """Search, or remember. `instances` is the size of the fleet at the regular peak."""
    file = cache / f"{search.digest(instances)}.json"
    if file.exists():
        kept = json.loads(file.read_text(encoding="utf-8"))
        return Best(tuple(kept["setting"]) if kept["setting"] else None, kept["cost"], kept["tried"])
    best = _cheapest(search, "target", instances, NO_LIMIT)
    other = _cheapest(search, "threshold", instances, WORTH_A_LOOK * best[1])
    setting, cost = other if other[0] is not None and other[1] < best[1] else best
    answer = Best(setting, None if setting is None else cost, len(search.known))
    cache.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(answer)), encoding="utf-8")
    return answer


def with_setting(standing: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
    """Thresholds with `setting` in them."""
    mode, out, into, least = setting
    return {
        **standing,
        "scaling_mode": mode,
        "cpu_scale_out_percent": out,
        "cpu_scale_in_percent": into,
        "min_instances": least,
        "scheduled_minimum": [],
    }


def _cheapest(search: Search, mode: str, instances: int, limit: float) -> tuple[Setting | None, float]:
    """Coarse grid of one mode, then downhill; nothing from `limit` on."""
    best: tuple[Setting | None, float] = (None, limit)
    for shares in (LEAST_SHARES, MANY_SHARES) if limit == NO_LIMIT else (LEAST_SHARES,):
        for setting in coarse(mode, instances, shares) if best[0] is None else ():
            cost = search.cost(setting, best[1])
            best = (setting, cost) if cost is not None and cost < best[1] else best
    is_moving = best[0] is not None
    while is_moving and len(search.known) < MOST_TRIES:
        is_moving = False
        for setting in neighbours(best[0]) if best[0] else ():
            cost = None if setting in search.known else search.cost(setting, best[1])
            if cost is not None and cost < best[1]:
                best, is_moving = (setting, cost), True
    return best


def coarse(mode: str, instances: int, shares: Sequence[float]) -> Iterator[Setting]:
    """The coarse grid of one mode, from the middle outwards."""
    leasts = sorted({max(2, round(share * instances)) for share in shares})
    if mode == "target":
        yield from ((mode, target, IN_BOUNDS[0], least) for target, least in product(TARGETS, leasts))
        return
    for out, gap, least in product(OUTS, GAPS, leasts):
        if IN_BOUNDS[0] <= out - gap <= IN_BOUNDS[1]:
            yield mode, out, out - gap, least


def neighbours(setting: Setting) -> Iterator[Setting]:
    """Settings a step away, the likely cheaper ones first."""
    mode, out, into, least = setting
    few = max(1, round(0.1 * least))
    steps = [(2.0, 0.0, 0), (4.0, 0.0, 0), (0.0, 3.0, 0), (0.0, 6.0, 0), (0.0, 0.0, -few), (0.0, 0.0, few)]
    steps += [(3.0, 3.0, 0), (-3.0, 3.0, 0), (3.0, -3.0, 0), (-2.0, 0.0, 0), (0.0, -3.0, 0), (3.0, 0.0, few)]
    steps += [(0.0, 4.0, few), (0.0, 3.0, -few), (-3.0, 0.0, -few), (1.0, 0.0, 0), (0.0, 1.0, 0)]
    for more_out, more_in, more in dict.fromkeys(steps if mode == "threshold" else ((o, 0.0, n) for o, _, n in steps)):
        after = (mode, out + more_out, into + more_in, least + more)
        if (
            after != setting
            and OUT_BOUNDS[0] <= after[1] <= OUT_BOUNDS[1]
            and after[3] >= 1
            and (mode == "target" or (IN_BOUNDS[0] <= after[2] <= min(IN_BOUNDS[1], after[1] - LEAST_GAP)))
        ):
            yield after

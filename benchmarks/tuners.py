"""Who is compared: settings left alone, other people's rules, a learner, and ours.

Each is given the same history, every six hours, and obeyed after the same review. What moves thresholds keeps within
the same bounds. Nothing here was tuned on any of the cases.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from closed_loop import HOLD, Advice
from tuning_scores import IN_BOUNDS, LEAST_GAP, OUT_BOUNDS, TARGET_PERCENT

from ai_ops.domain.metrics import Observation, Series, Window
from ai_ops.domain.situation import Situation
from ai_ops.domain.slo import Slo, attainment
from ai_ops.domain.tuning import SCALE_IN, SCALE_OUT, CostDirection, Exploration, Knob, Reward, Thresholds
from ai_ops.tune.exploration import PHASES, SETTLED
from ai_ops.tune.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import pandas as pd
    from closed_loop import Seen, Tuner

PERIOD = timedelta(hours=6)
BUDGET_RATIO = 0.75
"""Who asks for a quarter less than it costs today: the saving the product promises."""

STEP_PERCENT = 5.0


@dataclass(frozen=True, slots=True)
class Contender:
    """One row of the table.

    Parameters
    ----------
    name
        As printed.
    standing
        What is set on the first tuned day, without review; empty to begin with what a run starts with.
    tuner
        Makes the tuner of one run from its seed; None for settings that are left alone.
    """

    name: str
    standing: Mapping[str, Any]
    tuner: Callable[[int], Tuner] | None = None


UNTOUCHED: Mapping[str, Any] = {
    "scaling_mode": "threshold",
    SCALE_OUT: 80.0,
    SCALE_IN: 30.0,
    "min_instances": 2,
}


class Percentile:
    """As Robusta KRR's `simple` strategy sizes: the 95th percentile of CPU over 14 days, and 15 % on top.

    KRR gives a pod its request and leaves the number of pods alone; a service of equal instances has only their
    number to give. So the 95th percentile of busy instances (CPU share times instances) is taken, with the 15 % that
    KRR documents as its memory buffer, and becomes the least count; 80/30 scales above it. Renewed weekly.
    """

    def __init__(self) -> None:
        self._renewed: datetime | None = None

    def decide(self, seen: Seen) -> Advice:
        """Renew the least count once a week."""
        if self._renewed is not None and seen.now - self._renewed < timedelta(days=7):
            return HOLD
        self._renewed = seen.now
        recent = _last(seen.history, timedelta(days=14))
        busy = (recent["cpu_percent"] / 100.0 * recent["instances"]).dropna()
        least = max(1, min(int(seen.thresholds["max_instances"]), ceil(1.15 * float(busy.quantile(0.95)))))
        return _advise(seen, {"min_instances": least})


class RulesOfSource:
    """The product's policy `rules`: safety first, then scale-in, then scale-out, five points at a time.

    It sees no findings, so its third rule, which tightens the latency threshold, has nothing to do. The budget is
    three quarters of what the first two weeks cost.
    """

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._rules: Rules | None = None
        self._moved: datetime | None = None

    def decide(self, seen: Seen) -> Advice:
        """Ask the policy, at most one change a day."""
        if self._rules is None or self._began is None:
            self._began = seen.now
            self._rules = Rules(BUDGET_RATIO * float(seen.history["cost_per_hour"].mean()), LEAST_GAP)
        if self._moved is not None and seen.now - self._moved < timedelta(days=1):
            return HOLD
        proposal = self._rules.propose(_situation(seen, self._began))
        if not proposal.changes:
            return HOLD
        self._moved = seen.now
        return _advise(seen, {change.knob: change.after for change in proposal.changes})


class QLearning:
    """Tabular Q-learning on the source's literal reward, 1[SLA met] - |cost - budget| / budget, six hours at a time.

    State: scale-out and scale-in in steps of five points, whether the promise was kept, and the CPU in steps of
    twenty. Actions: stay, or one threshold five points up or down. Epsilon is a half in the first week, a quarter in
    the second, then a tenth (S001-139); learning rate 0.3 and discount 0.9 are textbook values.
    """

    ACTIONS = ((0.0, 0.0), (STEP_PERCENT, 0.0), (-STEP_PERCENT, 0.0), (0.0, STEP_PERCENT), (0.0, -STEP_PERCENT))
    RATE, DISCOUNT = 0.3, 0.9

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._values: dict[tuple[int, ...], np.ndarray] = {}
        self._last: tuple[tuple[int, ...], int] | None = None
        self._began: datetime | None = None
        self._budget = 0.0

    def decide(self, seen: Seen) -> Advice:
        """Learn from the last six hours, then choose."""
        if self._began is None:
            self._began = seen.now
            self._budget = BUDGET_RATIO * float(seen.history["cost_per_hour"].mean())
        recent = _last(seen.history, PERIOD)
        is_kept = _good_percent(recent) >= TARGET_PERCENT
        cost = float(recent["cost_per_hour"].mean())
        state = _state(seen.thresholds, float(recent["cpu_percent"].mean()), is_kept=is_kept)
        if self._last is not None and np.isfinite(cost):
            self._learn(float(is_kept) - abs(cost - self._budget) / self._budget, state)
        action = self._choose(state, (seen.now - self._began).days)
        self._last = (state, action)
        more_out, more_in = self.ACTIONS[action]
        if not (more_out or more_in):
            return HOLD
        out = float(np.clip(seen.thresholds[SCALE_OUT] + more_out, *OUT_BOUNDS))
        into = float(np.clip(seen.thresholds[SCALE_IN] + more_in, *IN_BOUNDS))
        return _advise(seen, {SCALE_OUT: out, SCALE_IN: min(into, out - LEAST_GAP)})

    def _learn(self, reward: float, state: tuple[int, ...]) -> None:
        assert self._last is not None
        before, action = self._last
        best = float(self._of(state).max())
        self._of(before)[action] += self.RATE * (reward + self.DISCOUNT * best - self._of(before)[action])

    def _choose(self, state: tuple[int, ...], day: int) -> int:
        week = day // 7
        epsilon = 0.5 if week == 0 else 0.25 if week == 1 else 0.1
        if self._rng.uniform() < epsilon:
            return int(self._rng.integers(len(self.ACTIONS)))
        return int(self._of(state).argmax())

    def _of(self, state: tuple[int, ...]) -> np.ndarray:
        return self._values.setdefault(state, np.zeros(len(self.ACTIONS)))


class Ours:
    """NeuroPilot through its library entry; its state goes through JSON from call to call, as it does in real life."""

    def __init__(self) -> None:
        from ai_ops.tune import recommend

        self._recommend = recommend
        self._state: str | None = None

    def decide(self, seen: Seen) -> Advice:
        """Ask it."""
        state = None if self._state is None else json.loads(self._state)
        answer = self._recommend(seen.history, seen.thresholds, seen.platform, state=state, now=seen.now)
        self._state = json.dumps(answer.state)
        return Advice(answer.thresholds, answer.prediction)


CONTENDERS = (
    Contender("80/30 untouched", UNTOUCHED),
    Contender("60/30", {**UNTOUCHED, SCALE_OUT: 60.0}),
    Contender("target 60", {**UNTOUCHED, "scaling_mode": "target", SCALE_OUT: 60.0}),
    Contender("percentile (KRR)", UNTOUCHED, lambda _seed: Percentile()),
    Contender("rules", {}, lambda _seed: RulesOfSource()),
    Contender("Q-learning", {}, QLearning),
    Contender("NeuroPilot", {}, lambda _seed: Ours()),
)
"""The first is what the others are measured against."""


def _advise(seen: Seen, changes: Mapping[str, Any]) -> Advice:
    after = {**seen.thresholds, **changes}
    return HOLD if after == seen.thresholds else Advice(after)


def _last(history: pd.DataFrame, span: timedelta) -> pd.DataFrame:
    return history[history.index >= history.index[-1] + timedelta(minutes=1) - span]


def _good_percent(recent: pd.DataFrame) -> float:
    """Share of good requests; all of none is all."""
    known = recent[["slo_good_ratio", "requests_per_second"]].dropna()
    requests = float(known["requests_per_second"].sum())
    good = float((known["slo_good_ratio"] * known["requests_per_second"]).sum())
    return 100.0 * good / requests if requests else 100.0


def _state(thresholds: Mapping[str, Any], cpu_percent: float, *, is_kept: bool) -> tuple[int, ...]:
    cpu = int(cpu_percent // 20) if np.isfinite(cpu_percent) else -1
    return int(thresholds[SCALE_OUT] // 5), int(thresholds[SCALE_IN] // 5), cpu, int(is_kept)


def _situation(seen: Seen, began: datetime) -> Situation:
    """What the policy may look at: the last six hours judged, a week of costs before them, no episodes."""
    minute, days = timedelta(minutes=1), timedelta(days=7)
    recent = _last(seen.history, days)
    series = {
        name: Series(name, recent.index[0].to_pydatetime(), minute, recent[name].to_numpy(dtype=np.float64))
        for name in ("cost_per_hour", "slo_good_ratio", "requests_per_second")
    }
    standing = Thresholds({SCALE_OUT: seen.thresholds[SCALE_OUT], SCALE_IN: seen.thresholds[SCALE_IN]})
    window = Window(seen.now - PERIOD, seen.now, minute)
    observation = Observation("simulated", window, "simulator", is_simulated=True, series=series, thresholds=standing)
    slo = Slo(TARGET_PERCENT, seen.platform.slo_ms, minimum_requests=1)
    judged = attainment(observation, slo)
    return Situation(
        now=seen.now,
        observation=observation,
        findings=(),
        reward=Reward(None, "budget_burn", "", burn=None if judged is None else judged.burn),
        past=(),
        knobs={SCALE_OUT: _knob(SCALE_OUT, OUT_BOUNDS), SCALE_IN: _knob(SCALE_IN, IN_BOUNDS)},
        slo=slo,
        exploration=_exploration((seen.now - began).days + 1),
    )


def _exploration(day: int) -> Exploration:
    name, margin = next(((name, margin) for last, name, margin in PHASES if day <= last), SETTLED)
    return Exploration(name, day, margin)


def _knob(name: str, bounds: tuple[float, float]) -> Knob:
    return Knob(name, "terraform.tfvars", (name,), "percent", *bounds, STEP_PERCENT, CostDirection.DOWN)

"""The figures of the roll-out worked out again: from files, by none of the report's code."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from worked_out_amounts import seconds
from worked_out_decisions import DAY, HOUR, PERIOD, last_of_each_period, period, runs

if TYPE_CHECKING:
    from worked_out_amounts import Inputs
    from worked_out_decisions import Record

Figures = list[float | None] | None
"""As they stand beside an expectation; None where there are none yet."""


def rollout(inputs: Inputs, health: Record, cost: Record, needed: int) -> Record:
    """Day, and the figures beside each of the twenty expectations, in their order (S001-118 to S001-120)."""
    known = runs(inputs)
    if not known:
        return {"day": 1, "figures": [None] * 20}
    first = seconds(known[0]["decided_at"])
    of_one, of_two, of_four = (_week(inputs, known, first + weeks * 7 * DAY) for weeks in (0, 1, 3))
    figures: list[Figures] = [
        *_first_week(inputs, of_one),
        *(_second_week(inputs, of_one, of_two) if of_two else [None] * 5),
        *(_fourth_week(inputs, of_four, health, cost, needed) if of_four else [None] * 6),
    ]
    return {"day": max(1, int((inputs.end - first) // DAY) + 1), "figures": figures}


def _week(inputs: Inputs, known: list[Record], start: float) -> Record | None:
    """What one week was like as far as it has come; None before it has begun."""
    beyond = start + 7 * DAY
    now = min(max(inputs.end, seconds(known[-1]["decided_at"])), beyond)
    if now < start:
        return None
    mine = [one for one in known if start <= seconds(one["decided_at"]) < beyond]
    by_person = {one["id"] for one in inputs.episodes if one["policy"] == "rollback"}
    came_live = {name: seconds(at) for name, at in inputs.raw["delivered"].items() if name not in by_person}
    return {
        "start": start,
        "end": beyond,
        "now": now,
        "runs": mine,
        "adjustments": sum(start <= at < beyond for at in came_live.values()),
    }


def _first_week(inputs: Inputs, week: Record) -> list[Figures]:
    mine = week["runs"]
    moments = sorted([week["start"], week["now"], *(seconds(one["decided_at"]) for one in mine)])
    gap = max(later - earlier for earlier, later in pairwise(moments)) / HOUR
    periods = range(int(week["start"] // PERIOD), int(week["now"] // PERIOD))
    missed = len(set(periods) - {int(period(one)) for one in mine})
    had = [len(one["measured"].keys() & set(inputs.raw["metrics"])) for one in mine]
    found = sum(len(one["findings"]) for one in mine)
    channels = [_channel(inputs, name) for name in ("slack", "notion")]
    return [
        [len(mine), gap],
        [missed, len(periods)] if periods else None,
        [100.0 * sum(had) / len(had) / len(inputs.raw["metrics"]), len(inputs.raw["metrics"])] if mine else None,
        [found, len(mine), inputs.raw["model"]["auc"]],
        *channels,
        [week["adjustments"]],
        _loss(inputs, week["end"]),
        None if (baseline := _health(week)) is None else [baseline, 100],
    ]


def _channel(inputs: Inputs, name: str) -> Figures:
    mine = [one for one in inputs.raw["told"] if one["channel"].startswith(name)]
    return [sum(one["sent"] for one in mine), sum(one["failed"] for one in mine), 7] if mine else None


def _second_week(inputs: Inputs, one: Record | None, week: Record) -> list[Figures]:
    before, after = _variance(one), _variance(week)
    baseline, health = _health(one), _health(week)
    rise = None if baseline is None or health is None else [health - baseline, baseline, health]
    return [
        _loss(inputs, week["end"]),
        _accuracy(inputs, week),
        [week["adjustments"]],
        None if before is None or after is None else [after, 1, before],
        rise,
    ]


def _fourth_week(inputs: Inputs, week: Record, health: Record, cost: Record, needed: int) -> list[Figures]:
    good = _good(week)
    return [
        _loss(inputs, week["end"]),
        None if good is None else [good, inputs.raw["target_percent"]],
        _only(cost["variance_percent"]),
        [week["adjustments"]],
        None if health["score"] is None else [health["score"], health["band"]],
        [needed, 7],
    ]


def _only(figure: float | None) -> Figures:
    return None if figure is None else [figure]


def _loss(inputs: Inputs, until: float) -> Figures:
    """A loss, its rows, and what chance alone makes of so many: 0.869 by the square root."""
    known = [one for one in inputs.raw["model"]["trainings"] if one["loss"] is not None and seconds(one["at"]) < until]
    if not known:
        return None
    return [known[-1]["loss"], known[-1]["rows"], min(1.0, 0.868731 / known[-1]["rows"] ** 0.5)]


def _accuracy(inputs: Inputs, week: Record) -> Figures:
    trainings = [one for one in inputs.raw["model"]["trainings"] if one["auc"] is not None]
    before, after = ([one for one in trainings if seconds(one["at"]) < at] for at in (week["start"], week["now"]))
    if not before or not after or before[-1] is after[-1]:
        return None
    return [before[-1]["auc"], after[-1]["auc"]]


def _health(week: Record | None) -> float | None:
    """Mean of the health of its periods."""
    worth = {
        "latency_p95_ms": (0.25, 3),
        "error_percent": (20.0, 3),
        "cpu_percent": (1.0, 2),
        "memory_percent": (1.0, 2),
    }
    scores = []
    for one in last_of_each_period(week["runs"]) if week else ():
        had = {metric: one["measured"][metric] for metric in worth if metric in one["measured"]}
        if had:
            points = sum(worth[metric][1] * max(0.0, 100.0 - value * worth[metric][0]) for metric, value in had.items())
            scores.append(points / sum(worth[metric][1] for metric in had))
    return sum(scores) / len(scores) if scores else None


def _variance(week: Record | None) -> float | None:
    rewards = [one["reward"] for one in last_of_each_period(week["runs"])] if week else []
    known = [one for one in rewards if one["cost"] is not None and one["budget"] is not None]
    budget = sum(one["budget"] for one in known)
    return 100.0 * sum(one["cost"] for one in known) / budget - 100.0 if budget else None


def _good(week: Record) -> float | None:
    rewards = [one["reward"] for one in last_of_each_period(week["runs"])]
    known = [one for one in rewards if one["slo_good_percent"] is not None and one["requests"] is not None]
    requests = sum(one["requests"] for one in known)
    return sum(one["slo_good_percent"] * one["requests"] for one in known) / requests if requests else None

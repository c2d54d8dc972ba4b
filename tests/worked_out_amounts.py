"""Cost, promise, health and trends of a report worked out again: from files, slot by slot, by none of its code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite, isnan, nan, sqrt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from pathlib import Path

SLOT = 300.0
"""Seconds of which nothing is ever divided: every boundary is a multiple of five minutes, even in Kathmandu."""


@dataclass(frozen=True)
class Inputs:
    """What lies in the folder: settings, metrics by their time, and the ledger's lines."""

    raw: dict[str, Any]
    series: dict[str, dict[float, float]]
    episodes: list[dict[str, Any]]

    @property
    def end(self) -> float:
        """Epoch seconds."""
        return seconds(self.raw["end"])

    def back(self, days: int) -> float:
        """The same time by the team's clock so many days before the end."""
        zone = ZoneInfo(self.raw["zone"])
        local = datetime.fromisoformat(self.raw["end"]).astimezone(zone)
        wall = local.replace(tzinfo=None) - timedelta(days=days)
        return wall.replace(tzinfo=zone, fold=local.fold).timestamp()

    def month(self, ago: int = 0) -> tuple[float, float]:
        """Beginning and end of the calendar month in which the report ends, or of one before."""
        zone = ZoneInfo(self.raw["zone"])
        local = (datetime.fromisoformat(self.raw["end"]) - timedelta(microseconds=1)).astimezone(zone)
        number = local.year * 12 + local.month - 1 - ago
        edges = [datetime(one // 12, one % 12 + 1, 1, tzinfo=zone).timestamp() for one in (number, number + 1)]
        return edges[0], edges[1]


def inputs_in(folder: Path) -> Inputs:
    """Read what lies there."""
    table = pd.read_csv(folder / "series.csv")
    series = {
        str(metric): dict(zip(some["at"].tolist(), some["value"].tolist(), strict=True))
        for metric, some in table.groupby("metric")
    }
    lines = (folder / "episodes.jsonl").read_text(encoding="utf-8").splitlines()
    raw = json.loads((folder / "raw.json").read_text(encoding="utf-8"))
    return Inputs(raw, series, [json.loads(line)["episode"] for line in lines])


def seconds(text: str) -> float:
    """Epoch seconds of an ISO time."""
    return datetime.fromisoformat(text).timestamp()


def mean(inputs: Inputs, metric: str, start: float, end: float) -> tuple[float, float] | None:
    """Mean of what was measured, and the share of the time that it stands for."""
    total, count = 0.0, 0
    for at, value in inputs.series.get(metric, {}).items():
        if start <= at < end and isfinite(value):
            total += value
            count += 1
    if not count:
        return None
    return total / count, min(1.0, count * inputs.raw["step_seconds"] / (end - start))


# Amounts by the hour


def rates(inputs: Inputs, kind: str) -> tuple[dict[float, float], dict[float, float]]:
    """An hour's worth of money, requests or bad requests in every slot: as measured, and as the ledger has it."""
    measured: dict[float, float] = {}
    for at, value in inputs.series.get("cost_per_hour" if kind == "cost" else "requests_per_second", {}).items():
        rate = value if kind == "cost" else _judged(inputs, at, value, kind)
        if isfinite(rate) and rate >= 0:
            for slot in range(int(inputs.raw["step_seconds"] // SLOT)):
                measured[at + slot * SLOT] = rate
    remembered: dict[float, float] = {}
    for episode in inputs.episodes:
        amount = _remembered(episode["reward"], kind)
        start, end = seconds(episode["window"]["start"]), seconds(episode["window"]["end"])
        if amount is not None:
            for slot in range(int((end - start) // SLOT)):
                remembered[start + slot * SLOT] = amount / ((end - start) / 3600.0)
    return measured, remembered


def _judged(inputs: Inputs, at: float, per_second: float, kind: str) -> float:
    good = inputs.series.get("slo_good_ratio", {}).get(at, nan)
    requests = 3600.0 * per_second
    if "slo_good_ratio" not in inputs.series or (isnan(good) and requests != 0.0):
        return nan
    bad = 0.0 if requests == 0.0 else requests * (1.0 - good)
    return requests if kind == "requests" else bad


def _remembered(reward: dict[str, Any], kind: str) -> float | None:
    if kind == "cost":
        return reward["cost"]
    if reward["requests"] is None or reward["slo_good_percent"] is None:
        return None
    return reward["requests"] * (1.0 if kind == "requests" else 1.0 - reward["slo_good_percent"] / 100.0)


def by_hour(inputs: Inputs, kind: str, start: float, end: float) -> list[tuple[float, float | None]]:
    """Length of every hour counted from `start`, and what it amounts to; None where less than half is known."""
    measured, remembered = rates(inputs, kind)
    since = min(measured, default=float("inf"))
    hours: list[tuple[float, float | None]] = []
    begin = start
    while begin < end:
        beyond = min(begin + 3600.0, end)
        slots = [begin + SLOT * number for number in range(round((beyond - begin) / SLOT))]
        amount = _amount(slots, measured)
        if amount is None and begin < since:
            amount = _amount(slots, remembered)
        hours.append(((beyond - begin) / 3600.0, amount))
        begin = beyond
    return hours


def _amount(slots: list[float], known: dict[float, float]) -> float | None:
    found = [known[slot] for slot in slots if slot in known]
    return None if 2 * len(found) < len(slots) else sum(found) / len(found) * len(slots) * SLOT / 3600.0


def total(hours: list[tuple[float, float | None]]) -> tuple[float, float]:
    """Of the hours that are known: what they amount to, and how many they are."""
    known = [(length, amount) for length, amount in hours if amount is not None]
    return sum(amount for _, amount in known), sum(length for length, _ in known)


# What is said


def slo(inputs: Inputs) -> dict[str, Any]:
    """Share of good requests and error budget (S001-26, R6)."""
    allowed = 1.0 - inputs.raw["target_percent"] / 100.0
    burns, goods, known = [], [], 0.0
    for start in (inputs.back(inputs.raw["days"]), inputs.end - 30 * 86400.0):
        requests, known = total(by_hour(inputs, "requests", start, inputs.end))
        bad, _ = total(by_hour(inputs, "bad", start, inputs.end))
        is_enough = requests >= inputs.raw["minimum_requests"]
        burns.append(bad / requests / allowed if is_enough else None)
        goods.append(100.0 - 100.0 * bad / requests if is_enough else None)
    left = None if burns[1] is None else 1.0 - burns[1]
    hours_left = None
    if left is not None and burns[0] is not None:
        hours_left = 0.0 if left <= 0 else left / burns[0] * 720.0 if burns[0] > left else None
    return {
        "target_percent": inputs.raw["target_percent"],
        "good_percent": goods[0],
        "burn": burns[0],
        "good_percent_30d": goods[1],
        "budget_left_ratio": left,
        "hours_known": known,
        "budget_hours_left": hours_left,
    }


def cost(inputs: Inputs) -> dict[str, Any]:
    """Money, by S001-105 to S001-107 and R9."""
    budget, (start, beyond) = inputs.raw["budget"], inputs.month()
    elapsed = (inputs.end - start) / 3600.0
    span_start = inputs.back(inputs.raw["days"])
    spent, spent_hours = total(by_hour(inputs, "cost", span_start, inputs.end))
    now, known = total(by_hour(inputs, "cost", start, inputs.end))
    last_hours = (start - inputs.month(1)[0]) / 3600.0
    last, last_known = total(by_hour(inputs, "cost", inputs.month(1)[0], start))
    to_date = now / known * elapsed if known else None
    literal = None if to_date is None else to_date / elapsed * 24.0 * 30.0
    projected = _projected(inputs, elapsed, (beyond - start) / 3600.0)
    return {
        "currency": inputs.raw["currency"],
        "span_cost": spent / spent_hours * (inputs.end - span_start) / 3600.0 if spent_hours else None,
        "to_date": to_date,
        "hours_known": known,
        "hours_elapsed": elapsed,
        "daily_average": None if literal is None else literal / 30.0,
        "projected_literal": literal,
        "variance_literal_percent": None if literal is None else 100.0 * literal / budget - 100.0,
        "projected": projected,
        "variance_percent": None if projected is None else 100.0 * projected["expected"] / budget - 100.0,
        "budget": budget,
        "last_month": last / last_known * last_hours if 2 * last_known >= last_hours else None,
    }


def _projected(inputs: Inputs, elapsed: float, whole: float) -> dict[str, float] | None:
    """Of the whole month: this month's mean day, shrunk to last month's, with bounds by Student's t."""
    this = by_hour(inputs, "cost", inputs.month()[0], inputs.end)
    before = by_hour(inputs, "cost", *inputs.month(1))
    (now, known), (last, last_known) = total(this), total(before)
    days, prior = known / 24.0, min(3.0, last_known / 24.0)
    if days + prior <= 0:
        return None
    prior_rate = last / (last_known / 24.0) if last_known else 0.0
    rate = (now + prior * prior_rate) / (days + prior)
    to_date = now / days * elapsed / 24.0 if days else rate * elapsed / 24.0
    expected = to_date + rate * (whole - elapsed) / 24.0
    to_come = whole / 24.0 - days
    width = _spread(_whole_days(this), _whole_days(before), rate) * sqrt(to_come + to_come**2 / max(0.25, days + prior))
    rest = expected - now
    low = expected - rest + rest / (1.0 + width / rest) if rest > 0 else expected
    return {"expected": expected, "low": low, "high": expected + width}


def _whole_days(hours: list[tuple[float, float | None]]) -> list[float]:
    """Cost of every block of 24 hours of which half is known."""
    whole = [hours[24 * day : 24 * day + 24] for day in range(int(sum(length for length, _ in hours)) // 24)]
    known = [[amount for _, amount in day if amount is not None] for day in whole]
    return [24.0 * sum(day) / len(day) for day in known if len(day) >= 12]


def _spread(this: list[float], before: list[float], rate: float) -> float:
    squares, products, freedom = 2.0 * (0.2 * rate) ** 2, 2.0 / 3.0 * (0.2 * rate) ** 2, 2.0
    for days in (this, before):
        if days:
            off = [day - sum(days) / len(days) for day in days]
            squares += sum(one * one for one in off)
            products += sum(off[place] * off[place - 1] for place in range(1, len(off)))
            freedom += len(days) - 1
    likeness = min(0.9, max(0.0, products / squares)) if squares else 0.0
    return float(stats.t.ppf(0.95, freedom)) * sqrt(squares / freedom * (1.0 + likeness) / (1.0 - likeness))


def health(inputs: Inputs) -> dict[str, Any]:
    """S001-99 to S001-102, and R7."""
    metrics = {
        "latency": "latency_p95_ms",
        "errors": "error_percent",
        "cpu": "cpu_percent",
        "memory": "memory_percent",
    }
    span = inputs.back(inputs.raw["days"]), inputs.end
    found = {name: mean(inputs, metric, *span) for name, metric in metrics.items()}
    means = {name: one[0] for name, one in found.items() if one is not None}
    worth = {"latency": (0.25, 30.0), "errors": (20.0, 30.0), "cpu": (1.0, 20.0), "memory": (1.0, 20.0)}
    scores = {name: 100.0 - min(100.0, value * worth[name][0]) for name, value in means.items()}
    bands = scores | {name: float(np.interp(means[name], *_band(inputs, name))) for name in scores if name in _BANDS}
    weight = sum(worth[name][1] for name in scores)
    lost = {name: (100.0 - scores[name]) * worth[name][1] / weight for name in scores}
    dearest = max(lost, key=lambda name: lost[name]) if lost and max(lost.values()) > 0 else None
    return {
        "score": 100.0 - sum(lost.values()) if scores else None,
        "band": sum(bands[name] * worth[name][1] for name in bands) / weight if scores else None,
        "components": scores,
        "band_components": bands,
        "measured": {metrics[name]: value for name, value in means.items()},
        "costs_most": dearest,
        "points_lost": lost[dearest] if dearest else 0.0,
    }


_BANDS = ("cpu", "memory")
_USUAL = {"cpu_scale_in_percent": 30.0, "cpu_scale_out_percent": 80.0, "memory_scale_out_percent": 85.0}


def _band(inputs: Inputs, name: str) -> tuple[list[float], list[float]]:
    """Corners of the line that scores a utilisation."""
    high = _threshold(inputs, f"{name}_scale_out_percent", 1)
    low = min(high, _threshold(inputs, "cpu_scale_in_percent", 0)) if name == "cpu" else 0.0
    return ([0.0, low, high, 100.0], [50.0, 100.0, 100.0, 0.0]) if low else ([0.0, high, 100.0], [100.0, 100.0, 0.0])


def _threshold(inputs: Inputs, name: str, end: int) -> float:
    standing, bounds = inputs.raw["standing"], inputs.raw["bounds"]
    return float(standing[name] if name in standing else bounds[name][end] if name in bounds else _USUAL[name])


FLOORS = {
    "cpu_percent": 1.0,
    "memory_percent": 1.0,
    "latency_p95_ms": 1.0,
    "error_percent": 0.01,
    "requests_per_second": 0.01,
    "db_latency_ms": 0.1,
    "instances": 0.1,
    "cost_per_hour": 0.001,
}
"""Smallest amount of each metric with a trend that is worth a percentage."""


def trends(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """Means of four spans of time beside each other (S001-27, S001-103, R8)."""
    days, end = inputs.raw["days"], inputs.end
    spans = {
        "value": (inputs.back(days), end),
        "before": (inputs.back(2 * days), inputs.back(days)),
        "baseline": (inputs.back(days + 7), inputs.back(days)),
        "week_ago": (inputs.back(days + 7), inputs.back(7)),
    }
    said = {}
    for metric, floor in FLOORS.items():
        found = {name: mean(inputs, metric, *span) for name, span in spans.items()}
        if any(one is not None for one in found.values()):
            said[metric] = _trend(found, floor)
    return said


def _trend(found: dict[str, tuple[float, float] | None], floor: float) -> dict[str, Any]:
    said: dict[str, Any] = {name: one and one[0] for name, one in found.items()}
    value = found["value"]
    for other, change, where in (
        ("before", "change_percent", "direction"),
        ("baseline", "baseline_change_percent", None),
        ("week_ago", "week_ago_change_percent", "week_ago_direction"),
    ):
        beside, percent, direction = found[other], None, "unknown"
        if value and beside and value[1] >= 0.5 and beside[1] >= 0.5:
            rise = value[0] - beside[0]
            percent = None if abs(beside[0]) < floor else 100.0 * rise / abs(beside[0])
            limit = floor if percent is None else 0.1 * abs(beside[0])
            direction = "increasing" if rise > limit else "decreasing" if rise < -limit else "stable"
        said[change] = percent
        if where:
            said[where] = direction
    return said

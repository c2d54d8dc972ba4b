"""A whole report of one service worked out again, in the shape of its JSON, and what of the JSON is held against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from math import isclose
from typing import TYPE_CHECKING, Any

import worked_out_amounts as amounts
import worked_out_decisions as decisions
from worked_out_rollout import rollout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")

WORDS = {"evidence", "words", "reason", "unit", "version", "trained_at", "health"}
"""Of a part, beside its figures: names and sentences."""


@dataclass(frozen=True)
class Written:
    """A number as a person reads it, which stands for all that round to it."""

    text: str

    def stands_for(self, value: float) -> bool:
        """Whether the value rounds to it."""
        decimals = len(self.text.partition(".")[2])
        return abs(float(self.text.replace(",", "")) - value) <= 0.5 * 10.0**-decimals + 1e-9


def worked_out(folder: Path) -> dict[str, Any]:
    """Every figure, from what lies in the folder."""
    inputs = amounts.inputs_in(folder)
    health, cost, trends = amounts.health(inputs), amounts.cost(inputs), amounts.trends(inputs)
    means = {metric: one["value"] for metric, one in trends.items() if one["value"] is not None} | health["measured"]
    needed = decisions.times_needed(inputs)
    return {
        "health": health,
        "slo": amounts.slo(inputs),
        "trends": trends,
        "cost": cost,
        "alarms": decisions.alarms(inputs),
        "scaling": decisions.scaling(inputs),
        "record": decisions.record(inputs),
        "learning": decisions.learning(inputs),
        "recommendations": decisions.advice(health["score"], means, cost["variance_percent"]),
        "forecast": decisions.forecast(inputs),
        "checklist": rollout(inputs, health, cost, needed),
        "times_needed": needed,
    }


def said(service: dict[str, Any]) -> dict[str, Any]:
    """The figures of one service in the JSON report, in the same shape."""
    scaling, forecast = _figures(service["scaling"]), _figures(service["forecast"])
    moves = [
        {**one, "before": float(one["before"]), "after": float(one["after"])} for one in service["scaling"]["moves"]
    ]
    return {
        "health": _figures(service["health"]),
        "slo": _figures(service["slo"]),
        "trends": {one["metric"]: _figures(one, "metric") for one in service["trends"]},
        "cost": _figures(service["cost"]),
        "alarms": [_moments(_figures(one)) | {"findings": len(one["findings"])} for one in service["alarms"]],
        "scaling": scaling | {"moves": [_moments(one) for one in moves]},
        "record": _figures(service["record"])
        | {"judged": [_moments(_figures(one)) for one in service["record"]["judged"]]},
        "learning": _figures(service["learning"]),
        "recommendations": [one["rule"] for one in service["recommendations"]],
        "forecast": _moments(forecast),
        "checklist": {
            "day": service["checklist"]["day"],
            "figures": [_beside(one["measured"]) for one in service["checklist"]["items"]],
        },
        "times_needed": service["times_needed"],
    }


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where the first says something else than the second."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key, "nothing"), other.get(key, "nothing"), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list):
        for number, (here, there) in enumerate(zip_longest(one, other, fillvalue="nothing")):
            yield from differences(here, there, f"{place}[{number}]")
    elif not _agree(one, other):
        yield f"{place}: {one} and {other}"


def _agree(one: Any, other: Any) -> bool:
    if isinstance(one, Written):
        return isinstance(other, int | float) and one.stands_for(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return isinstance(one, bool) is isinstance(other, bool) and isclose(one, other, rel_tol=1e-8, abs_tol=1e-8)
    return bool(one == other)


def _figures(part: dict[str, Any], *more: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in {*WORDS, *more}}


def _moments(part: dict[str, Any]) -> dict[str, Any]:
    """The same with its times in seconds."""
    names = part.keys() & {"at", "since", "until", "made_at", "peak_at"}
    return {name: amounts.seconds(one) if name in names and one else one for name, one in part.items()}


def _beside(measured: str) -> list[Written] | None:
    """The figures beside an expectation; of what took a person, the count and the days."""
    if measured.startswith("from "):
        return None
    numbers = [Written(one) for one in NUMBER.findall(measured)]
    if "in the last 7 days: " in measured:
        parts = [int(one.text) for one in numbers[2:]]
        return numbers[:2] if sum(parts) == int(numbers[0].text) else numbers
    return numbers or None

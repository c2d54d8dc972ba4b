"""A Prometheus that answers from a formula: the same time gives the same value, whoever asks and however often."""

from __future__ import annotations

import json
from math import pi, sin
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fakes.flaky import answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.flaky import Behaviour, Handler

LEVELS: Mapping[str, float] = {
    "cpu_percent": 40.0,
    "latency_p95_ms": 120.0,
    "error_percent": 0.01,
    "requests_per_second": 80.0,
    "slo_good_ratio": 0.99995,
    "instances": 4.0,
}
"""A service that keeps its promise, by the name of the metric, which is also the expression to ask for it."""


def canned(levels: Mapping[str, float] = LEVELS) -> Behaviour:
    """Answer range queries for the names in `levels`, and with nothing for others."""

    def behave(handler: Handler) -> None:
        form = parse_qs(handler.flaky.asked[-1].body.decode())
        name, (start, end, step) = form["query"][0], (int(form[key][0]) for key in ("start", "end", "step"))
        values = [
            [time, str(levels[name] * _rhythm(time, name))] for time in range(start, end + 1, step) if name in levels
        ]
        result = [{"metric": {}, "values": values}] if values else []
        document = {"status": "success", "data": {"resultType": "matrix", "result": result}}
        answer(200, json.dumps(document).encode())(handler)

    return behave


def _rhythm(time: int, name: str) -> float:
    """A daily swing with a little noise; a promise and a number of instances stand still."""
    if name in {"slo_good_ratio", "instances"}:
        return 1.0
    return 1.0 + 0.2 * sin(2 * pi * time / 86_400) + 0.01 * sin(time * 0.7131)

"""The capacity outlook for a program."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ai_ops import __version__
from ai_ops.cli.json_text import utc_text
from ai_ops.domain.schedule import schedule_of
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.demand import HOUR
from ai_ops.twin.outlook.preemption import raised
from ai_ops.twin.outlook.weeks_ahead import WEEK

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from ai_ops.twin.outlook.ahead import Ahead
    from ai_ops.twin.outlook.capacity import Capacity
    from ai_ops.twin.outlook.outlook import Outlook
    from ai_ops.twin.outlook.weeks_ahead import WeeksAhead
    from ai_ops.wiring.capacity import Looked


def document(looked: Looked, chart: Path | None) -> dict[str, Any]:
    """Everything that the sentences say, as JSON values."""
    seen, ahead = looked.observation, looked.outlook
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "service": seen.service,
        "source": seen.source,
        "is_simulated": seen.is_simulated,
        "warnings": list(seen.warnings),
        "silent_hours": looked.silent_hours,
        "outlook": None if isinstance(ahead, WarmingUp) else _outlook(ahead),
        "warming_up": str(ahead) if isinstance(ahead, WarmingUp) else None,
        "chart": None if chart is None else str(chart),
    }


def _outlook(ahead: Outlook) -> dict[str, Any]:
    capacity = None if isinstance(ahead.capacity, str) else ahead.capacity
    reached = ahead.reached
    return {
        "from": utc_text(ahead.demand.end),
        "usual_peak": ahead.usual_peak,
        "instances_now": ahead.instances_now,
        "per_instance": None if capacity is None else capacity.per_instance,
        "not_known": ahead.capacity if isinstance(ahead.capacity, str) else None,
        "max_instances": None if capacity is None else capacity.most,
        "headroom_ratio": ahead.headroom_ratio,
        "hours": _spans(ahead, ahead.demand.end, HOUR, ahead.hours),
        "error_ratio": ahead.hours.error_ratio,
        "naive_error_ratio": ahead.hours.naive_error_ratio,
        "weeks": [] if isinstance(ahead.weeks, WarmingUp) else _spans(ahead, ahead.weeks.start, WEEK, ahead.weeks),
        "weeks_warming_up": str(ahead.weeks) if isinstance(ahead.weeks, WarmingUp) else None,
        "reached": None if reached is None else _in_utc(asdict(reached)),
        "advised": [_in_utc(asdict(one)) for one in ahead.advised],
        "scheduled_minimum": None if capacity is None else _raised(ahead, capacity),
        "hindsight": None if ahead.hindsight is None else asdict(ahead.hindsight),
    }


def _spans(ahead: Outlook, start: datetime, step: timedelta, forecast: Ahead | WeeksAhead) -> list[dict[str, Any]]:
    """One row per hour or week."""
    rows = []
    for index, figures in enumerate(zip(forecast.expected, forecast.lower, forecast.upper, strict=True)):
        expected, lower, upper = (float(value) for value in figures)
        row: dict[str, Any] = {
            "at": utc_text(start + index * step),
            "expected": expected,
            "lower": lower,
            "upper": upper,
        }
        if not isinstance(ahead.capacity, str):
            row["needed"], row["needed_at_most"] = (ahead.capacity.needed(value) for value in (expected, upper))
        rows.append(row)
    return rows


def _in_utc(values: dict[str, Any]) -> dict[str, Any]:
    return {name: utc_text(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _raised(ahead: Outlook, capacity: Capacity) -> list[dict[str, int]]:
    """The scheduled minimum that stands, with what is advised on top of it."""
    schedule = schedule_of(capacity.settings.get("scheduled_minimum") or ())
    for one in ahead.advised:
        schedule = raised(schedule, one.block)
    return [asdict(block) for block in schedule]

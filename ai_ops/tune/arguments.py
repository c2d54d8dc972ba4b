"""What a caller hands to `recommend`, checked and made plain; whatever cannot be meant is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any

from ai_ops.domain.platform import Platform
from ai_ops.domain.schedule import ScheduledMinimum
from ai_ops.tune.search.limits import BOUNDS
from ai_ops.twin.settings_batch import TARGET, THRESHOLD

if TYPE_CHECKING:
    from ai_ops.tune.search.limits import Settings

NEEDED_THRESHOLDS = (
    "cpu_scale_out_percent",
    "cpu_scale_in_percent",
    "min_instances",
    "max_instances",
    "cooldown_minutes",
)
LOWEST_TARGET_PERCENT = 50.0
"""Nobody promises less; a smaller figure was meant as a ratio."""

_COUNTS = ("min_instances", "max_instances")
_RANGES = {
    "cpu_scale_out_percent": (1, 100),
    "cpu_scale_in_percent": (0, 100),
    "memory_scale_out_percent": (1, 1000),
    "latency_scale_out_ms": (0, 1e12),
    "min_instances": (0, 1_000_000),
    "max_instances": (1, 1_000_000),
    "cooldown_minutes": (0, 10_080),
}
"""What a platform can be told at all; how far a recommendation may go is narrower."""


def platform_from(given: object) -> Platform:
    """Take a platform, or a mapping of its fields.

    Raises
    ------
    ValueError
        When a field is missing, unknown, or cannot be meant.
    """
    platform = given if isinstance(given, Platform) else _platform_of(given)
    if platform.sla_target_percent < LOWEST_TARGET_PERCENT:
        raise ValueError(
            f"platform.sla_target_percent is {platform.sla_target_percent:g}; 99.95 means 99.95 %, no ratio"
        )
    return platform


def _platform_of(given: object) -> Platform:
    if not isinstance(given, Mapping):
        raise ValueError(f"platform must be a Platform or a mapping of its fields, not {given!r}")  # noqa: TRY004  # one kind of refusal
    fields: dict[str, Any] = {name: _plain(value) for name, value in given.items()}
    try:
        return Platform(**fields)
    except TypeError as error:
        raise ValueError(f"platform: {error}; its fields are {', '.join(Platform.__slots__)}") from error


def settings_from(thresholds: object) -> Settings:
    """Copy thresholds: plain numbers, a scaling mode, a schedule from whatever sequence it comes in.

    Raises
    ------
    ValueError
        When one is missing or cannot be meant.
    """
    if not isinstance(thresholds, Mapping):
        raise ValueError(f"thresholds must be a mapping of knobs, not {thresholds!r}")  # noqa: TRY004  # see above
    missing = [name for name in NEEDED_THRESHOLDS if name not in thresholds]
    if missing:
        raise ValueError(f"thresholds lacks {', '.join(missing)}")
    settings = {name: _number(name, value) if name in BOUNDS else value for name, value in thresholds.items()}
    if settings["min_instances"] > settings["max_instances"]:
        raise ValueError("thresholds: min_instances is above max_instances")
    mode = settings.get("scaling_mode", THRESHOLD)
    if mode == THRESHOLD and settings["cpu_scale_in_percent"] >= settings["cpu_scale_out_percent"]:
        raise ValueError(
            "thresholds: cpu_scale_in_percent is not below cpu_scale_out_percent: the fleet would never settle"
        )
    if mode not in (THRESHOLD, TARGET):
        raise ValueError(f"thresholds['scaling_mode'] is {settings['scaling_mode']!r}; it must be threshold or target")
    if "scheduled_minimum" in settings:
        settings["scheduled_minimum"] = _schedule(settings["scheduled_minimum"])
    return settings


def moment_from(now: object) -> datetime:
    """Bring an aware moment to UTC.

    Raises
    ------
    ValueError
        When it is none, or has no time zone.
    """
    if not isinstance(now, datetime) or now.tzinfo is None:
        raise ValueError(f"now must be a moment with a time zone, such as datetime.now(UTC), not {now!r}")
    try:
        return now.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"now is {now!r}, beyond what a calendar holds") from error


def _number(name: str, value: object) -> Any:  # noqa: ANN401  # an int or a float, as it came
    plain = _plain(value)
    if isinstance(plain, bool) or not isinstance(plain, int | float) or not isfinite(plain):
        raise ValueError(f"thresholds[{name!r}] must be a number, not {value!r}")
    low, high = _RANGES[name]
    if not low <= plain <= high:
        raise ValueError(f"thresholds[{name!r}] is {plain:g}; it must lie between {low:g} and {high:g}")
    if name in _COUNTS and plain != int(plain):
        raise ValueError(f"thresholds[{name!r}] must be a whole number, not {value!r}")
    return plain


def _schedule(given: object) -> list[dict[str, int]]:
    name = "thresholds['scheduled_minimum']"
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        raise ValueError(f"{name} must be a list of blocks, not {given!r}")  # noqa: TRY004  # see above
    fields = ScheduledMinimum.__slots__
    blocks = []
    for block in given:
        if not isinstance(block, Mapping) or set(block) != set(fields):
            raise ValueError(f"a block of {name} has exactly {', '.join(fields)}, not {block!r}")
        whole = {field: _whole(block[field]) for field in fields}
        try:
            ScheduledMinimum(**whole)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        blocks.append(whole)
    return blocks


def _whole(value: object) -> Any:  # noqa: ANN401  # an int, or what was no whole number
    """Read 6.0 as 6; leave to the schedule to refuse what is no whole number."""
    plain = _plain(value)
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def _plain(value: object) -> object:
    """Turn numpy's numbers into Python's, which JSON knows."""
    return value.item() if isinstance(value, Real) and hasattr(value, "item") else value

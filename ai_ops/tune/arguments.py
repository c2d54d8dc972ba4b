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
_COUNTS = ("min_instances", "max_instances")


def platform_from(given: object) -> Platform:
    """Take a platform, or a mapping of its fields.

    Raises
    ------
    ValueError
        When a field is missing, unknown, or cannot be meant.
    """
    if isinstance(given, Platform):
        return given
    if not isinstance(given, Mapping):
        raise ValueError(f"platform must be a Platform or a mapping of its fields, not {given!r}")  # noqa: TRY004  # one kind of refusal
    try:
        fields: dict[str, Any] = {name: _plain(value) for name, value in given.items()}
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
    if settings["max_instances"] < 1:
        raise ValueError("thresholds: max_instances must be at least 1")
    if settings["min_instances"] > settings["max_instances"]:
        raise ValueError("thresholds: min_instances is above max_instances")
    if settings.get("scaling_mode", THRESHOLD) not in (THRESHOLD, TARGET):
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
    return now.astimezone(UTC)


def _number(name: str, value: object) -> Any:  # noqa: ANN401  # an int or a float, as it came
    plain = _plain(value)
    if isinstance(plain, bool) or not isinstance(plain, int | float) or not isfinite(plain) or plain < 0:
        raise ValueError(f"thresholds[{name!r}] must be a number of at least 0, not {value!r}")
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

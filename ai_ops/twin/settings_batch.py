"""Many settings side by side, as a replay takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.twin.telemetry import MINUTES_PER_WEEK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

THRESHOLD, TARGET = "threshold", "target"
"""The two scaling modes."""


@dataclass(frozen=True, slots=True, eq=False)
class SettingsBatch:
    """Settings of k candidates, one per column, shape (k,) each.

    Parameters
    ----------
    is_target
        Whether CPU is tracked to a target; else steps between two thresholds.
    scale_out, scale_in, memory, latency_ms
        Thresholds; `scale_out` is the target where a target is tracked.
    least, most, cooldown
        Bounds on the number of instances; minutes between two steps.
    schedule
        Row of `schedules` that a candidate follows.
    schedules
        Scheduled minimum by row and minute of the replay, shape (rows, minutes); 0 where none holds.
    """

    is_target: np.ndarray
    scale_out: np.ndarray
    scale_in: np.ndarray
    memory: np.ndarray
    latency_ms: np.ndarray
    least: np.ndarray
    most: np.ndarray
    cooldown: np.ndarray
    schedule: np.ndarray
    schedules: np.ndarray

    @property
    def count(self) -> int:
        """How many candidates there are."""
        return self.scale_out.size

    def taken(self, columns: np.ndarray | slice) -> SettingsBatch:
        """Take some candidates, in this order; all keep the schedules."""
        names = (name for name in self.__slots__ if name != "schedules")
        return replace(self, **{name: getattr(self, name)[columns] for name in names})


def settings_batch(
    candidates: Sequence[Mapping[str, Any]],
    minute_of_week: np.ndarray,
    floors: Mapping[int, np.ndarray] | None = None,
) -> SettingsBatch:
    """Line up candidates, each a mapping of the knobs' canonical names.

    Parameters
    ----------
    minute_of_week
        Of every minute that will be replayed, shape (minutes,), Monday 00:00 UTC = 0.
    floors
        By candidate's index, a minimum by minute, shape (minutes,), in place of the one its schedule says: one that
        was learned from other days, say.
    """
    rows: dict[bytes, int] = {}
    kept: list[np.ndarray] = []
    which = np.zeros(len(candidates), dtype=np.int64)
    for index, candidate in enumerate(candidates):
        own = (floors or {}).get(index)
        row = weekly_minimum(candidate.get("scheduled_minimum") or ()) if own is None else own
        which[index] = rows.setdefault(row.tobytes(), len(rows))
        if which[index] == len(kept):
            kept.append(row[minute_of_week] if own is None else own)

    def column(name: str, default: float = np.nan) -> np.ndarray:
        return np.array([float(one.get(name, default)) for one in candidates])

    return SettingsBatch(
        is_target=np.array([one.get("scaling_mode", THRESHOLD) == TARGET for one in candidates]),
        scale_out=column("cpu_scale_out_percent"),
        scale_in=column("cpu_scale_in_percent", -1.0),
        memory=column("memory_scale_out_percent", np.inf),
        latency_ms=column("latency_scale_out_ms", np.inf),
        least=column("min_instances", 1.0),
        most=column("max_instances", np.inf),
        cooldown=column("cooldown_minutes", 0.0),
        schedule=which,
        schedules=np.array(kept),
    )


def weekly_minimum(blocks: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Spread the blocks of a scheduled minimum over the minutes of the week, shape (10080,); 0 where none holds.

    >>> weekly_minimum([{"from_minute_of_week": 60, "to_minute_of_week": 120, "min_instances": 4}])[59:61].tolist()
    [0.0, 4.0]
    """
    week = np.zeros(MINUTES_PER_WEEK)
    for block in blocks:
        first, end = int(block["from_minute_of_week"]), int(block["to_minute_of_week"])
        length = (end - first) % MINUTES_PER_WEEK or MINUTES_PER_WEEK
        places = (first + np.arange(length)) % MINUTES_PER_WEEK
        week[places] = np.maximum(week[places], float(block["min_instances"]))
    return week

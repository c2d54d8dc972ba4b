"""A kept series as JSON: read back only where it can be what an earlier run fetched.

A damaged grid is worse than a damaged value: a step of nothing divides by zero, and one wrong year stretches whatever
lays series side by side over decades.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ai_ops.collect.plausible import plausible
from ai_ops.domain.clocks import AHEAD
from ai_ops.domain.metrics import CANONICAL_METRICS, Gap, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any metric that this agent could have asked for."""

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Where nobody says what time it is."""

LEAST_STEP, MOST_STEP = timedelta(minutes=1), timedelta(hours=1)
MOST_DAYS = timedelta(days=90)
"""What `metrics.step_minutes` and `metrics.history_days` allow."""

_NUMBERS: Final = frozenset({int, float, type(None)})
"""Types of a value; a truth value and a text that looks like a number are none."""


def kept_series(form: Mapping[str, Any], now: datetime | None = None) -> Series:
    """Read what `Series.to_json` wrote.

    Parameters
    ----------
    now
        Nothing can have been measured later; None where nobody knows.

    Raises
    ------
    ValueError
        When it cannot have been fetched, with what is wrong; JSON of another shape ends in errors of many kinds.
    """
    if form["metric"] not in CANONICAL_METRICS:
        raise ValueError("a metric that nobody knows")
    _check_types(form["values"])
    series = Series.from_json(form)
    _check_grid(series, now)
    known = plausible(series)
    if isinstance(known, Gap):
        raise ValueError(f"a value that cannot be: {known.reason.partition(': ')[0]}")  # noqa: TRY004  # of the value
    return series


def _check_types(values: Iterable[object]) -> None:
    if strangers := {type(value) for value in values} - _NUMBERS:
        raise ValueError(f"a value that is no number but {', '.join(sorted(kind.__name__ for kind in strangers))}")


def _check_grid(series: Series, now: datetime | None) -> None:
    if series.start.tzinfo is None:
        raise ValueError("a time without its zone")
    if not LEAST_STEP <= series.step <= MOST_STEP:
        raise ValueError(f"a step of {series.step}")
    if series.values.size * series.step > MOST_DAYS:
        raise ValueError(f"{series.values.size:,} values, which are more than {MOST_DAYS.days} days")
    latest = LATEST if now is None else now + AHEAD
    if not EARLIEST <= series.start <= latest or series.start + series.values.size * series.step > latest:
        raise ValueError(f"values of {series.start:%Y-%m-%d}, when nothing can have been measured")

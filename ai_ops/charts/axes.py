"""What stands at an axis: a metric with its unit, and time in UTC."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import altair as alt


class Quantity(NamedTuple):
    """A metric in a person's words, its unit, and the greatest value it can have; every known one begins at 0."""

    name: str
    unit: str = ""
    most: float = float("inf")

    @property
    def title(self) -> str:
        """What stands at the axis.

        >>> Quantity("CPU", "%").title
        'CPU (%)'
        """
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def words(self, value: float) -> str:
        """A value with its unit.

        >>> Quantity("Latency p95", "ms").words(227.1556)
        '227.2 ms'
        """
        return f"{value:.4g} {self.unit}".rstrip()


QUANTITIES: Mapping[str, Quantity] = {
    "cpu_percent": Quantity("CPU", "%"),
    "memory_percent": Quantity("Memory", "%"),
    "latency_p95_ms": Quantity("Latency p95", "ms"),
    "error_percent": Quantity("Errors", "%", 100.0),
    "requests_per_second": Quantity("Requests", "per second"),
    "db_latency_ms": Quantity("Database latency", "ms"),
    "slo_good_ratio": Quantity("Share of good requests", most=1.0),
    "instances": Quantity("Instances ready"),
    "instances_desired": Quantity("Instances wanted"),
    "cost_per_hour": Quantity("Cost", "per hour"),
}
"""The canonical metrics. Utilisation may pass 100 %: pods may use more than they ask for."""

MOST_TICKS = 12
"""Times that fit below the plot without crowding; a midnight is a date, and takes the room of two."""


def quantity_of(metric: str) -> Quantity:
    """How to speak of `metric`; one that is not canonical goes by its own name."""
    return QUANTITIES.get(metric, Quantity(metric))


def time_axis(field: str, first: datetime, end: datetime) -> alt.X:
    """Time in UTC from `first` to `end`, with ticks at whole hours or days; midnight is written as a date."""
    import altair as alt

    label = "utcFormat(datum.value, utchours(datum.value) === 0 ? '%a %-d %b' : '%H:%M')"
    return alt.X(
        f"{field}:T",
        axis=alt.Axis(title="Time (UTC)", values=_ticks(first, end), labelExpr=label, grid=False),
        scale=alt.Scale(type="utc", domain=[milliseconds(first), milliseconds(end)]),
    )


def _ticks(first: datetime, end: datetime) -> list[int]:
    """Milliseconds of round times, as many as there is room for, counted back from the last midnight."""
    span = end - first
    hours = next((one for one in (1, 3, 6, 12) if span / timedelta(hours=one) <= MOST_TICKS), None)
    step = timedelta(hours=hours) if hours else timedelta(days=ceil(2 * span / timedelta(days=1) / MOST_TICKS))
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    back, ahead = (midnight - first) // step, (end - midnight) // step
    return [milliseconds(midnight + k * step) for k in range(-back, ahead + 1)]


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds, the unit of time in Vega."""
    return round(moment.timestamp() * 1000)

"""What the service costs per hour, where no query says it: counted instances, or what Railway bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ai_ops.collect.railway import CPU, DISK, MEMORY
from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import Gap, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.metrics import Window

_HOURS = 30 * 24
"""Railway's month: $0.000003472222222 per GB and minute of volume is $0.15 / (30 * 24 * 60)."""

RAILWAY_DOLLARS_PER_HOUR: Mapping[str, float] = {CPU: 20 / _HOURS, MEMORY: 10 / _HOURS, DISK: 0.15 / _HOURS}
"""https://docs.railway.com/pricing/plans, "Resource usage pricing": per vCPU, GB of memory and GB of volume a month."""


@dataclass(frozen=True, slots=True)
class PricedInstances:
    """Every ready instance costs the same.

    Parameters
    ----------
    price_per_hour
        Of one instance; None when nobody said it, which makes the cost unknown.
    """

    price_per_hour: float | None

    def __call__(self, series: Mapping[str, Series], _window: Window) -> Series | Gap:
        """Multiply the instances with their price."""
        if self.price_per_hour is None:
            return Gap(
                "cost_per_hour",
                "set services[].cost.price_per_instance_hour, or give a query (cost.source: query, and cost_per_hour)",
            )
        instances = series.get("instances")
        if instances is None:
            return Gap(
                "cost_per_hour", "no instances were counted to multiply with the price; see the query `instances`"
            )
        return Series("cost_per_hour", instances.start, instances.step, instances.values * self.price_per_hour)


@dataclass(frozen=True, slots=True)
class RailwayCost:
    """What Railway's prices make of what the service uses: CPU, memory and volumes, without network egress.

    Parameters
    ----------
    usage
        Amounts in use by measurement over a window, as `railway.railway_usage` gives them.
    """

    usage: Callable[[Window], Mapping[str, np.ndarray]]

    def __call__(self, _series: Mapping[str, Series], window: Window) -> Series | Gap:
        """Ask Railway, and multiply with its prices."""
        try:
            used = self.usage(window)
        except SourceError as error:
            return Gap("cost_per_hour", str(error))
        dollars = {name: used[name] * price for name, price in RAILWAY_DOLLARS_PER_HOUR.items()}
        total = dollars[CPU] + dollars[MEMORY] + np.nan_to_num(dollars[DISK])  # a service without volumes reports none
        if not np.isfinite(total).any():
            return Gap("cost_per_hour", "Railway reports no usage in this time; is the service deployed there?")
        return Series("cost_per_hour", window.start, window.step, total)


def cost_in_words(
    source: Literal["query", "instances", "railway"], series: Mapping[str, Series], price_per_hour: float | None
) -> str:
    """One sentence: which source the newest cost comes from.

    Parameters
    ----------
    source
        As the settings name it.
    series
        What was observed, by metric.
    price_per_hour
        Of one instance; used by the source "instances", which knows no cost without it.

    >>> from datetime import UTC, datetime, timedelta
    >>> three = Series("instances", datetime(2026, 11, 2, tzinfo=UTC), timedelta(minutes=10), np.array([2.0, 3.0]))
    >>> cost_in_words("instances", {"instances": three, "cost_per_hour": three}, 0.0168)
    'cost: 3 instances x 0.0168/h'
    """
    cost, instances = _newest(series.get("cost_per_hour")), _newest(series.get("instances"))
    if source == "instances" and price_per_hour is None:
        return "cost: unknown, no price per instance is set"
    if cost is None:
        return f"cost: unknown, {source} gave nothing"
    if source == "instances" and instances is not None:
        return f"cost: {instances:g} instances x {price_per_hour:g}/h"
    whence = {"query": "from the query cost_per_hour", "railway": "from Railway's prices, without network egress"}
    return f"cost: {cost:.4g}/h {whence.get(source, 'from instances x price')}"


def _newest(series: Series | None) -> float | None:
    """The last value that is no gap."""
    present = series.values[np.isfinite(series.values)] if series else np.empty(0)
    return float(present[-1]) if present.size else None

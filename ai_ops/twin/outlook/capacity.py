"""What instances carry: how many a demand needs, and what all of them together can take."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.twin.calibration import Calibration, calibrate
from ai_ops.twin.scaling_steps import Steps
from ai_ops.twin.settings_batch import weekly_minimum
from ai_ops.twin.utilisation import Utilisation, fit_utilisation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.metrics import Series
    from ai_ops.domain.platform import Platform
    from ai_ops.twin.telemetry import Telemetry

LOAD, READY, CPU = "requests_per_second", "instances", "cpu_percent"


@dataclass(frozen=True, slots=True, eq=False)
class Capacity:
    """A service's instances, and the settings that they are scaled by.

    Parameters
    ----------
    utilisation
        CPU by load on one instance.
    steps
        How the platform scales.
    platform
        Constants that no metric tells.
    settings
        Knobs by canonical name, as a replay takes them; at least `cpu_scale_out_percent`.
    """

    utilisation: Utilisation
    steps: Steps
    platform: Platform
    settings: Mapping[str, Any]

    @property
    def full_percent(self) -> float:
        """CPU beyond which instances are added, or which is tracked."""
        return float(self.settings["cpu_scale_out_percent"])

    @property
    def per_instance(self) -> float:
        """Requests per second that one instance carries at `full_percent`."""
        return float(self.utilisation.load(np.array([self.full_percent]))[0])

    @property
    def is_seen(self) -> bool:
        """Whether instances have been near `full_percent`; else what they carry there is drawn out from below."""
        return bool(self.utilisation.cpus[-1] >= self.full_percent - self.utilisation.spread_percent)

    @property
    def most(self) -> int | None:
        """Instances that there may be; None where no setting bounds them."""
        most = self.settings.get("max_instances")
        return None if most is None else int(most)

    @property
    def most_demand(self) -> float:
        """Requests per second that `most` instances carry."""
        return np.inf if self.most is None else self.most * self.per_instance

    def needed(self, demand: float) -> int:
        """Instances that keep the CPU at `full_percent` or below, bounds aside; at least 1."""
        return max(1, ceil(demand / self.per_instance - 1e-9))

    def minimum(self, minute_of_week: np.ndarray) -> np.ndarray:
        """Instances that there are at least, the scheduled minimum included; same shape."""
        scheduled = weekly_minimum(self.settings.get("scheduled_minimum") or ())
        return np.asarray(np.maximum(scheduled[minute_of_week], float(self.settings.get("min_instances", 1.0))))


def capacity_of(
    minutes: Telemetry | None, coarse: Mapping[str, Series], platform: Platform, settings: Mapping[str, Any]
) -> Capacity | str:
    """Learn what an instance carries, from minutes where there are enough of them, else from wider steps.

    Parameters
    ----------
    minutes
        None where nobody fetched them.
    coarse
        By canonical metric, on one grid.

    Returns
    -------
    Capacity or str
        Why it cannot be told.
    """
    if "cpu_scale_out_percent" not in settings:
        return "no cpu_scale_out_percent is set, so that nothing says when an instance is full"
    if minutes is not None and isinstance(calibration := calibrate(minutes, platform), Calibration):
        return _carrying(Capacity(calibration.utilisation, calibration.steps, platform, settings))
    if missing := [metric for metric in (LOAD, READY, CPU) if metric not in coarse]:
        return f"{' and '.join(missing)} could not be had, so nothing says what an instance carries"
    rate, ready, cpu = (coarse[metric].values for metric in (LOAD, READY, CPU))
    usable = np.isfinite(rate) & np.isfinite(cpu) & (ready > 0)
    usable[1:] &= ready[1:] == ready[:-1]
    fitted = fit_utilisation(rate[usable] / ready[usable], cpu[usable])
    if isinstance(fitted, str):
        return fitted
    described = Steps(platform.out_step_ratio, platform.in_step_ratio, boot_minutes=round(platform.boot_minutes))
    return _carrying(Capacity(fitted, described, platform, settings))


def _carrying(capacity: Capacity) -> Capacity | str:
    """Refuse what would carry nothing."""
    if capacity.per_instance > 0:
        return capacity
    idle = capacity.utilisation.idle_percent
    return f"an instance without any load is at {idle:.0f} % CPU, cpu_scale_out_percent is {capacity.full_percent:g}"

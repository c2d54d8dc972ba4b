"""What load on one instance makes of its CPU."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SATURATED_PERCENT = 97.0
"""Above this the measured CPU says only "full", not how full."""

HIGHEST_IDLE_PERCENT = 45.0
"""Below the lowest threshold that may be set: an idle fleet must be able to shrink."""

LEAST_MINUTES = 240
"""Four hours of steady minutes; a line through fewer is a guess."""

LARGEST_SAMPLE = 6000
"""More minutes make the line slower and no better."""

BINS = 24
LEAST_IN_BIN = 30


@dataclass(frozen=True, slots=True, eq=False)
class Utilisation:
    """CPU by load: straight at heart, bent where the service itself is.

    Parameters
    ----------
    idle_percent, percent_per_load
        The straight line: CPU without load, and what each request per second and instance adds.
    loads, cpus
        Knots of the curve, both increasing, shape (k,): requests per second and instance, percent. Beyond the last
        knot it goes on as steeply as the line, or as its own upper half where that is steeper.
    spread_percent
        Typical distance of a minute from the curve (1.4826 times the median absolute deviation), points.
    """

    idle_percent: float
    percent_per_load: float
    loads: np.ndarray
    cpus: np.ndarray
    spread_percent: float

    def cpu(self, load: np.ndarray) -> np.ndarray:
        """CPU of an instance at `load`, percent; above 100 means more work than it can do."""
        inside = np.interp(load, self.loads, self.cpus)
        return np.asarray(inside + np.maximum(load - self.loads[-1], 0.0) * self._last_slope)

    def load(self, cpu: np.ndarray) -> np.ndarray:
        """Load that makes this CPU: the way back, requests per second and instance."""
        inside = np.interp(cpu, self.cpus, self.loads)
        return np.asarray(inside + np.maximum(cpu - self.cpus[-1], 0.0) / self._last_slope)

    @property
    def _last_slope(self) -> float:
        half = self.loads.size // 2
        run = self.loads[-1] - self.loads[half]
        own = (self.cpus[-1] - self.cpus[half]) / run if run > 0 else 0.0
        return float(max(self.percent_per_load, own))


def fit_utilisation(load: np.ndarray, cpu: np.ndarray) -> Utilisation | str:
    """Fit the curve on steady minutes.

    Parameters
    ----------
    load, cpu
        Requests per second and instance, and percent, of the same minutes; shape (n,), finite.

    Returns
    -------
    Utilisation or str
        Why there is none: too few minutes, or a CPU that does not follow the load.
    """
    from sklearn.linear_model import HuberRegressor

    usable = (cpu < SATURATED_PERCENT) & (load > 0)
    load, cpu = load[usable], cpu[usable]
    if load.size < LEAST_MINUTES:
        return f"{load.size} steady minutes with a CPU below {SATURATED_PERCENT:g} %, {LEAST_MINUTES} are needed"
    every = max(1, load.size // LARGEST_SAMPLE)
    scale = float(np.median(load))
    line = HuberRegressor(alpha=0.0).fit(load[::every, None] / scale, cpu[::every])
    slope, idle = float(line.coef_[0]) / scale, float(line.intercept_)
    if slope * scale < 1.0:  # a load that moves the CPU by less than a point is lost in its noise
        return "the CPU does not rise with the load, so no number of instances can be worked out from it"
    if idle > HIGHEST_IDLE_PERCENT:
        return f"an instance without any load is already at {idle:.0f} % CPU, so more of them would not help"
    loads, cpus = _knots(load, cpu, max(idle, 0.0), slope)
    curve = Utilisation(max(idle, 0.0), slope, loads, cpus, 0.0)
    spread = 1.4826 * float(np.median(np.abs(cpu - curve.cpu(load))))
    return Utilisation(curve.idle_percent, slope, loads, cpus, spread)


def _knots(load: np.ndarray, cpu: np.ndarray, idle: float, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """Medians of bins of equal width in load, made to rise; the idle point in front."""
    low, high = np.quantile(load, (0.002, 0.998))
    edges = np.linspace(low, high, BINS + 1)
    bins = np.clip(np.searchsorted(edges, load, side="right") - 1, 0, BINS - 1)
    xs, ys = [0.0], [idle]
    for index in range(BINS):
        inside = bins == index
        if inside.sum() >= LEAST_IN_BIN:
            xs.append(float(np.median(load[inside])))
            ys.append(float(np.median(cpu[inside])))
    if len(xs) == 1:
        xs.append(float(high))
        ys.append(idle + slope * float(high))
    rising = np.maximum.accumulate(np.array(ys) + 1e-9 * np.arange(len(ys)))
    return np.array(xs), rising + 1e-6 * np.arange(len(ys))

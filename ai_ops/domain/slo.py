"""The service level objective and how fast its error budget is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.metrics import ROUNDING

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Observation


@dataclass(frozen=True, slots=True)
class Slo:
    """What the service promises.

    Parameters
    ----------
    target_percent
        Share of requests that must be good, e.g. 99.95; below 100.
    latency_ms
        The latency that still counts as good.
    minimum_requests
        Requests a window needs before its SLI means anything.
    """

    target_percent: float
    latency_ms: float
    minimum_requests: int


@dataclass(frozen=True, slots=True)
class Attainment:
    """How the SLO did over one window.

    Parameters
    ----------
    good_percent
        Share of requests that were good, 0 to 100.
    burn
        Spent share of the window's own error budget, from 0: 1 spends exactly what the SLO allows.
    requests
        How many requests that rests on.
    """

    good_percent: float
    burn: float
    requests: float


def burn_rate(bad_ratio: float, target_percent: float) -> float:
    """How many times faster than allowed the error budget is being spent.

    >>> round(burn_rate(0.0144, target_percent=99.9), 1)
    14.4
    """
    return bad_ratio / (1.0 - target_percent / 100.0)


def attainment(observation: Observation, slo: Slo) -> Attainment | None:
    """Judge the SLO over the observation's window, weighting each point by its requests.

    Returns None when the SLI or the request rate was not measured, or the SLI is no share: an unknown is no success.
    """
    good, rate = observation.series.get("slo_good_ratio"), observation.series.get("requests_per_second")
    if good is None or rate is None:
        return None
    good_ratio, per_second = good.within(observation.window), rate.within(observation.window)
    if good_ratio.shape != per_second.shape:
        return None
    # A point without traffic has no SLI (0/0), and weighs nothing.
    known = np.isfinite(good_ratio) & np.isfinite(per_second) & (per_second > 0)
    requests = per_second[known] * observation.window.step.total_seconds()
    total = float(requests.sum())
    shares = np.clip(good_ratio[known], 0.0, 1.0)
    if total <= 0 or np.any(np.abs(shares - good_ratio[known]) > ROUNDING):
        return None
    bad_ratio = float(((1.0 - shares) * requests).sum()) / total
    return Attainment(100.0 * (1.0 - bad_ratio), burn_rate(bad_ratio, slo.target_percent), total)

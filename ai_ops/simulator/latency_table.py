"""How long requests take, by how busy the instances are: queueing theory, tabulated once for a profile.

Each instance is an M/G/c queue: Erlang's C tells how many requests wait, the Allen-Cunneen factor how much longer
they wait because service times vary, and the wait is taken as exponential. Instances are loaded unevenly, so each
row of the table averages over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.simulator.profiles import ServiceProfile

LOADS = 200
"""Rows: relative load in steps of half a percent, 0 to 1."""
BIN_RATIO = 1.04
"""Each bin of the latency axis ends four percent later than the one before."""
MOST_BUSY = 0.985
"""A queue that is as good as full: what does not fit is carried as a backlog by the fleet."""


@dataclass(frozen=True, slots=True)
class LatencyTable:
    """Shares of requests that are done in time.

    Parameters
    ----------
    edges_ms
        Latency axis, shape (bins,), log-spaced; one edge is the profile's `slo_ms`.
    slo_bin
        Position of that edge.
    done
        Share of requests done by each edge, shape (LOADS + 1, bins); the row is the relative load.
    busy
        Share of workers that are busy at each relative load, shape (LOADS + 1,); convex, 1 at full load.
    """

    edges_ms: np.ndarray
    slo_bin: int
    done: np.ndarray
    busy: np.ndarray


@lru_cache(maxsize=32)
def latency_table(profile: ServiceProfile) -> LatencyTable:
    """Tabulate `profile`."""
    below = int(np.ceil(np.log(profile.slo_ms / (profile.median_ms / 20)) / np.log(BIN_RATIO)))
    above = int(np.ceil(np.log(4000.0 * profile.timeout_seconds / profile.slo_ms) / np.log(BIN_RATIO)))
    edges_ms = profile.slo_ms * BIN_RATIO ** np.arange(-below, above + 1, dtype=np.float64)
    busy = _busy(profile)
    done = np.array([_done_at(profile, edges_ms, share) for share in busy])
    return LatencyTable(edges_ms, below, done, busy)


def _busy(profile: ServiceProfile) -> np.ndarray:
    """Busy workers at each relative load: requests last longer the busier it is, so busyness feeds itself."""
    busy = np.linspace(0.0, 1.0, 2001)
    load = busy * (1.0 + profile.contention_ratio) / (1.0 + profile.contention_ratio * busy**2)
    return np.asarray(np.interp(np.linspace(0.0, 1.0, LOADS + 1), load, busy))


def _done_at(profile: ServiceProfile, edges_ms: np.ndarray, busy: float) -> np.ndarray:
    """Share of requests done by each edge, averaged over unevenly loaded instances; shape (bins,)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(7)
    shares = np.clip(busy * (1.0 + profile.imbalance_ratio * nodes), 0.0, MOST_BUSY)
    rows = np.array([_done_in_one_queue(profile, edges_ms, share) for share in shares])
    return np.asarray(weights @ rows / weights.sum())


def _done_in_one_queue(profile: ServiceProfile, edges_ms: np.ndarray, busy: float) -> np.ndarray:
    from scipy.special import ndtr

    stretch = 1.0 + profile.contention_ratio * busy**2
    median_ms, mean_ms = profile.median_ms * stretch, profile.service_ms * stretch
    variability = (1.0 + np.expm1(profile.spread**2)) / 2.0
    wait_ms = variability * mean_ms / (profile.workers * (1.0 - busy))
    nodes, weights = np.polynomial.laguerre.laggauss(32)
    left_ms = edges_ms[:, None] - wait_ms * np.append(0.0, nodes)
    done = np.where(left_ms > 0, ndtr(np.log(np.maximum(left_ms, 1e-9) / median_ms) / profile.spread), 0.0)
    waiting = erlang_c(profile.workers, busy)
    return np.asarray((1.0 - waiting) * done[:, 0] + waiting * (done[:, 1:] @ weights))


def erlang_c(workers: int, busy: float) -> float:
    """Share of requests that find all `workers` occupied, when they are `busy` (0 to below 1) on average.

    >>> round(erlang_c(1, 0.7), 6)
    0.7
    >>> round(erlang_c(2, 0.5), 6)
    0.333333
    """
    blocked, offered = 1.0, workers * busy
    for count in range(1, workers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked / (1.0 - busy * (1.0 - blocked))

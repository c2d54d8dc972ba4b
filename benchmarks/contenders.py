"""Who is compared on series of our own making: our judgement and some peers, each at the threshold its users take."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from clean_series import WORSE
from peers import grafana_adaptive, mad, three_sigma

from ai_ops.detect.floors import spread_floor
from ai_ops.detect.judge import judge
from ai_ops.domain.metrics import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from peers import Peer

    from ai_ops.domain.metrics import Panel

    Scorer = Callable[[Panel, np.ndarray], np.ndarray]

SIGMAS = 3.0


def floors(panel: Panel, requests_per_second: np.ndarray | None) -> np.ndarray:
    """Smallest meaningful spread of every value, shape (rows, n)."""
    rows = []
    for number in range(len(panel.names)):
        traffic = None
        if requests_per_second is not None:
            traffic = Series("requests_per_second", panel.start, panel.step, requests_per_second[number])
        rows.append(spread_floor(panel.row(number), traffic))
    return np.stack(rows)


def ours(panel: Panel, floor: np.ndarray) -> np.ndarray:
    """Score by `judge` at one false alarm per week; above 1 is abnormal."""
    return judge(panel, budget_per_week=1.0, floor=floor, direction=WORSE.get(panel.metric, 0)).score


def by_rows(panel: Panel, floor: np.ndarray, *, peer: Peer, threshold: float) -> np.ndarray:
    """Score every row by a peer, in units of the threshold that its users take."""
    del floor
    times = panel.times().astype("datetime64[s]")
    return np.stack([peer(times, row) for row in panel.values]) / threshold


CONTENDERS: Mapping[str, Scorer] = {
    "ours": ours,
    "3-sigma": partial(by_rows, peer=three_sigma, threshold=SIGMAS),
    "MAD": partial(by_rows, peer=mad, threshold=SIGMAS),
    "Grafana": partial(by_rows, peer=grafana_adaptive, threshold=1.0),
}

"""The gate: replay what really ran, and hold it against what really happened. A twin that fails moves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.twin.settings_batch import settings_batch
from ai_ops.twin.telemetry import MINUTES_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_ops.twin.conditions import Conditions
    from ai_ops.twin.replay import Twin
    from ai_ops.twin.telemetry import Telemetry

COST_TOLERANCE = 0.03
BURN_FACTOR = 2.0
BURN_FLOOR = 0.1
"""Share of the budget added to both burns: a twentieth of the budget more or less is no error of the twin."""

BROKEN = 1.0
"""A burn above this breaks the promise."""

SHORTEST_SPAN = 60
"""Minutes; in less than an hour after a change the old settings still show."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the twin tells what is known already.

    Parameters
    ----------
    cost_error
        Replayed cost by the real one, less 1.
    observed_burn, replayed_burn
        Share of the error budget over the same minutes.
    last_day
        The same two burns over the last 24 hours; None where too little was measured.
    """

    cost_error: float
    observed_burn: float
    replayed_burn: float
    last_day: tuple[float, float] | None

    @property
    def agrees_that_it_is_broken(self) -> bool:
        """Whether reality and twin both say that the promise is broken, by however much."""
        return min(self.observed_burn, self.replayed_burn) > BROKEN

    @property
    def reason(self) -> str | None:
        """Why nothing may be concluded from the twin, or None when it may be trusted."""
        if not abs(self.cost_error) <= COST_TOLERANCE:
            return (
                f"the twin does not tell what is known already: replaying the settings that ran costs "
                f"{self.cost_error:+.1%} against what was paid, {COST_TOLERANCE:.0%} is allowed"
            )
        ratio = (self.observed_burn + BURN_FLOOR) / (self.replayed_burn + BURN_FLOOR)
        if not 1.0 / BURN_FACTOR <= ratio <= BURN_FACTOR:
            return (
                f"the twin does not tell what is known already: burn was {self.observed_burn:.2f} and is replayed as "
                f"{self.replayed_burn:.2f}, a factor of {BURN_FACTOR:g} is allowed"
            )
        return None


def fit(
    telemetry: Telemetry, twin: Twin, conditions: Conditions, spans: Sequence[tuple[int, Mapping[str, Any]]]
) -> Fit:
    """Replay the settings that really ran.

    Parameters
    ----------
    spans
        From which minute on which settings ran, oldest first; the first begins at minute 0.
    """
    wanted, bad = (np.full(telemetry.minutes, np.nan) for _ in range(2))
    ends = [*(first for first, _ in spans[1:]), telemetry.minutes]
    for (first, settings), end in zip(spans, ends, strict=True):
        if end - first >= SHORTEST_SPAN:
            wanted[first:end], bad[first:end] = _replayed(telemetry, twin, conditions, (first, end), settings)
    paid, good, rate = telemetry.desired, telemetry.get("slo_good_ratio"), telemetry.get("requests_per_second")
    costed = np.isfinite(paid) & np.isfinite(wanted)
    judged = np.isfinite(good) & np.isfinite(rate) & np.isfinite(bad)
    allowed = twin.platform.allowed_bad_ratio

    def burns(minutes: slice) -> tuple[float, float] | None:
        known = judged[minutes]
        requests = rate[minutes][known]
        budget = requests.sum() * allowed
        if known.sum() < SHORTEST_SPAN or budget <= 0:
            return None
        observed = ((1.0 - good[minutes][known]) * requests).sum() / budget
        return float(observed), float((bad[minutes][known] * requests).sum() / budget)

    whole = burns(slice(None)) or (np.nan, np.nan)
    cost_error = wanted[costed].sum() / paid[costed].sum() - 1.0 if paid[costed].sum() > 0 else np.nan
    return Fit(float(cost_error), *whole, burns(slice(-MINUTES_PER_DAY, None)))


def _replayed(
    telemetry: Telemetry, twin: Twin, conditions: Conditions, minutes: tuple[int, int], settings: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Instances paid for and share of bad requests, minute by minute, on the settings that ran."""
    first, end = minutes
    batch = settings_batch([settings], telemetry.minute_of_week()[first:end])
    before = telemetry.desired[first:end]
    known = before[np.isfinite(before)]
    start = float(known[0]) if known.size else float(settings.get("min_instances", 1))
    trace = twin.replay([conditions.between(first, end)], batch, start_instances=start, is_traced=True).trace
    assert trace is not None  # noqa: S101  # it was asked for
    return trace.wanted[:, 0, 0], trace.bad_ratio[:, 0, 0]

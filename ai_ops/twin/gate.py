"""The gate: replay what really ran, and hold it against what really happened. A twin that fails moves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.twin.gaps import filled
from ai_ops.twin.replay import Restart
from ai_ops.twin.settings_batch import TARGET
from ai_ops.twin.telemetry import MINUTES_PER_DAY

if TYPE_CHECKING:
    from ai_ops.twin.telemetry import Telemetry

COST_TOLERANCE, BURN_FACTOR = 0.03, 2.0
RESCUE_COST_TOLERANCE = 0.15
"""What is allowed where both see a broken promise: a rough model says well enough which way safety lies."""

BURN_FLOOR = 0.2
"""Share of the budget added to both burns: where both are far below any margin, their ratio means nothing."""

BROKEN = 1.0
"""A burn above this breaks the promise."""

LEAST_MINUTES = 60
"""An hour; a burn over less is a matter of a few requests."""


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
        """Whether reality and twin both say that the promise is broken, and the twin is not far off otherwise."""
        is_near = abs(self.cost_error) <= RESCUE_COST_TOLERANCE
        return is_near and min(self.observed_burn, self.replayed_burn) > BROKEN

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


@dataclass(frozen=True, slots=True, eq=False)
class Rerun:
    """The settings that really ran, as candidates of a replay: one for each span of time.

    Parameters
    ----------
    settings
        One for each span, oldest first.
    firsts
        The minute each span begins, the first at 0.
    """

    settings: tuple[dict[str, Any], ...]
    firsts: tuple[int, ...]

    def restarts(self, telemetry: Telemetry, first_column: int) -> list[Restart]:
        """Let every span begin with the instances that were really there."""
        wanted = filled(telemetry.desired, default=1.0)
        return [
            Restart(minute, first_column + place, float(wanted[minute]))
            for place, minute in enumerate(self.firsts)
            if minute
        ]

    def cooldown(self, minutes: int) -> np.ndarray:
        """Cooldown that ran, minute by minute, shape (minutes,); NaN where a target was tracked."""
        ran = [
            np.nan if one.get("scaling_mode") == TARGET else float(one.get("cooldown_minutes", np.nan))
            for one in self.settings
        ]
        return np.repeat(ran, np.diff([*self.firsts, minutes]))

    def joined(self, traced: np.ndarray) -> np.ndarray:
        """Pick of each minute the span that it belongs to.

        Parameters
        ----------
        traced
            Shape (minutes, spans).

        Returns
        -------
        np.ndarray
            Shape (minutes,).
        """
        span = np.searchsorted(self.firsts, np.arange(len(traced)), side="right") - 1
        return np.asarray(traced[np.arange(len(traced)), span])


def fit(telemetry: Telemetry, wanted: np.ndarray, bad_ratio: np.ndarray, allowed_bad_ratio: float) -> Fit:
    """Hold what was replayed against what happened.

    Parameters
    ----------
    wanted, bad_ratio
        Instances paid for and share of bad requests as replayed, shape (minutes,).
    """
    paid, good, rate = telemetry.desired, telemetry.get("slo_good_ratio"), telemetry.get("requests_per_second")
    costed = np.isfinite(paid)
    judged = np.isfinite(good) & np.isfinite(rate)

    def burns(minutes: slice) -> tuple[float, float] | None:
        known = judged[minutes]
        requests = rate[minutes][known]
        budget = requests.sum() * allowed_bad_ratio
        if known.sum() < LEAST_MINUTES or budget <= 0:
            return None
        observed = ((1.0 - np.minimum(good[minutes][known], 1.0)) * requests).sum() / budget
        return float(observed), float((bad_ratio[minutes][known] * requests).sum() / budget)

    whole = burns(slice(None)) or (np.nan, np.nan)
    real = paid[costed].sum()
    cost_error = wanted[costed].sum() / real - 1.0 if real > 0 else np.nan
    return Fit(float(cost_error), *whole, burns(slice(-MINUTES_PER_DAY, None)))

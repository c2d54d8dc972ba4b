"""Hold the last prediction against what was measured since."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.tune.learning.outcome import Seen, judge
from ai_ops.twin.abnormal import abnormal_minutes
from ai_ops.twin.calibration import price_paid
from ai_ops.twin.telemetry import MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.platform import Platform
    from ai_ops.domain.prediction import Outcome
    from ai_ops.tune.learning.learned import Pending
    from ai_ops.twin.telemetry import Telemetry


EARLY = timedelta(minutes=90)
"""A run that comes this much before the end of a horizon judges it: the next one may be a day away."""


def outcomes(
    pending: Sequence[Pending], telemetry: Telemetry, platform: Platform, now: datetime
) -> tuple[Outcome, ...]:
    """Judge every prediction whose horizon is over; nothing before."""
    due = [one for one in pending if now >= _end(one) - EARLY]
    if not due:
        return ()
    abnormal = abnormal_minutes(telemetry)  # what is usual at which CPU shows in all of the days
    return tuple(_outcome(one, telemetry, abnormal, platform, now) for one in due)


def _end(pending: Pending) -> datetime:
    return pending.live_since + timedelta(hours=pending.prediction.horizon_hours)


def _outcome(
    pending: Pending, telemetry: Telemetry, abnormal: np.ndarray, platform: Platform, now: datetime
) -> Outcome:
    prediction = pending.prediction
    first = max(0, round((pending.live_since - telemetry.start) / MINUTE))
    past_end = min(round((_end(pending) - telemetry.start) / MINUTE), telemetry.minutes)
    span, elsewhere = telemetry.between(first, past_end), abnormal[first:past_end]
    seen = _seen(span, elsewhere, platform, prediction.horizon_hours * 60.0)
    return judge(prediction, seen, is_live_change=pending.is_live_change, judged_at=now)


def burn_of(telemetry: Telemetry, allowed_bad_ratio: float, among: np.ndarray | None = None) -> float | None:
    """Share of the span's own error budget that was spent; None where nothing was measured.

    Parameters
    ----------
    among
        Minutes whose bad requests count, boolean, shape (minutes,); all when None.
    """
    good, rate = telemetry.get("slo_good_ratio"), telemetry.get("requests_per_second")
    known = np.isfinite(good) & np.isfinite(rate) & (rate > 0)
    if not known.any():
        return None
    counted = known if among is None else known & among
    bad = ((1.0 - np.clip(good[counted], 0.0, 1.0)) * rate[counted]).sum()
    return float(bad / (rate[known].sum() * allowed_bad_ratio))


def _seen(span: Telemetry, elsewhere: np.ndarray, platform: Platform, minutes: float) -> Seen:
    wanted, rate, good = span.desired, span.get("requests_per_second"), span.get("slo_good_ratio")
    price, doubts = price_paid(span, platform)
    cost = wanted * price if doubts else span.get("cost_per_hour")
    known = np.isfinite(rate) & np.isfinite(good)
    return Seen(
        cost_per_hour=float(np.nanmean(cost)) if np.isfinite(cost).any() else None,
        burn=burn_of(span, platform.allowed_bad_ratio),
        requests_per_second=float(np.nanmean(rate)) if np.isfinite(rate).any() else None,
        measured_ratio=float(known.sum()) / minutes,
        burn_elsewhere=burn_of(span, platform.allowed_bad_ratio, elsewhere) or 0.0,
    )

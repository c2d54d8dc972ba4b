"""Whether the metrics that tell of users agree: a promise that only one of them sees kept is not known to be kept.

The share of good requests decides over everything. Somebody who falsifies it, or a query that counts the wrong
requests, would have the agent save where users suffer. The latency and the errors come by other queries, and betray it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.domain.platform import Platform
    from ai_ops.twin.telemetry import Telemetry

LATE_SHARE = 0.05
"""When the 95th percentile lies beyond the promise, at least so many requests were late."""

LATENCY_ROOM = 1.25
"""A percentile is read from buckets, or noisy: only this far beyond the promise it says something for sure."""

HIDDEN_BURN = 0.2
"""A fifth of the error budget; less may be bad luck, coarse buckets, or requests that nobody promised anything of."""


CONFIRMED_SHARE = 0.5
"""Of the spent error budget, what minutes must have spent in which something else was unusual as well."""

SLOW_FACTOR, BUSY_PERCENT = 1.2, 85.0
"""A 95th percentile this far above its median is no noise; at this CPU requests wait for each other."""


def contradiction(telemetry: Telemetry, platform: Platform) -> str | None:
    """Say that latency and errors tell of bad requests which the share of good ones does not show, or None."""
    rate, good = telemetry.get("requests_per_second"), telemetry.get("slo_good_ratio")
    latency, errors = telemetry.get("latency_p95_ms"), telemetry.get("error_percent")
    late = np.where(latency > LATENCY_ROOM * platform.slo_ms, LATE_SHARE, 0.0)
    told = np.maximum(late, np.nan_to_num(errors) / 100.0)
    known = np.isfinite(rate) & np.isfinite(good)
    budget = float(rate[known].sum()) * platform.allowed_bad_ratio
    hidden = np.maximum(told - (1.0 - good), 0.0)[known]
    burn = float((hidden * rate[known]).sum()) / budget if budget > 0 else 0.0
    if burn <= HIDDEN_BURN:
        return None
    return (
        "the metrics contradict each other: latency and errors tell of bad requests that slo_good_ratio does not "
        f"show, {burn:.1f} of the error budget; let all three measure the same requests"
    )


def unconfirmed(telemetry: Telemetry, platform: Platform) -> str | None:
    """Say that only the share of good requests tells of a broken promise, or None.

    One falsified metric must not buy instances without limit: latency, errors or a busy CPU have to say so as well
    (H03). Where the latency was not measured nothing can be asked of it.
    """
    rate, good = telemetry.get("requests_per_second"), telemetry.get("slo_good_ratio")
    latency, errors = telemetry.get("latency_p95_ms"), np.nan_to_num(telemetry.get("error_percent"))
    if not np.isfinite(latency).any():
        return None
    known = np.isfinite(rate) & np.isfinite(good)
    spent = np.where(known, (1.0 - good) * rate, 0.0)
    slow = latency > min(SLOW_FACTOR * float(np.nanmedian(latency)), platform.slo_ms)
    failing = errors > 100.0 * platform.allowed_bad_ratio
    confirmed = slow | failing | (telemetry.get("cpu_percent") > BUSY_PERCENT)
    share = float(spent[confirmed].sum() / spent.sum()) if spent.sum() > 0 else 1.0
    if share >= CONFIRMED_SHARE:
        return None
    return (
        f"only slo_good_ratio tells of a broken promise: latency, errors and CPU were as usual for {1.0 - share:.0%} "
        "of the bad requests, so nothing is changed in a hurry; check how good requests are counted"
    )

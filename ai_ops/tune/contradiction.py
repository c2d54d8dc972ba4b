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

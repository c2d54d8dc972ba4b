"""Where a formula and `budget_burn` agree, and where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from ai_ops.reward.trial import Tried

DIGITS = 12
"""Rewards are equal when they differ behind this many decimals: rounding makes no rank."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One episode that the two see differently; rank 1 is the best, equals share the middle of their ranks."""

    tried: Tried
    rank: float
    default_rank: float


def rank_correlation(tried: Sequence[Tried]) -> float | None:
    """Spearman's rank correlation with `budget_burn`, -1 to 1; None where one of the two says always the same."""
    import numpy as np

    ranks = _ranks([one.value for one in tried]), _ranks([one.default_value for one in tried])
    if any(np.ptp(one) == 0 for one in ranks if one.size) or len(tried) < 2:  # noqa: PLR2004  # a pair has an order
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def disagreements(tried: Sequence[Tried], most: int = 3) -> tuple[Disagreement, ...]:
    """The episodes whose ranks differ most, the largest difference first; none where they agree."""
    ranks = _ranks([-one.value for one in tried]), _ranks([-one.default_value for one in tried])
    rows = [Disagreement(one, float(own), float(other)) for one, own, other in zip(tried, *ranks, strict=True)]
    rows.sort(key=lambda row: abs(row.rank - row.default_rank), reverse=True)
    return tuple(row for row in rows[:most] if row.rank != row.default_rank)


def _ranks(values: Sequence[float]) -> np.ndarray:
    """Rank of each value from 1, shape (n,); the smallest is first, equals share the mean of their ranks."""
    from scipy.stats import rankdata

    return rankdata([round(value, DIGITS) for value in values])  # type: ignore[no-any-return]

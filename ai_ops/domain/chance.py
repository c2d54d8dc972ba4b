"""What chance alone makes of a loss."""

from __future__ import annotations

from math import log, pi, sqrt

MEAN_OF_CHANCE = sqrt(pi / 2.0) * log(2.0)
"""Mean of the Kolmogorov distribution."""


def loss_of_chance(rows: int) -> float:
    """Kolmogorov distance that a perfect model shows on average on so many independent rows, at most 1.

    >>> [round(loss_of_chance(rows), 3) for rows in (48, 504, 4032)]
    [0.125, 0.039, 0.014]
    """
    return min(1.0, MEAN_OF_CHANCE / sqrt(rows)) if rows else 1.0

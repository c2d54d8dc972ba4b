"""A figure in words, as long as it means anything to a reader."""

from __future__ import annotations

MOST_IN_FULL = 1e4
"""Above it three digits say all that anybody reads."""


def figure(value: float, decimals: int = 1) -> str:
    """Write `value` with so many decimals, or with three digits where it is great.

    >>> figure(12.345), figure(12.345, 2), figure(-3.9e160)
    ('12.3', '12.35', '-3.9e+160')
    """
    return f"{value:.{decimals}f}" if abs(value) < MOST_IN_FULL else f"{value:.3g}"

"""A figure in words, as long as it means anything to a reader."""

from __future__ import annotations

MOST_IN_FULL = 1e4
"""Above it three digits say all that anybody reads."""

_MOST_DECIMALS = 9


def figure(value: float, decimals: int = 1) -> str:
    """Write `value` with so many decimals, or with three digits where it is great; nothing is ever "-0.0".

    >>> figure(12.345), figure(12.345, 2), figure(-3.9e160), figure(-0.04)
    ('12.3', '12.35', '-3.9e+160', '0.0')
    """
    text = f"{value:.{decimals}f}" if abs(value) < MOST_IN_FULL else f"{value:.3g}"
    return text if text.strip("-0.") else text.removeprefix("-")


def above(value: float, decimals: int = 1) -> str:
    """Write by how much one thing is above another.

    >>> above(12.41), above(-3.14), above(-0.01)
    ('+12.4', '-3.1', '+0.0')
    """
    text = figure(value, decimals)
    return text if text.startswith("-") else f"+{text}"


def apart(value: float, limit: float, decimals: int = 1) -> str:
    """Write `value` with at least so many decimals, and as many more as show on which side of `limit` it lies.

    >>> apart(69.97, 70.0, 0), apart(80.03, 80.0), apart(12.0, 70.0, 0)
    ('69.97', '80.03', '12')
    """
    for digits in range(decimals, _MOST_DECIMALS):
        text = figure(value, digits)
        if (float(text) > limit, float(text) < limit) == (value > limit, value < limit):
            return text
    return repr(value)

"""Numbers where there is little room."""

from __future__ import annotations

_THOUSANDS = (("G", 1e9), ("M", 1e6), ("k", 1e3))
IN_FULL_BELOW = 1e4
DIGITS_BELOW = 100.0


def short(value: float) -> str:
    """Write three digits of `value`, and thousands as k, M and G from ten thousand on.

    >>> short(182.43), short(0.26954), short(1204.2), short(64460.0), short(0.0)
    ('182', '0.27', '1204', '64.5k', '0')
    """
    for letter, size in _THOUSANDS if abs(value) >= IN_FULL_BELOW else ():
        if abs(value) >= size:
            return f"{short(value / size)}{letter}"
    return f"{value:.0f}" if abs(value) >= DIGITS_BELOW else f"{value:.3g}"

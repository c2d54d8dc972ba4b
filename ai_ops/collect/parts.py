"""How much a server is asked at once: no more points than it answers, and half of what it cannot compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.metrics import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

POINTS_MAX = 11_001
"""Prometheus answers as long as (end - start) / step <= 11,000; counted with both ends that is one point more."""


def requests_for(window: Window) -> int:
    """How many requests `window` takes."""
    return -(-window.points // POINTS_MAX)


def parts(window: Window) -> Iterator[Window]:
    """Cut `window` into parts that a server answers at once; half-open parts share no point."""
    reach = POINTS_MAX * window.step
    for number in range(requests_for(window)):
        start = window.start + number * reach
        yield Window(start, min(start + reach, window.end), window.step)


def halves(window: Window) -> tuple[Window, Window]:
    """Cut `window`, of two points at least, in the middle."""
    middle = window.start + window.points // 2 * window.step
    return Window(window.start, middle, window.step), Window(middle, window.end, window.step)

"""Between which utilisations a service is as it should be, and what a mean outside of that is worth (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import SCALE_IN, SCALE_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.tuning import Knob, Thresholds

IDLE_SCORE = 50.0
"""What utilisation of nothing is worth: it costs money, and no user anything."""

MEMORY_SCALE_OUT = "memory_scale_out_percent"

USUAL = {SCALE_IN: 30.0, SCALE_OUT: 80.0, MEMORY_SCALE_OUT: 85.0}
"""Where nobody says anything: the thresholds that the settings file of the product starts with, percent."""


@dataclass(frozen=True, slots=True)
class Band:
    """From where to where, percent, 0 <= low <= high <= 100; `whence` is who says so."""

    low: float
    high: float
    whence: str

    @property
    def in_words(self) -> str:
        """From where to where, and who says so."""
        return f"{self.low:g} to {self.high:g} %, {self.whence}"


def target_bands(thresholds: Thresholds | None, knobs: Mapping[str, Knob]) -> dict[str, Band]:
    """The bands of "cpu" and "memory"; no memory is too little, since nothing scales in because of it.

    A threshold that the file does not hold may be anywhere within its bounds: the band then is as wide as they are.

    Parameters
    ----------
    thresholds
        As they stand; None where the file could not be read.
    knobs
        By name, with their bounds.
    """
    low, whence_low = _edge(SCALE_IN, thresholds, knobs, is_lower=True)
    high, whence_high = _edge(SCALE_OUT, thresholds, knobs)
    memory, whence = _edge(MEMORY_SCALE_OUT, thresholds, knobs)
    whences = dict.fromkeys((whence_low, whence_high))
    return {"cpu": Band(min(low, high), high, ", ".join(whences)), "memory": Band(0.0, memory, whence)}


def _edge(
    name: str, thresholds: Thresholds | None, knobs: Mapping[str, Knob], *, is_lower: bool = False
) -> tuple[float, str]:
    """Where the band ends, within 0 and 100 percent, and who says so."""
    if thresholds is not None and name in thresholds.numbers:
        value, whence = thresholds.numbers[name], f"{name} as it stands"
    elif name in knobs:
        value, whence = (knobs[name].minimum if is_lower else knobs[name].maximum), f"the bounds of {name}"
    else:
        value, whence = USUAL[name], f"{name} as is usual"
    return min(100.0, max(0.0, value)), whence


def band_score(percent: float, band: Band) -> float:
    """Score a mean utilisation: 100 inside of the band, falling in straight lines to 0 at 100 % and to 50 at 0 %.

    >>> band = Band(30.0, 80.0, "")
    >>> [band_score(percent, band) for percent in (0.0, 15.0, 30.0, 80.0, 90.0, 100.0)]
    [50.0, 75.0, 100.0, 100.0, 50.0, 0.0]
    """
    used = min(100.0, max(0.0, percent))
    if used < band.low:
        return IDLE_SCORE + (100.0 - IDLE_SCORE) * used / band.low
    return 100.0 if used <= band.high else 100.0 * (100.0 - used) / (100.0 - band.high)

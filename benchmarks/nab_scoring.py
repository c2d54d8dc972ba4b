"""The score of the Numenta Anomaly Benchmark, computed by our own code, with an exact sweep over all thresholds.

The rules are those of Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms" (ICMLA 2015), as
numenta/NAB at commit ea702d75 applies them: the earliest alarm in a window earns up to 1, a missed window costs,
every alarm row outside costs more the further it is from the window before it, one threshold holds for all files.

Lowering the threshold past a row's score adds a fixed amount to the total, whatever the other files do. So each row
gets its gain once; a sweep, over all files or over any half of them, is then one cumulative sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROBATION_RATIO, PROBATION_ROWS = 0.15, 750
"""The start of a file, learned from and never scored: this share of its rows, at most so many."""

FAR_WIDTHS = 3.0
"""An alarm further behind a window than this many of its widths costs in full."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a false alarm and a missed window cost, beside the 1 that a window found at its first row earns."""

    name: str
    false_alarm: float
    miss: float


PROFILES = (Profile("standard", 0.11, 1.0), Profile("low FP", 0.22, 1.0), Profile("low FN", 0.11, 2.0))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One file: its rows and its windows.

    Parameters
    ----------
    name, category
        The file, and the folder that it lies in.
    timestamps
        Shape (n,), datetime64.
    values
        Shape (n,), float64; a gap is NaN.
    windows
        First and last row of each labelled window, inclusive, in order.
    """

    name: str
    category: str
    timestamps: np.ndarray
    values: np.ndarray
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """How thresholds from random halves did on the other halves, normalised scores."""

    mean: float
    sd: float
    lowest: float
    highest: float


def probation(rows: int) -> int:
    """How many rows at the start of a file are not scored.

    >>> probation(100), probation(10_000)
    (15, 750)
    """
    return int(min(PROBATION_RATIO * rows, PROBATION_ROWS))


def sigmoid(position: np.ndarray) -> np.ndarray:
    """Worth of an alarm by its position in widths: 0 at a window's end, near 1 at its start, -1 far behind it.

    >>> sigmoid(np.array([0.0, 3.5])).tolist()
    [0.0, -1.0]
    """
    shape = 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, FAR_WIDTHS))) - 1.0
    return np.where(position > FAR_WIDTHS, -1.0, shape)


def row_worths(rows: int, windows: Sequence[tuple[int, int]], profile: Profile) -> tuple[np.ndarray, np.ndarray]:
    """What an alarm at each row is worth, and the window that the row lies in (-1: none); both of shape (rows,)."""
    at = np.arange(rows)
    worth, inside = np.full(rows, -profile.false_alarm), np.full(rows, -1)
    for window, (first, last) in enumerate(windows):
        width = last - first + 1
        after = at > last  # a later window overwrites what this one says of the rows behind it
        worth[after] = profile.false_alarm * sigmoid((at[after] - last) / max(width - 1, 1))
        within = (at >= first) & (at <= last)
        worth[within] = sigmoid(-(last - at[within] + 1) / width) / sigmoid(np.array(-1.0))
        inside[within] = window
    return worth, inside


def gains(scores: np.ndarray, windows: Sequence[tuple[int, int]], profile: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the rows that count, and what the total gains when the threshold falls to each; NaN never alarms."""
    worth, inside = row_worths(scores.size, windows, profile)
    counted = np.isfinite(scores) & (np.arange(scores.size) >= probation(scores.size))
    seen, gained = [scores[counted & (inside < 0)]], [worth[counted & (inside < 0)]]
    for window in range(len(windows)):
        rows = np.flatnonzero(counted & (inside == window))
        falling = rows[np.argsort(-scores[rows], kind="stable")]
        best = np.maximum.accumulate(worth[falling])
        seen.append(scores[falling])
        gained.append(np.diff(best, prepend=-profile.miss))
    return np.concatenate(seen), np.concatenate(gained)


class Sweep:
    """Every threshold of one detector at once, for one profile.

    Parameters
    ----------
    files
        The corpus.
    scores
        By file name, shape (n,), higher is more unusual; NaN or -inf never alarms.
    """

    def __init__(self, files: Sequence[Labelled], scores: Mapping[str, np.ndarray], profile: Profile) -> None:
        parts = [gains(np.asarray(scores[file.name], dtype=float), file.windows, profile) for file in files]
        owner = np.repeat(np.arange(len(files)), [part[0].size for part in parts])
        seen, gained = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
        order = np.argsort(-seen, kind="stable")
        self._seen, self._gained, self._owner = seen[order], gained[order], owner[order]
        self._perfect = np.array([len(_reachable(file)) * (1.0 + profile.miss) for file in files])

    def best(self, chosen: np.ndarray) -> tuple[float, float]:
        """Best threshold for the chosen files (shape (files,), bool) and the score there; inf when silence is best."""
        mine = chosen[self._owner]
        seen = self._seen[mine]
        total = np.cumsum(self._gained[mine])
        ends = np.flatnonzero(np.append(seen[:-1] != seen[1:], np.full(min(seen.size, 1), fill_value=True)))
        if not ends.size or total[ends].max() <= 0.0:
            return np.inf, 0.0
        top = ends[np.argmax(total[ends])]
        return float(seen[top]), self._normalised(total[top], chosen)

    def at(self, threshold: float, chosen: np.ndarray) -> float:
        """Score of the chosen files at a threshold; a score equal to it is an alarm."""
        counts = chosen[self._owner] & (self._seen >= threshold)
        return self._normalised(self._gained[counts].sum(), chosen)

    def carried(self, halves: Sequence[np.ndarray]) -> Carried:
        """Threshold from each half, applied to the files outside of it."""
        scores = np.array([self.at(self.best(half)[0], ~half) for half in halves])
        return Carried(float(scores.mean()), float(scores.std(ddof=1)), float(scores.min()), float(scores.max()))

    def _normalised(self, gained: float, chosen: np.ndarray) -> float:
        """100 is perfect, 0 is silence; NaN where there is nothing to find."""
        perfect = self._perfect[chosen].sum()
        return float(100.0 * gained / perfect) if perfect else float("nan")


def _reachable(file: Labelled) -> list[tuple[int, int]]:
    """Windows that do not end before scoring begins."""
    return [window for window in file.windows if window[1] >= probation(file.values.size)]


def stratified_halves(categories: Sequence[str], count: int, seed: int) -> list[np.ndarray]:
    """Random halves of the files, half of each category in each; an odd one out falls to either side.

    Returns masks of shape (files,), bool.
    """
    rng = np.random.default_rng(seed)
    names = np.array(categories)
    halves = []
    for _ in range(count):
        half = np.zeros(names.size, dtype=bool)
        for category in sorted(set(categories)):
            members = rng.permutation(np.flatnonzero(names == category))
            half[members[: (members.size + int(rng.integers(2))) // 2]] = True
        halves.append(half)
    return halves


def leading_edge(scores: np.ndarray, rows: int = 100) -> np.ndarray:
    """Keep a score only where it exceeds all of the `rows` before it: one alarm, not a page per row.

    >>> leading_edge(np.array([1.0, 3.0, 2.0, 3.0, 4.0]), rows=2).tolist()
    [1.0, 3.0, -inf, -inf, 4.0]
    """
    filled = np.where(np.isfinite(scores), scores, -np.inf)
    padded = np.concatenate([np.full(rows, -np.inf), filled[:-1]])
    before = np.lib.stride_tricks.sliding_window_view(padded, rows).max(axis=1)
    return np.where(filled > before, filled, -np.inf)

"""Drift of the model: how often it is seen where there is none, and how soon a small one is found.

Made-up services whose rows are 10 minutes apart: five metrics, the distance of a row from the Gaussian of the training
as its score, how many metrics were measured, and the hour. The reference is two weeks, a window the next 1,000 rows.
Null: windows in which nothing has changed, and any of the eight features is named. Found: from a random row of the
first window on, one metric lies half a standard deviation higher; it is named at the end of the first or the second
window, or never.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from ai_ops.learn.drift.distances import p_value  # noqa: E402  # a benchmark is run as a file
from ai_ops.learn.drift.drift import ALPHA, ROWS, drift_of  # noqa: E402
from ai_ops.learn.drift.features import Features, features_of  # noqa: E402
from ai_ops.learn.drift.reference import reference_of  # noqa: E402

if TYPE_CHECKING:
    from ai_ops.domain.model_drift import DriftReport, FeatureDrift

STEP_SECONDS = 600
DAY_ROWS = 144
TRAINING_ROWS = 14 * DAY_ROWS
METRICS = ("cpu_percent", "memory_percent", "latency_p95_ms", "error_percent", "requests_per_second")
MOVED = 2
"""The latency is what moves."""

CONCERNED = {METRICS[MOVED], "score"}
"""Where one metric moves, so does the score of the row."""

BURN_IN = 1000
"""Rows until an autoregressive series has forgotten where it began."""

ALARMS_IN_TRAINING = 0.005
MISSING = 0.01
WEEKEND = 0.5
"""A weekend's traffic, as a share of that of a working day."""


@dataclass(frozen=True, slots=True)
class Case:
    """How the rows of a service resemble each other.

    Parameters
    ----------
    phi
        Autocorrelation of neighbouring rows, of a process of first order.
    season
        Amplitude of the day, in standard deviations of the noise.
    has_weekends
        Whether weekends are quieter.
    is_common
        Whether half of every metric's variance is the same in all.
    is_heavy
        Whether values have the tail of a lognormal distribution.
    """

    name: str
    phi: float = 0.0
    season: float = 0.0
    has_weekends: bool = False
    is_common: bool = False
    is_heavy: bool = False


CASES = (
    Case("independent"),
    Case("AR(1) 0.3", phi=0.3),
    Case("AR(1) 0.6", phi=0.6),
    Case("AR(1) 0.8", phi=0.8),
    Case("AR(1) 0.9", phi=0.9),
    Case("AR(1) 0.99", phi=0.99),
    Case("metrics alike, 0.6", phi=0.6, is_common=True),
    Case("heavy tails, 0.6", phi=0.6, is_heavy=True),
    Case("daily season", season=2.0),
    Case("daily season, 0.6", phi=0.6, season=2.0),
    Case("daily season, 0.9", phi=0.9, season=2.0),
    Case("weekends, 0.6", phi=0.6, season=2.0, has_weekends=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case; rates with the worse end of their 95 % interval."""

    case: str
    trials: int
    effective_rows: float
    false_alarms: float
    false_alarms_at_most: float
    naive_false_alarms: float
    found_in_first: float
    found: float
    found_at_least: float
    nothing_else: float
    hours_off: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What was reported of one service: with nothing changed, and at the end of two windows with a shift."""

    quiet: DriftReport
    moved: tuple[DriftReport, DriftReport]
    shifted_at: float

    def window(self) -> int:
        """Which window found it: 1 or 2, or 0 for none."""
        return next((n for n, report in enumerate(self.moved, 1) if METRICS[MOVED] in _names(report)), 0)


def main() -> None:
    """Measure every case, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--trials", metavar="N", type=int, default=500, help="services of each kind (default 500)")
    parser.add_argument("--sigmas", metavar="X", type=float, default=0.5, help="size of the shift (default 0.5)")
    parser.add_argument("--seed", metavar="N", type=int, default=1)
    parser.add_argument("--case", metavar="NAME", choices=[one.name for one in CASES], nargs="*", help="only these")
    wish = parser.parse_args()
    rows = []
    print(HEAD)
    for case in (one for one in CASES if wish.case is None or one.name in wish.case):
        rows.append(measure(case, wish.trials, wish.sigmas, wish.seed))
        print(line(rows[-1]), flush=True)
    if wish.json:
        wish.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


def measure(case: Case, trials: int, sigmas: float, seed: int) -> Row:
    """Simulate so many services of one kind."""
    seen = [trial(case, sigmas, np.random.default_rng([seed, number])) for number in range(trials)]
    false_alarms, found = (
        _share([bool(_names(one.quiet)) for one in seen]),
        _share([one.window() > 0 for one in seen]),
    )
    first = [one for one in seen if one.window() == 1]
    return Row(
        case=case.name,
        trials=trials,
        effective_rows=float(np.median([_moved(one.quiet).effective_rows for one in seen])),
        false_alarms=false_alarms,
        false_alarms_at_most=_interval(false_alarms, trials)[1],
        naive_false_alarms=_share([is_named_naively(one.quiet) for one in seen]),
        found_in_first=len(first) / trials,
        found=found,
        found_at_least=_interval(found, trials)[0],
        nothing_else=_share([_names(one.moved[1]) <= CONCERNED for one in seen]),
        hours_off=float(np.median([hours_off(one) for one in first])) if first else None,
    )


def trial(case: Case, sigmas: float, rng: np.random.Generator) -> Trial:
    """One service: two weeks of training, then two windows, once as they are and once with a shift."""
    size = TRAINING_ROWS + 2 * ROWS
    times = (int(rng.integers(DAY_ROWS * 7)) + np.arange(size)) * float(STEP_SECONDS)
    values = made_up(case, times, rng)
    shifted_at = TRAINING_ROWS + int(rng.integers(ROWS))
    shifted = values.copy()
    shifted[shifted_at:, MOVED] += sigmas * np.nanstd(values[:TRAINING_ROWS, MOVED])
    before, after = (_features(times, one) for one in (values, shifted))
    reference = reference_of(_until(before, TRAINING_ROWS))
    first = TRAINING_ROWS + ROWS
    return Trial(
        quiet=drift_of(reference, _until(before, first)),
        moved=(drift_of(reference, _until(after, first)), drift_of(reference, after)),
        shifted_at=float(times[shifted_at]),
    )


def made_up(case: Case, times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of the five metrics, shape (n, 5)."""
    noise = _autoregressive(case.phi, times.size, len(METRICS) + 1, rng)
    values = (noise[:, :-1] + noise[:, -1:]) / np.sqrt(2.0) if case.is_common else noise[:, :-1]
    if case.is_heavy:
        values = np.exp(values)
    values = values + case.season * _day(times, has_weekends=case.has_weekends)[:, None]
    return np.where(rng.random(values.shape) < MISSING, np.nan, values)


def _autoregressive(phi: float, size: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Stationary processes of first order with variance 1."""
    from scipy.signal import lfilter

    shocks = rng.normal(size=(size + BURN_IN, columns)) * np.sqrt(1.0 - phi**2)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks, axis=0)[BURN_IN:])


def _day(times: np.ndarray, *, has_weekends: bool) -> np.ndarray:
    day = 1.0 + np.sin(2.0 * np.pi * times / 86_400.0)
    is_weekend = (times // 86_400.0 - 4.0) % 7.0 >= 5.0  # noqa: PLR2004  # the epoch began on a Thursday
    return np.asarray(np.where(is_weekend & has_weekends, WEEKEND * day, day))


def _features(times: np.ndarray, values: np.ndarray) -> Features:
    """With the distance from the Gaussian of the training for a score, 1 at what the training rarely exceeds."""
    centred = np.nan_to_num(values - np.nanmean(values[:TRAINING_ROWS], axis=0))
    precision = np.linalg.inv(np.cov(centred[:TRAINING_ROWS].T))
    distance = np.sqrt(np.einsum("ni,ij,nj->n", centred, precision, centred))
    scores = distance / np.quantile(distance[:TRAINING_ROWS], 1.0 - ALARMS_IN_TRAINING)
    return features_of(times, METRICS, values, scores)


def _until(features: Features, end: int) -> Features:
    return Features(features.names, features.times[:end], features.values[:end])


def is_named_naively(report: DriftReport) -> bool:
    """Whether any feature is significant when every row counts as an independent one."""
    from scipy.stats import false_discovery_control

    naive = [p_value(one.ks, one.rows, TRAINING_ROWS) for one in report.features]
    return bool((false_discovery_control(naive, method="by") <= ALPHA).any())


def hours_off(one: Trial) -> float:
    """How far from the truth the beginning was dated, in hours."""
    since = _moved(one.moved[0]).since
    return abs(since.timestamp() - one.shifted_at) / 3600.0 if since else float("nan")


def _moved(report: DriftReport) -> FeatureDrift:
    return next(one for one in report.features if one.feature == METRICS[MOVED])


def _names(report: DriftReport) -> set[str]:
    return {one.feature for one in report.drifted}


def _share(yes: list[bool]) -> float:
    return sum(yes) / len(yes)


def _interval(share: float, trials: int) -> tuple[float, float]:
    """Wilson's interval of a share, 95 %."""
    from scipy.stats import binomtest

    low, high = binomtest(round(share * trials), trials).proportion_ci(method="wilson")
    return float(low), float(high)


COLUMNS = (
    "rows",
    "1,000 are worth",
    "false alarms",
    "the same, taken as 1,000",
    "found in the 1st window",
    "found within 2",
    "nothing else named",
    "beginning, median",
)
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def line(row: Row) -> str:
    """One case as a row of the table."""
    off = "-" if row.hours_off is None else f"{row.hours_off:.0f} h off"
    return (
        f"| {row.case} | {row.effective_rows:.0f} | {row.false_alarms:.1%} (at most {row.false_alarms_at_most:.1%}) "
        f"| {row.naive_false_alarms:.0%} | {row.found_in_first:.0%} "
        f"| {row.found:.0%} (at least {row.found_at_least:.0%}) | {row.nothing_else:.1%} | {off} |"
    )


if __name__ == "__main__":
    main()

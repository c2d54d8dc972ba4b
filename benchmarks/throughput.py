"""Seconds to judge a million points on one thread: us beside pandas, statsmodels and PyOD, in the same run.

A fleet of made-up series, two weeks at five minutes. `both alarms` is `judge`, which decides what a person is told of a
block of rows. The six detectors that stand by name in a finding are asked only where it raised one; their row says what
it would cost to ask them always. The forecast has a row of its own, because it is made once per series. Slow peers see
a few of the series, and their time is scaled. Everything runs once before it is timed, so that nothing is charged for
compiling; then the best of several repeats counts, in CPU seconds, which other programs on the machine hardly change.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS")
os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # read when numpy is imported, so it comes first

import numpy as np  # noqa: E402
from kpis import web_metric  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

STEP_SECONDS, DAYS = 300.0, 14.0
PERIOD = 288
BLOCK_ROWS = 150
TARGET, STRETCH = 0.10, 0.05
OURS = "ours: both alarms"
BY_NAME = "ours: the six detectors by name"
START = datetime(2026, 3, 2, tzinfo=UTC)
HOW_TO_INSTALL = "PyOD is not installed, so its rows are left out: python -m pip install pyod matplotlib"


@dataclass(frozen=True, slots=True)
class Runner:
    """One row of the table: what runs over values of shape (rows, n), and over how many of the rows at most."""

    name: str
    run: Callable[[np.ndarray], object]
    rows: int


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--series", metavar="N", type=int, default=250, help="in the fleet (default 250)")
    parser.add_argument("--days", metavar="N", type=float, default=DAYS, help="of each series (default 14)")
    parser.add_argument("--repeats", metavar="N", type=int, default=5, help="the best of so many (default 5)")
    parser.add_argument("--stl-series", metavar="N", type=int, default=2, help="that STL sees (default 2)")
    wish = parser.parse_args()
    warnings.simplefilter("ignore")  # a peer's advice belongs to whoever uses it
    runners = [*our_runners(), *pandas_runners(), *statsmodels_runners(wish.stl_series), *pyod_runners()]
    figures = measure(fleet(wish.series, wish.days), runners, max(1, wish.repeats))
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def fleet(rows: int, days: float) -> np.ndarray:
    """Requests of so many services, shape (rows, n)."""
    made = [web_metric(np.random.default_rng([1, i]), "requests", STEP_SECONDS, days).values for i in range(rows)]
    return np.stack(made)


def our_runners() -> Iterator[Runner]:
    """Our detectors, in blocks as a scan of a fleet takes them, and the forecast."""
    from ai_ops.detect.floors import plain_floor
    from ai_ops.detect.forecast.forecast import forecast
    from ai_ops.detect.judge import judge
    from ai_ops.domain.metrics import Panel, Series
    from ai_ops.wiring.detection import WITNESSES

    step = timedelta(seconds=STEP_SECONDS)

    def panels(values: np.ndarray) -> Iterator[Panel]:
        for first in range(0, len(values), BLOCK_ROWS):
            block = values[first : first + BLOCK_ROWS]
            yield Panel("requests_per_second", tuple(map(str, range(len(block)))), START, step, block)

    def judged(values: np.ndarray) -> None:
        for panel in panels(values):
            judge(panel)

    def by_name(values: np.ndarray) -> None:
        for panel in panels(values):
            floor = plain_floor(panel.values, step)
            for detector in WITNESSES:
                detector.score(panel, floor)

    def forecasts(values: np.ndarray) -> None:
        for row in values:
            forecast(Series("requests_per_second", START, step, row))

    yield Runner(OURS, judged, sys.maxsize)
    yield Runner(BY_NAME, by_name, BLOCK_ROWS)
    yield Runner("ours: the forecast", forecasts, 50)


def pandas_runners() -> Iterator[Runner]:
    """What most people would write."""
    import pandas as pd

    def per_series(values: np.ndarray) -> None:
        for row in values:
            series = pd.Series(row)
            series.ewm(span=20).mean()
            day = series.rolling(PERIOD)
            (series - day.mean()) / day.std()

    def whole_frame(values: np.ndarray) -> None:
        frame = pd.DataFrame(values.T)
        frame.ewm(span=20).mean()
        day = frame.rolling(PERIOD)
        (frame - day.mean()) / day.std()

    yield Runner("pandas EWMA + z, series by series", per_series, sys.maxsize)
    yield Runner("pandas EWMA + z, one frame", whole_frame, sys.maxsize)


def statsmodels_runners(stl_series: int) -> Iterator[Runner]:
    """Decompositions of a day."""
    from statsmodels.tsa.seasonal import STL, seasonal_decompose

    def decompose(values: np.ndarray) -> None:
        for row in values:
            seasonal_decompose(row, period=PERIOD)

    def loess(values: np.ndarray) -> None:
        for row in values:
            STL(row, period=PERIOD).fit()

    yield Runner("statsmodels seasonal_decompose", decompose, 25)
    yield Runner("statsmodels STL", loess, stl_series)


def pyod_runners() -> Iterator[Runner]:
    """Its three fastest detectors, fitted on each series; nothing but a hint when it is not installed."""
    if importlib.util.find_spec("pyod") is None or importlib.util.find_spec("matplotlib") is None:
        print(HOW_TO_INSTALL, file=sys.stderr)
        return
    from pyod.models.ecod import ECOD
    from pyod.models.hbos import HBOS
    from pyod.models.mad import MAD

    def fitted(model: type) -> Callable[[np.ndarray], None]:
        def run(values: np.ndarray) -> None:
            for row in values:
                model().fit(row.reshape(-1, 1))

        return run

    for model in (MAD, HBOS, ECOD):
        yield Runner(f"PyOD {model.__name__}, warm", fitted(model), 50)


def measure(values: np.ndarray, runners: Sequence[Runner], repeats: int) -> dict[str, Any]:
    """Seconds per million points of each, and how many times ours that is."""
    results = {}
    for runner in runners:
        part = values[: runner.rows]
        runner.run(part[:1])
        cpu, wall = np.min([_seconds(runner, part) for _ in range(repeats)], axis=0) * 1e6 / part.size
        results[runner.name] = {"seconds_per_million": float(cpu), "wall": float(wall), "series": len(part)}
    ours = results[OURS]["seconds_per_million"]
    for one in results.values():
        one["times_ours"] = one["seconds_per_million"] / ours
    machine = {"python": sys.version.split()[0], "numpy": np.__version__, "load": round(os.getloadavg()[0], 2)}
    return {"machine": machine, "series": len(values), "points": values.shape[1], "repeats": repeats, "rows": results}


def _seconds(runner: Runner, values: np.ndarray) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    runner.run(values)
    return time.process_time() - cpu, time.perf_counter() - wall


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    machine = figures["machine"]
    yield (
        f"{figures['series']} series x {figures['points']} points, one thread, best of {figures['repeats']}; "
        f"Python {machine['python']}, numpy {machine['numpy']}, load {machine['load']}"
    )
    yield f"\n{'':<38}{'s / 1 M points':>15}{'wall':>9}{'times ours':>12}{'series':>8}"
    for name, one in figures["rows"].items():
        line = f"{name:<38}{one['seconds_per_million']:>15.3f}{one['wall']:>9.3f}"
        yield f"{line}{one['times_ours']:>12.2f}{one['series']:>8}"
    ours = figures["rows"][OURS]["seconds_per_million"]
    yield f"\nours: {ours:.3f} s per million points (wanted {TARGET:.2f}, better {STRETCH:.2f})"


if __name__ == "__main__":
    main()

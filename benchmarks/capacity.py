"""How well demand is foreseen: the next 48 hours and the next eight weeks, against what came a day or a week before.

At origins through each series the forecast sees only what came before, at most as many days as the agent keeps. The
busiest ten minutes of each of the next 48 hours are held against it, and the usual peak of each of the next weeks. Each
row says the mean absolute error by that of seasonal-naive in the same run (below 1 is better), the same for a week ago
and for a Holt-Winters model that statsmodels fits at every origin, and how often the interval for nine of ten held
what came.

Series are made up (`ai_ops/simulator/traffic.py`), and with `--data DIR` read from every CSV file there that has the
columns `timestamp` and `requests_per_second`: real ones hold incidents too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from ai_ops.domain.metrics import Series  # noqa: E402  # a benchmark is run as a file
from ai_ops.simulator.traffic import SHAPES  # noqa: E402
from ai_ops.twin.outlook.ahead import Ahead, ahead  # noqa: E402
from ai_ops.twin.outlook.demand import Demand, demand_of  # noqa: E402
from ai_ops.twin.outlook.outlook import REACH  # noqa: E402
from ai_ops.twin.outlook.weeks_ahead import WEEK, WEEKS_AHEAD, WeeksAhead, weekly_peaks, weeks_ahead  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY, HORIZON = 24, 48
APART = 29
"""Hours between origins: every hour of the day has its turn, and two forecasts share less than half of their hours."""

OVERLAP = HORIZON / APART
"""Origins that share hours say less than their number: the standard error grows by the root of this."""

LEAST_ORIGINS = 4
FIRST_DAYS = 7
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PEAK = 400.0


@dataclass(frozen=True, slots=True)
class Row:
    """What one series came to.

    Errors are mean absolute ones: `error_ratio` by the mean demand, the others by that of seasonal-naive (for weeks: of
    the last week's peak going on). `above` is the share that came above the interval.
    """

    name: str
    is_real: bool
    origins: int
    error_ratio: float
    to_naive: float
    standard_error: float
    week_ago_to_naive: float
    holt_winters_to_naive: float
    coverage: float
    above: float
    milliseconds: float

    @property
    def is_worse(self) -> bool:
        """Whether it is worse than seasonal-naive by more than chance explains."""
        return bool(self.to_naive > 1.0 + 2.0 * self.standard_error)


@dataclass(frozen=True, slots=True)
class WeeklyRow:
    """The same of the weekly peaks of one series."""

    name: str
    is_real: bool
    origins: int
    error_ratio: float
    to_naive: float
    coverage: float


def main() -> None:
    """Forecast everything, print the tables, write the JSON; exit code 1 when a series is clearly worse than naive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=Path, help="also every file of requests under this folder")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--history-days", metavar="N", type=int, default=28, help="what the agent keeps (default 28)")
    parser.add_argument(
        "--without-peer", action="store_true", help="do not fit the Holt-Winters model, which takes long"
    )
    parser.add_argument("--days", metavar="N", type=int, default=84, help="length of made-up series (default 84)")
    parser.add_argument("--seed", metavar="N", type=int, default=1)
    wish = parser.parse_args()
    rows, weekly = [], []
    for name, is_real, demand in series(wish.data, wish.days, wish.seed):
        row = measure(
            name, demand.hourly_peaks(), is_real=is_real, days=wish.history_days, with_peer=not wish.without_peer
        )
        if row is not None:
            rows.append(row)
            print(line(row), flush=True)
        weeks = measure_weeks(name, demand, is_real=is_real)
        if weeks is not None:
            weekly.append(weeks)
    print("\n".join(["", "weekly peaks", *(weekly_line(row) for row in weekly), "", *summary(rows)]))
    if wish.json:
        answer = {"means": means(rows), "hours": [asdict(r) for r in rows], "weeks": [asdict(r) for r in weekly]}
        wish.json.write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
    sys.exit(1 if any(row.is_worse for row in rows) else 0)


def series(data: Path | None, days: int, seed: int) -> Iterator[tuple[str, bool, Demand]]:
    """Every series by ten minutes, with its name and whether it is real."""
    for name, shape in SHAPES.items():
        minutes = shape(PEAK, days, np.random.default_rng([seed, *name.encode()]))
        yield name, False, demand_of(Series("requests_per_second", MONDAY, timedelta(minutes=1), minutes))
    for file in sorted(data.rglob("*.csv")) if data else ():
        if (known := read(file)) is not None:
            yield file.stem, True, known


def read(file: Path) -> Demand | None:
    """A CSV file by ten minutes, or None when it holds no requests."""
    import pandas as pd

    table = pd.read_csv(file)
    if list(table.columns) != ["timestamp", "requests_per_second"]:
        return None
    index = pd.to_datetime(table["timestamp"], utc=True)
    slots = pd.Series(table["requests_per_second"].to_numpy(float), index=index).resample("10min").mean()
    # The file dates a bin by its beginning, a series dates it by its end.
    step = timedelta(minutes=10)
    return demand_of(Series("requests_per_second", slots.index[0].to_pydatetime() + step, step, slots.to_numpy()))


def measure(name: str, hours: Demand, *, is_real: bool, days: int, with_peer: bool) -> Row | None:
    """Errors over the origins of one series; None when too few hours have a known past and future."""
    tries = [
        one
        for origin in range(FIRST_DAYS * DAY, hours.values.size - HORIZON, APART)
        if (one := _try(hours, origin, days * DAY, with_peer=with_peer)) is not None
    ]
    if len(tries) < LEAST_ORIGINS:
        return None
    error, naive, week_ago, peer, inside, above, level, spent = np.array(tries).T
    whole = max(float(naive.mean()), np.finfo(float).tiny)
    return Row(
        name=name,
        is_real=is_real,
        origins=len(tries),
        error_ratio=float(error.mean() / level.mean()),
        to_naive=float(error.mean()) / whole,
        standard_error=float((naive - error).std(ddof=1) * np.sqrt(OVERLAP / error.size)) / whole,
        week_ago_to_naive=float(week_ago.mean()) / whole,
        holt_winters_to_naive=float(peer.mean()) / whole,
        coverage=float(inside.mean()),
        above=float(above.mean()),
        milliseconds=1000.0 * float(spent.mean()),
    )


def _try(hours: Demand, origin: int, history: int, *, with_peer: bool) -> tuple[float, ...] | None:
    """One origin: errors of the forecast, of a day ago, a week ago and the peer; coverage; level; seconds."""
    future = hours.values[origin : origin + HORIZON]
    known = np.isfinite(future)
    past = hours.until(origin).last(history * hours.step)
    began = time.perf_counter()
    made = ahead(past, REACH)
    spent = time.perf_counter() - began
    if not isinstance(made, Ahead) or not known.all():
        return None
    filled = _filled(past.values)
    yesterday = np.tile(filled[-DAY:], HORIZON // DAY)
    week_ago = filled[-7 * DAY : -7 * DAY + HORIZON]
    peer = holt_winters(filled) if with_peer else np.full(HORIZON, np.nan)
    errors = (float(np.abs(future - one).mean()) for one in (made.expected, yesterday, week_ago, peer))
    inside, above = (future >= made.lower) & (future <= made.upper), future > made.upper
    return (*errors, float(inside.mean()), float(above.mean()), float(future.mean()), spent)


def holt_winters(past: np.ndarray) -> np.ndarray:
    """Fit the textbook's model with a day's season and a damped trend, and forecast, shape (HORIZON,)."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it often says that it did not converge, and forecasts all the same
        model = ExponentialSmoothing(past, trend="add", damped_trend=True, seasonal="add", seasonal_periods=DAY).fit()
    return np.asarray(model.forecast(HORIZON))


def _filled(past: np.ndarray) -> np.ndarray:
    """Gaps filled by the day before, as whoever takes yesterday for tomorrow would."""
    filled = past.copy()
    for place in np.flatnonzero(np.isnan(filled)):
        filled[place] = filled[place - DAY] if place >= DAY else np.nan
    return np.where(np.isnan(filled), np.nanmedian(past), filled)


def measure_weeks(name: str, demand: Demand, *, is_real: bool) -> WeeklyRow | None:
    """Weekly peaks at origins a week apart, from three weeks on; None when no week is left to be foreseen."""
    spans = WEEK // demand.step
    errors, naive, inside, levels, origins = [], [], [], [], 0
    for week in range(1, demand.values.size // spans):
        made = weeks_ahead(demand.until(week * spans))
        rest = demand.values[week * spans :][: WEEKS_AHEAD * spans]
        future = weekly_peaks(Demand(demand.at(week * spans), demand.step, rest[: rest.size // spans * spans]))
        known = np.flatnonzero(np.isfinite(future))
        if not isinstance(made, WeeksAhead) or not known.size:
            continue
        came = future[known]
        origins += 1
        errors += [*np.abs(came - made.expected[known])]
        naive += [*np.abs(came - made.peaks[-1])]
        inside += [*((came >= made.lower[known]) & (came <= made.upper[known]))]
        levels += [*came]
    if not origins:
        return None
    to_naive = float(np.mean(errors) / max(np.mean(naive), 1e-12))
    return WeeklyRow(name, is_real, origins, float(np.mean(errors) / np.mean(levels)), to_naive, float(np.mean(inside)))


def line(row: Row) -> str:
    """One series for a person."""
    mark = "  worse" if row.is_worse else ""
    return (
        f"{row.name[:22]:<23}{row.origins:>3} origins  off by {row.error_ratio:>6.1%}  to naive {row.to_naive:.2f} "
        f"+- {row.standard_error:.2f}  week ago {row.week_ago_to_naive:.2f}  Holt-Winters "
        f"{row.holt_winters_to_naive:.2f}  inside {row.coverage:.0%}  above {row.above:.1%}{row.milliseconds:>6.0f} ms"
        f"{mark}"
    )


def weekly_line(row: WeeklyRow) -> str:
    """The weeks of one series for a person."""
    return (
        f"{row.name[:22]:<23}{row.origins:>3} origins  off by {row.error_ratio:>6.1%}  to naive {row.to_naive:.2f}  "
        f"inside {row.coverage:.0%}"
    )


def means(rows: list[Row]) -> dict[str, dict[str, float]]:
    """What made-up and real series have in common."""
    return {
        group: {
            "series": len(some),
            "to_naive": float(np.mean([row.to_naive for row in some])),
            "worst_to_naive": max(row.to_naive for row in some),
            "holt_winters_to_naive": float(np.mean([row.holt_winters_to_naive for row in some])),
            "coverage": float(np.mean([row.coverage for row in some])),
            "milliseconds": float(np.mean([row.milliseconds for row in some])),
        }
        for group, is_real in (("made up", False), ("real", True))
        if (some := [row for row in rows if row.is_real == is_real])
    }


def summary(rows: list[Row]) -> list[str]:
    """The means for a person."""
    return [
        f"{group}: {mean['series']} series, error by that of naive {mean['to_naive']:.2f} "
        f"({mean['worst_to_naive']:.2f} worst; Holt-Winters {mean['holt_winters_to_naive']:.2f}), "
        f"inside {mean['coverage']:.0%}, {mean['milliseconds']:.0f} ms each"
        for group, mean in means(rows).items()
    ]


if __name__ == "__main__":
    main()

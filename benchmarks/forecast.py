"""How well the next six hours are forecast: pinball loss against seasonal-naive, series by series.

At origins seven hours apart the forecast sees only what came before, at most as many days as the agent keeps; the six
hours after are held against it. Seasonal-naive is the hour of the day before, with the quantiles of its own errors over
the same past. Skill is 1 - loss / naive loss; beside it the standard error over the origins, none of which overlap.

Series are made up (`clean_series.py`: nothing is wrong in them), and with `--data DIR` read from every CSV file there
whose first column is a time and whose second a number: real ones hold incidents too.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from clean_series import KINDS, make  # noqa: E402  # a benchmark is run as a file

from ai_ops.detect.forecast.forecast import HORIZON, LEVELS, Forecast, forecast  # noqa: E402
from ai_ops.detect.forecast.hourly import hourly  # noqa: E402
from ai_ops.domain.metrics import Series  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = timedelta(hours=1)
DAY = 24
APART = 7
"""Hours between origins: no two forecasts overlap, and every hour of the day has its turn."""

LEAST_ORIGINS = 8
DAYS_MADE_UP = 28
FIRST_ORIGIN = 7 * DAY


@dataclass(frozen=True, slots=True)
class Row:
    """What one series came to."""

    name: str
    is_real: bool
    origins: int
    share_holt_winters: float
    skill: float
    standard_error: float
    milliseconds: float

    @property
    def is_worse(self) -> bool:
        """Whether it is worse than the naive forecast by more than chance explains."""
        return bool(self.skill < -2.0 * self.standard_error)


def main() -> None:
    """Forecast everything, print the table, write the JSON; exit code 1 when a series is clearly worse than naive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=Path, help="also every CSV series under this folder")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--history-days", metavar="N", type=int, default=14, help="what the agent keeps (default 14)")
    parser.add_argument("--origins", metavar="N", type=int, default=60, help="at most so many a series (default 60)")
    parser.add_argument("--rows", metavar="N", type=int, default=3, help="made-up series of each kind (default 3)")
    parser.add_argument("--seed", metavar="N", type=int, default=1)
    wish = parser.parse_args()
    rows = []
    for name, is_real, hours in series(wish.data, wish.rows, wish.seed):
        row = measure(name, hours, is_real=is_real, history=wish.history_days * DAY, most=wish.origins)
        if row is not None:
            rows.append(row)
            print(line(row), flush=True)
    print(summary(rows))
    if wish.json:
        wish.json.write_text(json.dumps(figures(rows), indent=2) + "\n", encoding="utf-8")
    sys.exit(1 if any(row.is_worse for row in rows) else 0)


def series(data: Path | None, rows: int, seed: int) -> Iterator[tuple[str, bool, Series]]:
    """Every series by the hour, with its name and whether it is real."""
    for kind in KINDS:
        rng = np.random.default_rng([seed, *kind.encode()])
        panel = make(kind, rng, rows=rows, days=DAYS_MADE_UP, step=timedelta(minutes=10)).panel
        for index, name in enumerate(panel.names):
            yield name, False, in_hours(panel.row(index))
    for file in sorted(data.rglob("*.csv")) if data else ():
        if (known := read(file)) is not None:
            yield f"{file.parent.name}/{file.stem}", True, known


def in_hours(fine: Series) -> Series:
    """The same series by the hour."""
    return Series(fine.metric, fine.start, HOUR, hourly(fine))


def read(file: Path) -> Series | None:
    """A CSV file as hourly means, or None when it is no series."""
    import pandas as pd

    table = pd.read_csv(file)
    if table.shape[1] != 2 or not pd.api.types.is_numeric_dtype(table.iloc[:, 1]):  # noqa: PLR2004  # time and value
        return None
    times = pd.to_datetime(table.iloc[:, 0], format="ISO8601", utc=True, errors="coerce")
    if table.empty or times.isna().any():
        return None
    hours = pd.Series(table.iloc[:, 1].to_numpy(float), index=times).sort_index().resample("1h").mean()
    return Series(str(table.columns[1]), hours.index[0].to_pydatetime(), HOUR, hours.to_numpy())


def measure(name: str, hours: Series, *, is_real: bool, history: int, most: int) -> Row | None:
    """Skill over the origins of one series; None when too few hours have a known past and future."""
    last = hours.values.size - HORIZON
    losses, naive_losses, used, spent = [], [], 0, 0.0
    for origin in range(FIRST_ORIGIN, last, hours_apart(last - FIRST_ORIGIN, most)):
        future = hours.values[origin : origin + HORIZON]
        past = hours.values[max(0, origin - history) : origin]
        began = time.perf_counter()
        made = forecast(Series(hours.metric, hours.start, HOUR, past))
        spent += time.perf_counter() - began
        if isinstance(made, Forecast) and np.isfinite(future).all():
            losses.append(pinball(future, made.quantiles))
            naive_losses.append(pinball(future, naive_quantiles(past)))
            used += made.method == "Holt-Winters"
    if len(losses) < LEAST_ORIGINS:
        return None
    loss, naive = np.array(losses), np.array(naive_losses)
    whole = max(float(naive.mean()), np.finfo(float).tiny)
    return Row(
        name=name,
        is_real=is_real,
        origins=loss.size,
        share_holt_winters=used / loss.size,
        skill=float((naive - loss).mean()) / whole,
        standard_error=float((naive - loss).std(ddof=1)) / np.sqrt(loss.size) / whole,
        milliseconds=1000.0 * spent / loss.size,
    )


def hours_apart(span: int, most: int) -> int:
    """Step that visits `span` hours at most so often, and every hour of the day in turn; at least `APART`.

    >>> hours_apart(500, 60), hours_apart(1656, 60)
    (11, 29)
    """
    wanted = max(APART, -(-span // most))
    return next(step for step in range(wanted, wanted + DAY) if math.gcd(step, DAY) == 1)


def naive_quantiles(past: np.ndarray) -> np.ndarray:
    """The hour of the day before (or, across a gap, of the last day known) and the quantiles of its errors."""
    filled = past.copy()
    for t in np.flatnonzero(np.isnan(filled)):
        filled[t] = filled[t - DAY] if t >= DAY else np.nan
    filled = np.where(np.isnan(filled), np.nanmedian(past), filled)
    errors = past[DAY:] - filled[:-DAY]
    tomorrow = filled[past.size - DAY : past.size - DAY + HORIZON]
    return np.asarray(tomorrow[:, None] + np.nanquantile(errors, LEVELS))


def pinball(future: np.ndarray, quantiles: np.ndarray) -> float:
    """Mean over hours and levels of the loss that a quantile minimises (Koenker and Bassett, 1978)."""
    beyond = future[:, None] - quantiles
    levels = np.array(LEVELS)
    return float(np.maximum(levels * beyond, (levels - 1.0) * beyond).mean())


def line(row: Row) -> str:
    """One series for a person."""
    mark = "  worse" if row.is_worse else ""
    return (
        f"{row.name[:44]:<45}{row.origins:>4} origins   Holt-Winters {row.share_holt_winters:>4.0%}"
        f"   skill {row.skill:>+7.1%} +- {row.standard_error:>5.1%}{row.milliseconds:>7.1f} ms{mark}"
    )


def figures(rows: list[Row]) -> dict[str, Any]:
    """Every row, and the means over made-up and real series."""
    return {
        "means": {
            ("real" if real else "made up"): means_of([row for row in rows if row.is_real == real])
            for real in (False, True)
            if any(row.is_real == real for row in rows)
        },
        "series": [asdict(row) for row in rows],
    }


def means_of(rows: list[Row]) -> dict[str, float]:
    """What the rows have in common."""
    skills = np.array([row.skill for row in rows])
    return {
        "series": len(rows),
        "mean_skill": float(skills.mean()),
        "median_skill": float(np.median(skills)),
        "worst_skill": float(skills.min()),
        "below_naive": int((skills < 0).sum()),
        "clearly_worse": sum(row.is_worse for row in rows),
        "milliseconds": float(np.mean([row.milliseconds for row in rows])),
    }


def summary(rows: list[Row]) -> str:
    """The means for a person."""
    return "\n".join(
        f"{group}: {mean['series']} series, mean skill {mean['mean_skill']:+.1%}, {mean['median_skill']:+.1%} median, "
        f"{mean['worst_skill']:+.1%} worst; {mean['below_naive']} below naive, {mean['clearly_worse']} clearly; "
        f"{mean['milliseconds']:.0f} ms each"
        for group, mean in figures(rows)["means"].items()
    )


if __name__ == "__main__":
    main()

"""A service's minutes out of a file that a person brings: CSV or JSON, one row a minute.

    timestamp,requests_per_second,cpu_percent
    2026-11-18T12:00Z,80.2,41.5
    2026-11-18T12:01Z,,41.9

The columns have the canonical names of `domain.metrics`. Nothing is guessed: a time without its zone, a minute that is
missing or stands twice, and a value that cannot be are refused with their place. A value that is left empty (in JSON:
null) is a gap. JSON is a list of such rows, or an object with a list for each column.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from ai_ops.collect.plausible import range_of
from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.metrics import CANONICAL_METRICS, ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import pandas as pd

TIME_COLUMNS = ("timestamp", "time")
_WITH_ZONE = r".*\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})"
_EMPTY = ("", "nan", "null", "none")


def read_recorded(
    path: Path, needed: Iterable[str] = ("requests_per_second",), *, is_any_step: bool = False
) -> pd.DataFrame:
    """Read the file at `path`, whose name ends in `.csv` or `.json`.

    Parameters
    ----------
    needed
        Metrics without which the file is of no use.
    is_any_step
        Whether rows may lie further apart than a minute: evenly, by whole minutes.

    Returns
    -------
    pandas.DataFrame
        One float64 column per metric, NaN for a gap; the index in UTC, exactly one minute apart, or one step.

    Raises
    ------
    DataUnavailable
        When the file cannot be read or is not what it should be, with the place and what to do.
    """
    rows = _rows(path)
    named = [name for name in TIME_COLUMNS if name in rows.columns]
    if len(named) != 1:
        raise DataUnavailable(f"{path}: needs one column `timestamp` (or `time`), has {_listed(rows.columns)}")
    metrics = [str(name) for name in rows.columns if name != named[0]]
    twice = sorted({name for name in metrics if metrics.count(name) > 1})
    if twice:
        raise DataUnavailable(f"{path}: has the column {_listed(twice)} more than once")
    strangers = [name for name in metrics if name not in CANONICAL_METRICS]
    if strangers:
        raise DataUnavailable(f"{path}: unknown column {_listed(strangers)}; known are {_listed(CANONICAL_METRICS)}")
    missing = [name for name in needed if name not in metrics]
    if missing:
        raise DataUnavailable(f"{path}: lacks the column {_listed(missing)}; it has {_listed(metrics)}")
    times = _minutes(path, rows[named[0]], is_any_step=is_any_step)
    return _framed(times, {metric: _numbers(path, rows[metric]) for metric in metrics})


def _rows(path: Path) -> pd.DataFrame:
    """Read the rows as they stand."""
    import pandas as pd

    try:
        if path.suffix == ".csv":
            return _csv_rows(path)
        if path.suffix == ".json":
            return pd.DataFrame(json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise DataUnavailable(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, AttributeError, RecursionError, csv.Error) as error:
        raise DataUnavailable(f"{path}: is no {path.suffix[1:].upper()} table ({error})") from error
    raise DataUnavailable(f"{path}: must be a .csv or a .json file")


def _csv_rows(path: Path) -> pd.DataFrame:
    """Read CSV; ValueError for a row that is longer or shorter than the header."""
    import pandas as pd

    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = [row for row in csv.reader(file, strict=True) if row] or [[]]
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise ValueError(f"line {number + 2} has {len(row)} values for {len(header)} columns")
    return pd.DataFrame(rows, columns=header)


def _minutes(path: Path, texts: pd.Series, *, is_any_step: bool) -> pd.DatetimeIndex:
    """Read the times, which have to be neighbouring minutes, or as far apart as the first two."""
    import pandas as pd

    texts = texts.astype(str).str.strip()
    if texts.empty:
        raise DataUnavailable(f"{path}: holds no row")
    times = pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce"))
    is_wrong = times.isna() | ~texts.str.fullmatch(_WITH_ZONE).to_numpy()
    if is_wrong.any():
        row = int(is_wrong.argmax())
        raise DataUnavailable(
            f"{_place(path, row)}: {texts.iloc[row]!r} is no time with its zone, like 2026-11-18T12:00Z"
        )
    if (times != times.floor("min")).any():
        row = int((times != times.floor("min")).argmax())
        raise DataUnavailable(f"{_place(path, row)}: {texts.iloc[row]} lies between two minutes")
    steps = (times[1:] - times[:-1]) / pd.Timedelta(minutes=1)
    even = max(1.0, float(steps[0])) if is_any_step and steps.size else 1.0
    if (steps != even).any():
        row = int((steps != even).argmax()) + 1
        misstep = _misstep(texts.iloc[row - 1], texts.iloc[row], steps[row - 1], even)
        raise DataUnavailable(f"{_place(path, row)}: {misstep}")
    return times


def _misstep(before: str, here: str, minutes: float, even: float) -> str:
    every = "a minute" if even == 1 else f"every {even:g} minutes"
    if minutes == 0:
        return f"{here} stands twice; keep one row {every}"
    if minutes < 0:
        return f"{here} comes after {before}; sort the rows by time"
    each = "for each" if even == 1 else every
    return f"{minutes:g} minutes lie between {before} and {here}; give a row {each}, empty where nothing was measured"


def _numbers(path: Path, column: pd.Series) -> np.ndarray:
    """Read the values of one metric, each of which must be possible."""
    import numpy as np
    import pandas as pd

    metric, possible = str(column.name), range_of(str(column.name))
    is_empty = column.isna() | column.astype(str).str.strip().str.lower().isin(_EMPTY)
    values = pd.to_numeric(column.where(~is_empty), errors="coerce").to_numpy(dtype=np.float64)
    is_wrong = (np.isnan(values) & ~is_empty.to_numpy()) | np.isinf(values)
    if is_wrong.any():
        row = int(is_wrong.argmax())
        raise DataUnavailable(f"{_place(path, row)}: {metric} is {column.iloc[row]!r}, which is no number")
    is_outside = (values < -ROUNDING) | (values > possible.most + ROUNDING)
    if is_outside.any():
        row = int(is_outside.argmax())
        raise DataUnavailable(f"{_place(path, row)}: {metric} is {values[row]:g}, {possible.says(float(values[row]))}")
    return values


def _framed(times: pd.DatetimeIndex, columns: dict[str, np.ndarray]) -> pd.DataFrame:
    import pandas as pd

    minutes = (times[1] - times[0]) // pd.Timedelta(minutes=1) if len(times) > 1 else 1
    return pd.DataFrame(columns, index=pd.DatetimeIndex(times, freq=f"{minutes}min", name="time"))


def _place(path: Path, row: int) -> str:
    """Where a row stands: a line of CSV, of which the first is the header; else its number."""
    return f"{path}:{row + 2}" if path.suffix == ".csv" else f"{path}: row {row + 1}"


def _listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names)) or "none"

"""How many injected faults raise an alarm while they last, and how soon.

Faults of at least 4 robust sigma that last 30 minutes (a period break and a flat line: six hours) are put into healthy
made-up series of several kinds, one at a time, at random places of the last week of three; with `--data DIR` also into
every csv file under it (`timestamp,value`; the last three weeks are taken). `detect/self_test/faults.py` says what each
fault is and how a sigma is measured. Beside ours some peers, behind the same alert layer, at the threshold that their
users take; with `--equal-budget` at the one that leaves them one alarm a week in the very week that is judged, which
nobody knows beforehand. A recall means nothing without its false alarms: `benchmarks/false_alarms.py` has those of the
same detectors on series like these. Wanted: recall of 0.90, a median delay of at most 3 samples.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from datetime import UTC, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ai_ops.domain.metrics import Series
    from ai_ops.domain.self_test import FaultFound, MetricTested, Plan

    Results = Mapping[str, list[MetricTested]]

DAYS = 21
SPAN_OF_THRESHOLDS = 20.0
"""Logarithm of the factor within which a threshold is looked for."""
WANTED_RECALL, WANTED_DELAY = 0.90, 3
MADE_UP = ("seasonal", "spiky", "low_count", "error_share", "flat", "drifting", "heavy_tailed")
"""In a sparse series and in a raw counter no short-lived fault means anything."""


def main() -> None:
    """Inject, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=Path, help="also the csv files below this folder")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--rows", metavar="N", type=int, default=5, help="made-up series of each kind (default 5)")
    parser.add_argument("--trials", metavar="N", type=int, default=20, help="faults of each sort a series (default 20)")
    parser.add_argument("--sigmas", metavar="N", type=float, default=4.0, help="size of the smallest (default 4)")
    parser.add_argument("--minutes", metavar="N", type=float, default=30.0, help="how long they last (default 30)")
    parser.add_argument("--step-minutes", metavar="N", type=int, default=10, help="of what is made up (default 10)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="chooses series and places (default 0)")
    parser.add_argument("--equal-budget", action="store_true", help="the peers' best threshold for one alarm a week")
    parser.add_argument("--only-ours", action="store_true", help="leave the peers out")
    wish = parser.parse_args()
    figures = measure(wish)
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measure(wish: argparse.Namespace) -> dict[str, Any]:
    """Test every contender on every series."""
    from ai_ops.domain.self_test import Plan

    plan = Plan(wish.sigmas, wish.minutes, wish.trials, wish.seed)
    results: dict[str, dict[str, list[MetricTested]]] = defaultdict(lambda: defaultdict(list))
    refused: dict[str, str] = {}
    for kind, name, series, traffic in [*_made_up(wish), *_files(wish.data)]:
        for contender, outcome in _tested(series, traffic, plan, wish).items():
            if isinstance(outcome, str):
                refused[name] = outcome
            else:
                results[contender][kind].append(outcome)
    setup = {key: value for key, value in vars(wish).items() if isinstance(value, int | float)}
    return {
        "setup": setup,
        "wanted": {"recall": WANTED_RECALL, "delay_samples": WANTED_DELAY},
        "contenders": {name: _figures(kinds) for name, kinds in results.items()},
        "not_tested": refused,
    }


def _made_up(wish: argparse.Namespace) -> Iterator[tuple[str, str, Series, np.ndarray | None]]:
    from clean_series import make

    for kind in MADE_UP:
        rng = np.random.default_rng([wish.seed, *kind.encode()])
        clean = make(kind, rng, rows=wish.rows, days=DAYS, step=timedelta(minutes=wish.step_minutes))
        for row, name in enumerate(clean.panel.names):
            traffic = None if clean.requests_per_second is None else clean.requests_per_second[row]
            yield kind, name, clean.panel.row(row), traffic


def _files(folder: Path | None) -> Iterator[tuple[str, str, Series, None]]:
    for path in sorted(folder.rglob("*.csv")) if folder else ():
        if (series := read_series(path)) is not None:
            yield f"real: {path.parent.name}", path.name, series, None


def read_series(path: Path) -> Series | None:
    """Read the last three weeks of a csv file on the grid of its usual step; None where it holds no such series."""
    import pandas as pd

    from ai_ops.domain.metrics import Series

    table = pd.read_csv(path)
    if len(table.columns) != 2 or table.columns[0] != "timestamp":  # noqa: PLR2004  # time and value
        return None
    values = pd.Series(table.iloc[:, 1].to_numpy(dtype=float), index=pd.to_datetime(table["timestamp"], utc=True))
    minutes = max(1, round(values.index.to_series().diff().median() / pd.Timedelta(minutes=1)))
    grid = values.resample(f"{minutes}min").mean()
    grid = grid[grid.index > grid.index[-1] - pd.Timedelta(days=DAYS)]
    step = timedelta(minutes=minutes)
    return Series(table.columns[1], grid.index[0].to_pydatetime().astimezone(UTC), step, grid.to_numpy())


def _tested(
    series: Series, traffic: np.ndarray | None, plan: Plan, wish: argparse.Namespace
) -> dict[str, MetricTested | str]:
    """What each contender made of one series, or why it was not tested."""
    from clean_series import WORSE
    from contenders import CONTENDERS, floors

    from ai_ops.detect.self_test.self_test import self_test
    from ai_ops.domain.metrics import Panel
    from ai_ops.domain.self_test import Untested

    alone = Panel(series.metric, ("",), series.start, series.step, series.values[None])
    floor = floors(alone, None if traffic is None else traffic[None])
    outcomes: dict[str, MetricTested | str] = {}
    for name, score in CONTENDERS.items():
        if wish.only_ours and name != "ours":
            continue
        scale = 1.0 if name == "ours" or not wish.equal_budget else fair_scale(score(alone, floor)[0], series)
        outcome = self_test(
            series,
            plan,
            lambda panel, score=score, scale=scale: score(panel, floor) / scale,
            direction=WORSE.get(series.metric, 0),
            floor=floor[0],
        )
        outcomes[name] = outcome.reason if isinstance(outcome, Untested) else outcome
    return outcomes


def fair_scale(score: np.ndarray, series: Series) -> float:
    """Threshold, by bisection, at which the judged week of the untouched series raises one alarm at most."""
    from ai_ops.detect.self_test.self_test import JUDGED_DAYS, paged

    judged = slice(-round(timedelta(days=JUDGED_DAYS) / series.step), None)
    low, high = -SPAN_OF_THRESHOLDS, SPAN_OF_THRESHOLDS
    for _ in range(30):
        middle = (low + high) / 2.0
        alarms = paged(score / np.exp(middle), series.step)[judged].sum()
        low, high = (low, middle) if alarms <= 1 else (middle, high)
    return float(np.exp(high))


def _figures(kinds: Results) -> dict[str, Any]:
    """Recall and delay by kind of series and by fault, and over all."""
    everything = [one for tested in kinds.values() for one in tested]
    return {
        "all": pooled(fault for one in everything for fault in one.faults),
        "short": pooled(_short(everything)),
        "by_kind": {kind: _of_kind(tested) for kind, tested in kinds.items()},
        "by_fault": {
            fault: pooled(one.faults[number] for one in everything) for number, fault in enumerate(_fault_names())
        },
    }


def _of_kind(tested: Sequence[MetricTested]) -> dict[str, Any]:
    faults = {fault: pooled(one.faults[number] for one in tested) for number, fault in enumerate(_fault_names())}
    weeks = sum(one.days for one in tested) / 7.0
    return {
        **pooled(fault for one in tested for fault in one.faults),
        "short": pooled(_short(tested)),
        "series": len(tested),
        "untouched_alarms_per_week": sum(one.alarms for one in tested) / weeks,
        "faults": faults,
    }


def _short(tested: Iterable[MetricTested]) -> Iterator[FaultFound]:
    """Those that last as long as was asked for, without those that need six hours to show."""
    from ai_ops.detect.self_test.faults import LASTING

    yield from (fault for one in tested for fault in one.faults if fault.fault not in LASTING)


def pooled(faults: Iterable[FaultFound]) -> dict[str, Any]:
    """Recall over all trials, also of the smallest alone, and the median of the series' median delays."""
    from ai_ops.detect.self_test.intervals import share

    found = [fault for fault in faults if fault.trials]
    hits, trials = sum(fault.hits for fault in found), sum(fault.trials for fault in found)
    least_hits, least = sum(fault.smallest_hits for fault in found), sum(fault.smallest_trials for fault in found)
    delays = [fault.delay_samples for fault in found if fault.delay_samples is not None]
    recall = share(hits, trials) if trials else None
    return {
        "hits": hits,
        "trials": trials,
        "recall": recall.value if recall else None,
        "interval": [recall.low, recall.high] if recall else None,
        "recall_of_smallest": least_hits / least if least else None,
        "median_delay_samples": median(delays) if delays else None,
    }


def _fault_names() -> list[str]:
    from ai_ops.domain.self_test import Fault

    return [str(fault) for fault in Fault]


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    setup, wanted = figures["setup"], figures["wanted"]
    yield (
        f"faults of {setup['sigmas']:g} robust sigma and more, {setup['minutes']:g} minutes long, "
        f"{setup['trials']} of each sort into each series, seed {setup['seed']}"
    )
    for name, one in figures["contenders"].items():
        yield f"\n{name}: recall by kind of series and fault"
        yield (
            f"{'':<26}"
            + "".join(f"{fault[:9]:>10}" for fault in one["by_fault"])
            + f"{'short':>7}{'all':>7}{'delay':>7}{'wolf':>7}"
        )
        for kind, row in one["by_kind"].items():
            yield _line(kind, row["faults"], row, "recall") + f"{row['untouched_alarms_per_week']:>7.1f}"
        yield _line("all", one["by_fault"], {**one["all"], "short": one["short"]}, "recall")
        yield _line("the smallest alone", one["by_fault"], {**one["all"], "short": one["short"]}, "recall_of_smallest")
    yield "\nshort: without period break and flat line, which last six hours"
    yield "wolf: alarms per week on the untouched series; in real ones incidents are among them"
    yield f"wanted: recall {wanted['recall']:.2f}, median delay of at most {wanted['delay_samples']} samples"
    yield from (f"not tested: {name}: {reason}" for name, reason in figures["not_tested"].items())


def _line(title: str, faults: Mapping[str, Any], over_all: Mapping[str, Any], key: str) -> str:
    """One row: the recall of each fault, of the short ones, of all, and the delay."""
    cells = "".join(f"{_ratio(cell[key]):>10}" for cell in faults.values())
    ends = (
        f"{_ratio(over_all['short'][key]):>7}{_ratio(over_all[key]):>7}{_number(over_all['median_delay_samples']):>7}"
    )
    return f"{title:<26}{cells}{ends}"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


if __name__ == "__main__":
    main()

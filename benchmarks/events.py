"""Incidents found and pages sent for nothing, on operations metrics: us beside what else is in use.

Sets: made-up web services and cloud instances with incidents put into them (`kpis.py`), with --traffic real request
rates with such incidents (what was unusual there before is charged to all alike), with --data the real files of the
Numenta benchmark with their windows as events.

`carried` is the honest comparison: each detector's threshold comes from a random half of the series and is applied to
the other half. `budget` asks what is found when each may send the same number of false pages; its threshold is carried
too. `shipped` is the threshold that a detector comes with, ours is 1. Rules: `event_scoring.py`; the peers: `peers.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from event_scoring import RULES, Case, EventSweep, Tally
from kpis import carriers, cloud_metric, generated, web_metric, with_incidents
from nab import ABOVE_ONE, detectors, read_corpus
from nab_scoring import probation, stratified_halves
from peers import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Detectors = Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]

OURS = "ours"
AHEAD = 0.01
"""By less nobody is called better."""

TRAFFIC_DAYS = 21.0
COMPARED = {"F1": ("carried", "f1"), "AP": ("average_precision",), "recall at the budget": ("budget", "recall")}


def main() -> None:
    """Score every detector on every set, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=Path, help="the Numenta benchmark's files")
    parser.add_argument("--traffic", metavar="DIR", type=Path, help="csv files with timestamp and requests_per_second")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--each", metavar="N", type=int, default=6, help="made-up series of each kind (default 6)")
    parser.add_argument("--budget", metavar="N", type=float, default=1.0, help="false pages per series and week")
    parser.add_argument("--halves", metavar="N", type=int, default=20, help="random halves (default 20)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of series and halves (default 1)")
    parser.add_argument("--sets", metavar="NAME", nargs="+", help="sets whose name begins so")
    parser.add_argument("--only", metavar="NAME", nargs="+", help="detectors whose name begins so")
    wish = parser.parse_args()
    if wish.each < 2:  # noqa: PLR2004  # one for each half
        parser.error("--each must be at least 2: one half sets the threshold for the other")
    sets = {name: make for name, make in all_sets(wish).items() if _is_wanted(name, wish.sets)}
    chosen = {name: score for name, score in detectors().items() if _is_wanted(name, wish.only)}
    figures: dict[str, Any] = {"budget": wish.budget, "halves": wish.halves, "seed": wish.seed, "sets": {}}
    for name, make in sets.items():
        print(f"scoring {name}", file=sys.stderr)
        figures["sets"][name] = measure(make(), chosen, budget=wish.budget, halves=wish.halves, seed=wish.seed)
    if OURS in chosen:
        figures["where_we_lose"] = list(losses(figures["sets"]))
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _is_wanted(name: str, beginnings: Sequence[str] | None) -> bool:
    return not beginnings or name.startswith(tuple(beginnings))


def all_sets(wish: argparse.Namespace) -> dict[str, Callable[[], list[Case]]]:
    """Every set that can be had, made only when its turn comes."""
    web, cloud = ("requests", "latency", "errors"), ("cpu", "network", "memory")
    sets: dict[str, Callable[[], list[Case]]] = {
        "web, 5 min": lambda: generated(web_metric, web, (wish.each, 300.0, 28.0), wish.seed),
        "web, 1 min": lambda: generated(web_metric, web, (max(2, wish.each // 2), 60.0, 21.0), wish.seed),
        "cloud, 5 min": lambda: generated(cloud_metric, cloud, (wish.each, 300.0, 28.0), wish.seed),
    }
    if wish.traffic:
        sets["real traffic, incidents put in"] = lambda: read_traffic(wish.traffic, wish.seed)
    if wish.data:
        sets["Numenta, real files"] = lambda: read_windows(wish.data)
    return sets


def read_traffic(folder: Path, seed: int) -> list[Case]:
    """Stretches of three weeks of real request rates, each with its own incidents."""
    import pandas as pd

    found = []
    for path in sorted(folder.glob("*.csv")):
        frame = pd.read_csv(path)
        times = pd.to_datetime(frame["timestamp"], utc=True).dt.tz_localize(None).to_numpy()
        for metric in carriers(path.stem, times, frame["requests_per_second"].to_numpy(dtype=float), TRAFFIC_DAYS):
            name = f"{path.stem} {len(found)}"
            found.append(with_incidents(name, metric, np.random.default_rng([seed, len(found)])))
    if not found:
        sys.exit(f"{folder} holds no csv of {TRAFFIC_DAYS:g} days. --traffic takes a folder with request rates.")
    return found


def read_windows(folder: Path) -> list[Case]:
    """The real files of the Numenta benchmark; their windows are events."""
    return [
        Case(file.name, file.category, file.timestamps, file.values, file.windows, probation(file.values.size))
        for file in read_corpus(folder)
        if file.category.startswith("real")
    ]


def measure(cases: Sequence[Case], chosen: Detectors, *, budget: float, halves: int, seed: int) -> dict[str, Any]:
    """Every figure of every detector on one set."""
    masks = stratified_halves([case.kind for case in cases], halves, seed)
    rows = {name: _row(name, cases, score, masks, budget) for name, score in chosen.items()}
    counts = {"series": len(cases), "events": sum(len(case.events) for case in cases)}
    return {**counts, "rows": sum(case.values.size for case in cases), "detectors": rows}


def _row(
    name: str, cases: Sequence[Case], score: Callable[..., np.ndarray], halves: Sequence[np.ndarray], budget: float
) -> dict[str, Any]:
    scores = [np.asarray(score(case.timestamps, case.values), dtype=float) for case in cases]
    everything = np.ones(len(cases), dtype=bool)
    sweep = EventSweep(cases, scores)
    shipped = EventSweep(cases, scores, np.array([SHIPPED.get(name, ABOVE_ONE)])).tally(0, everything)
    best = [_applied(sweep, sweep.best_place(half), ~half) for half in halves]
    places = [sweep.place_within(budget, half) for half in halves]
    within = [_applied(sweep, place, ~half) for place, half in zip(places, halves, strict=True)]
    found = [one for place, half in zip(places, halves, strict=True) for one in sweep.is_found(place, ~half)]
    kinds = sorted({label for label, _ in found})
    return {
        "shipped": _means([shipped]),
        "carried": _means(best),
        "budget": _means(within),
        "average_precision": sweep.average_precision(everything),
        "recall_by_incident": {
            kind: float(np.mean([is_found for label, is_found in found if label == kind])) for kind in kinds
        },
    }


def _applied(sweep: EventSweep, place: int | None, held: np.ndarray) -> Tally:
    """What the other half comes to; without a threshold that keeps its promise, silence."""
    return sweep.silence(held) if place is None else sweep.tally(place, held)


def _means(tallies: Sequence[Tally]) -> dict[str, float | None]:
    """Means over the halves, and how much F1 and recall vary between them."""
    figures = {
        name: np.array([getattr(tally, name) for tally in tallies])
        for name in ("f1", "precision", "recall", "false_per_week", "median_delay")
    }
    means = {name: float(np.nanmean(one)) if np.isfinite(one).any() else None for name, one in figures.items()}
    spread = {f"{name}_sd": float(np.nanstd(figures[name])) for name in ("f1", "recall")}
    return {**means, **spread}


def losses(sets: Mapping[str, Any]) -> Iterator[str]:
    """Where a peer is ahead of us, from the figures alone."""
    for name, one in sets.items():
        rows = one["detectors"]
        for measure_name, path in COMPARED.items():
            mine = _figure(rows[OURS], path)
            ahead = {peer: _figure(row, path) for peer, row in rows.items() if not peer.startswith(OURS)}
            better = sorted(((value, peer) for peer, value in ahead.items() if value >= mine + AHEAD), reverse=True)
            if better:
                said = ", ".join(f"{peer} {value:.2f}" for value, peer in better)
                yield f"{name}, {measure_name}: ours {mine:.2f}; {said}"


def _figure(row: Any, path: Sequence[str]) -> float:  # noqa: ANN401  # nested mappings down to a number
    for key in path:
        row = row[key]
    return float(row)


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    for name, one in figures["sets"].items():
        yield f"{name}: {one['series']} series, {one['rows']} rows, {one['events']} events"
        yield f"{'':<28}{'shipped':>8} | {'threshold carried':<37} | at {figures['budget']:g} false pages a week"
        yield f"{'':<28}{'F1':>8} | {'F1':<12}{'precision':>10}{'recall':>8}{'AP':>7} | recall  false  delay min"
        for detector, row in one["detectors"].items():
            carried, budget, delay = row["carried"], row["budget"], row["budget"]["median_delay"]
            line = f"{detector:<28}{row['shipped']['f1']:>8.2f} | {carried['f1']:.2f} +- {carried['f1_sd']:.2f}"
            line += f"{carried['precision']:>10.2f}{carried['recall']:>8.2f}{row['average_precision']:>7.2f} | "
            line += f"{budget['recall']:>6.2f}{budget['false_per_week']:>7.2f}"
            yield line + (f"{'-':>11}" if delay is None else f"{delay / 60:>11.0f}")
        yield from _by_incident(one["detectors"])
        yield ""
    gap, repeat = (seconds / 3600 for seconds in (RULES.gap, RULES.repeat))
    yield "Those that are replayed every 6 h have seen the rest of their six hours; all others have seen no future."
    yield f"Alarm rows within {gap:g} h are one page, standing ones again every {repeat:g} h."
    if "where_we_lose" in figures:
        yield "Where we lose:" + ("\n  ".join(["", *figures["where_we_lose"]]) or " nowhere in this run")


def _by_incident(rows: Mapping[str, Any]) -> Iterator[str]:
    """Recall at the budget, by what was put in."""
    kinds = list(next(iter(rows.values()))["recall_by_incident"])
    if kinds:
        yield f"{'recall at the budget':<28}" + "".join(f"{kind:>12}" for kind in kinds)
        for detector, row in rows.items():
            yield f"{detector:<28}" + "".join(f"{row['recall_by_incident'][kind]:>12.2f}" for kind in kinds)


if __name__ == "__main__":
    main()

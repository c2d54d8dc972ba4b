"""The Numenta Anomaly Benchmark, scored by our own code: us beside what else is in use.

`full` is the usual figure: one threshold for all files, chosen on the same files, so it flatters. `carried` is the
honest one: the threshold comes from a random half of the files, half of each category, and is applied to the other.
`shipped` is the score at the threshold that a detector comes with, ours is 1. `one alarm` is the same after a leading
edge over 100 rows, because a detector that pages once an incident must not beat another by that alone. Rules and
sweep: `nab_scoring.py`; the peers: `peers.py`.

DIR holds `<category>/<file>.csv` (timestamp,value) and `windows.json` (file: list of [first, last] timestamp).
Half of the corpus is not comparable with figures for the whole.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from nab_scoring import PROFILES, Labelled, Sweep, leading_edge, stratified_halves
from peers import PEERS, SHIPPED

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ABOVE_ONE = float(np.nextafter(1.0, 2.0))
"""Our own threshold."""

SHOWN_CATEGORIES = {"AWS": "realAWSCloudwatch", "KnownCause": "realKnownCause"}


def main() -> None:
    """Score every detector, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=Path, required=True, help="the benchmark's files")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--halves", metavar="N", type=int, default=40, help="random halves (default 40)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of the halves (default 1)")
    parser.add_argument("--only", metavar="NAME", nargs="+", help="detectors whose name begins so")
    wish = parser.parse_args()
    chosen = {name: score for name, score in detectors().items() if not wish.only or name.startswith(tuple(wish.only))}
    figures = measure(read_corpus(wish.data), chosen, halves=wish.halves, seed=wish.seed)
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def detectors() -> dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]:
    """Us, with and without the alert layer, and the peers."""

    def ours(timestamps: np.ndarray, values: np.ndarray, *, raw: bool = False) -> np.ndarray:
        from ai_ops.detect import score_series

        return np.asarray(score_series(timestamps, values, raw=raw))

    return {"ours": ours, "ours, before the alert layer": lambda t, x: ours(t, x, raw=True), **PEERS}


def read_corpus(folder: Path) -> list[Labelled]:
    """Every csv that has an entry in `windows.json`, in order."""
    import pandas as pd

    labels = folder / "windows.json"
    if not labels.is_file():
        sys.exit(f"{labels} is not there. --data takes the folder that holds windows.json and the category folders.")
    files = []
    for name, spans in sorted(json.loads(labels.read_text(encoding="utf-8")).items()):
        frame = pd.read_csv(folder / name, parse_dates=["timestamp"])
        times = frame["timestamp"].to_numpy()
        windows = [rows_between(times, *(np.datetime64(moment) for moment in span)) for span in spans]
        values = frame["value"].to_numpy(dtype=float)
        files.append(Labelled(name, name.split("/")[0], times, values, tuple(sorted(windows))))
    return files


def rows_between(times: np.ndarray, first: np.datetime64, last: np.datetime64) -> tuple[int, int]:
    """First and last row from `first` to `last`, both inclusive."""
    inside = np.flatnonzero((times >= first) & (times <= last))
    return int(inside[0]), int(inside[-1])


def measure(
    files: Sequence[Labelled], chosen: Mapping[str, Callable[..., np.ndarray]], *, halves: int, seed: int
) -> dict[str, Any]:
    """Every figure of every detector, as it is and with one alarm per 100 rows."""
    masks = stratified_halves([file.category for file in files], halves, seed)
    results: dict[str, Any] = {}
    for name, score in chosen.items():
        began = time.perf_counter()
        scores = {file.name: score(file.timestamps, file.values) for file in files}
        seconds = time.perf_counter() - began
        edges = {name: leading_edge(one) for name, one in scores.items()}
        shipped = SHIPPED.get(name, ABOVE_ONE)
        figures = {
            "as is": _figures(files, scores, masks, shipped),
            "one alarm": _figures(files, edges, masks, shipped),
        }
        results[name] = {"seconds": seconds, **figures}
    counts = {"files": len(files), "rows": sum(file.values.size for file in files)}
    counts["windows"] = sum(len(file.windows) for file in files)
    return {"corpus": counts, "halves": halves, "seed": seed, "detectors": results}


def _figures(
    files: Sequence[Labelled], scores: Mapping[str, np.ndarray], halves: Sequence[np.ndarray], shipped: float
) -> dict[str, Any]:
    everything = np.ones(len(files), dtype=bool)
    sweeps = {profile.name: Sweep(files, scores, profile) for profile in PROFILES}
    best = {name: sweep.best(everything) for name, sweep in sweeps.items()}
    standard, threshold = sweeps["standard"], best["standard"][0]
    masks = {short: np.array([file.category == folder for file in files]) for short, folder in SHOWN_CATEGORIES.items()}
    return {
        "full": {name: score for name, (_, score) in best.items()},
        "shipped": standard.at(shipped, everything),
        "threshold": threshold if np.isfinite(threshold) else None,
        "carried": asdict(standard.carried(halves)),
        "category": {short: standard.at(threshold, mask) for short, mask in masks.items() if mask.any()},
    }


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    corpus = figures["corpus"]
    yield f"{corpus['files']} files, {corpus['rows']} rows, {corpus['windows']} windows, {figures['halves']} halves"
    yield f"\n{'':<44}{'full: std / low FP / low FN':<29}{'carried':<25}{'shipped':>8}{'AWS':>7}{'KnownCause':>12}"
    for name, both in figures["detectors"].items():
        for how in ("as is", "one alarm"):
            one = both[how]
            full, carried = one["full"], one["carried"]
            line = f"{name if how == 'as is' else '  one alarm per 100 rows':<44}"
            line += " / ".join(f"{full[profile.name]:5.1f}" for profile in PROFILES).ljust(29)
            span = f"({carried['lowest']:.0f} to {carried['highest']:.0f})"
            line += f"{carried['mean']:5.1f} +- {carried['sd']:4.1f} {span}".ljust(25) + f"{one['shipped']:8.1f}"
            yield line + "".join(
                f"{one['category'].get(short, float('nan')):>{width}.1f}"
                for short, width in zip(SHOWN_CATEGORIES, (7, 12), strict=True)
            )


if __name__ == "__main__":
    main()

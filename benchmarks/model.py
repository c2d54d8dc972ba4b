"""The learned model, beside scikit-learn's GaussianMixture and joblib in the same run: speed, size, worth, memory.

Made-up metrics only (`multivariate_series.py`). What is measured how stands in `model_speed.py`,
`multivariate_scores.py` and `model_footprint.py`; answers under exchanges are those of `serving.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORTNIGHT = 14
THREADS, PAUSE_MS = 4, 10.0
"""Those that ask while models are exchanged, and how long each rests: four hundred questions a second."""


def main() -> None:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--repeats", metavar="N", type=int, default=15, help="medians of so many (default 15)")
    parser.add_argument("--series", metavar="N", type=int, default=20, help="of each regime (default 20)")
    parser.add_argument("--exchanges", metavar="N", type=int, default=300, help="of the model (default 300)")
    parser.add_argument("--nights", metavar="N", type=int, default=365, help="of trainings kept (default 365)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="chooses everything random (default 1)")
    figures = measure(parser.parse_args())
    print("\n".join(table(figures)))


def measure(wish: argparse.Namespace) -> dict[str, Any]:
    """Measure everything, one after the other."""
    import serving
    from model_footprint import footprint
    from model_speed import joblib_shelf, speeds
    from multivariate_scores import average_precisions
    from multivariate_series import REGIMES, make_rows

    _prepare()
    rows = make_rows(REGIMES["daily season"], np.random.default_rng(wish.seed), 2 * FORTNIGHT)
    fortnight = rows.values[: rows.training]
    shared = fortnight[:, : len(serving.METRICS)]
    with tempfile.TemporaryDirectory(prefix="neuropilot-model-") as name:
        folder = Path(name)
        figures = {
            "machine": {"python": sys.version.split()[0], "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 2)},
            "speed": speeds(fortnight, folder / "speed", max(1, wish.repeats)),
            "answers": {
                "ours": serving.measure(serving.shelf_in(folder / "shelf"), wish.exchanges, THREADS, PAUSE_MS),
                "peer": serving.measure(joblib_shelf(shared), wish.exchanges, THREADS, PAUSE_MS),
            },
            "average_precision": average_precisions(max(1, wish.series), wish.seed),
            "footprint": footprint(folder, max(1, wish.nights)),
        }
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return figures


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    import model_footprint
    import model_speed
    import serving

    machine = figures["machine"]
    yield f"Ten metrics, two weeks; Python {machine['python']}, {machine['cpus']} CPUs, load {machine['load']}"
    yield from model_speed.table(figures["speed"])
    ours, peer = figures["answers"]["ours"], figures["answers"]["peer"]
    yield (
        f"\nan answer while the model is exchanged {ours['exchanges']} times: p99 {ours['p99_ms']:.2f} ms (wanted "
        f"below {serving.TARGET_MS:g}, S004-30), {ours['max_ms']:.1f} at most; sklearn's p99 {peer['p99_ms']:.2f}, "
        f"ratio {ours['p99_ms'] / peer['p99_ms']:.2f}"
    )
    yield from _precisions(figures["average_precision"])
    yield from model_footprint.table(figures["footprint"])


def _precisions(by_regime: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """One row by scorer, one column by regime, and their mean."""
    yield f"\n{'average precision':<20}" + "".join(f"{name:>17}" for name in (*by_regime, "mean"))
    for scorer in next(iter(by_regime.values())):
        row = [figures[scorer] for figures in by_regime.values()]
        yield f"{scorer:<20}" + "".join(f"{value:>17.3f}" for value in (*row, float(np.mean(row))))


def _prepare() -> None:
    """Keep this machine's git configuration out of it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")


if __name__ == "__main__":
    main()

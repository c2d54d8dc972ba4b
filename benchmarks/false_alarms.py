"""How often we cry wolf: alarms per series and week on series in which nothing is wrong.

Two weeks of history, then judged weeks, strictly causal, for each kind of healthy series of `clean_series.py`; beside
ours some peers at the threshold that their users take, all behind the same alert layer; an alarm that stands counts
again every eight hours. Wanted: at most 1 alarm per series and week. `--history-days 0` counts from the first value
on: what a metric costs that is new.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HISTORY_DAYS = 14
WANTED, STRETCH = 1.0, 0.3


def main() -> None:
    """Count, print the table, write the JSON."""
    from clean_series import KINDS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--rows", metavar="N", type=int, default=20, help="series of each kind (default 20)")
    parser.add_argument("--weeks", metavar="N", type=int, default=4, help="judged weeks after the history (default 4)")
    parser.add_argument(
        "--history-days", metavar="N", type=int, default=HISTORY_DAYS, help="before the judged weeks (default 14)"
    )
    parser.add_argument("--step-minutes", metavar="N", type=int, default=10, help="between two values (default 10)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="chooses the series (default 0)")
    parser.add_argument("--kind", choices=list(KINDS), action="append", help="only this kind; may be repeated")
    wish = parser.parse_args()
    figures = measure(wish)
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measure(wish: argparse.Namespace) -> dict[str, Any]:
    """Count the alarms of every contender on every kind."""
    from clean_series import KINDS, make
    from contenders import CONTENDERS, floors

    step = timedelta(minutes=wish.step_minutes)
    kinds: dict[str, Any] = {}
    for kind in wish.kind or KINDS:
        rng = np.random.default_rng([wish.seed, *kind.encode()])
        clean = make(kind, rng, rows=wish.rows, days=wish.history_days + 7 * wish.weeks, step=step)
        floor = floors(clean.panel, clean.requests_per_second)
        scores = {name: score(clean.panel, floor) for name, score in CONTENDERS.items()}
        kinds[kind] = {name: counted(one, wish.weeks, step, wish.history_days) for name, one in scores.items()}
    setup = {name: getattr(wish, name) for name in ("rows", "history_days", "weeks", "step_minutes", "seed")}
    return {"setup": setup, "wanted": WANTED, "stretch": STRETCH, "kinds": kinds}


def counted(score: np.ndarray, weeks: int, step: timedelta, history_days: int = HISTORY_DAYS) -> dict[str, Any]:
    """Alarms after the history, per series and week."""
    from ai_ops.detect.self_test.intervals import rate
    from ai_ops.detect.self_test.self_test import paged

    judged = slice(round(timedelta(days=history_days) / step), None)
    by_row = np.stack([paged(row, step)[judged].sum() for row in score])
    one = rate(int(by_row.sum()), by_row.size * weeks)
    return {
        "alarms": int(by_row.sum()),
        "per_week": one.value,
        "interval": [one.low, one.high],
        "worst_row_per_week": float(by_row.max()) / weeks,
        "not_judged_share": float(np.isnan(score[:, judged]).mean()),
    }


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    setup = figures["setup"]
    yield (
        f"{setup['rows']} series of each kind, {setup['history_days']} days of history, {setup['weeks']} judged weeks, "
        f"a value every {setup['step_minutes']} minutes, seed {setup['seed']}"
    )
    yield "alarms per series and week; of ours with the exact 95 % interval, the worst series, and the share not judged"
    names = list(next(iter(figures["kinds"].values())))
    yield f"\n{'':<16}" + "".join(f"{name:>9}" for name in names) + f"{'interval':>17}{'worst':>8}{'not judged':>12}"
    for kind, row in figures["kinds"].items():
        ours = row["ours"]
        low, high = ours["interval"]
        yield (
            f"{kind:<16}"
            + "".join(f"{row[name]['per_week']:>9.2f}" for name in names)
            + f"{f'{low:.2f} to {high:.2f}':>17}{ours['worst_row_per_week']:>8.2f}{ours['not_judged_share']:>12.1%}"
        )
    met = sum(row["ours"]["per_week"] <= figures["wanted"] for row in figures["kinds"].values())
    yield f"\nours: {met} of {len(figures['kinds'])} kinds within {figures['wanted']:g}; stretch {figures['stretch']:g}"


if __name__ == "__main__":
    main()

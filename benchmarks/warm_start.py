"""Is it worth going on from yesterday's model? Daily warm starts beside daily cold fits, and both under attack.

Made-up services (`ai_ops/simulator`) run for two weeks and then for some days more. Every night one model goes on from
the one before, with the new day's rows, and another is fitted anew on the last two weeks; both leave out what is held
out, and sit the same examination on the day that follows, which neither has seen: quiet hours, and the same hours with
one fault each. Shown are the AUC, the recall and the false alarms by the models' own thresholds, and the loss: the
Kolmogorov distance of each week's probability-integral values from uniform. With `--data DIR` also services under the
recorded traffic of csv files there.

Then somebody pushes the metrics of one service by some standard deviations a day. Shown are how far a model moved in
one day at most, after how many days it was reported, where the push stood by then, and what the models, trained under
the attack, are still worth on the service as it really is.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from metric_rows import MetricRows
    from tuning_cases import Case

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.examined import Examined

WEEK = 7
ATTACKS = (0.1, 0.2, 0.3, 1.0)


def main() -> None:
    """Simulate, train, examine, print the tables, write the JSON."""
    from tuning_cases import cases

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=Path, help="also services under the recorded traffic there")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument(
        "--days", metavar="N", type=int, default=60, help="nights after the first two weeks (default 60)"
    )
    parser.add_argument("--attack-days", metavar="N", type=int, default=28, help="of the attacks (default 28)")
    parser.add_argument("--case", action="append", help="only this service; may be repeated")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="chooses noise and faults (default 1)")
    wish = parser.parse_args()
    chosen = [case for case in cases(wish.data, is_quick=False) if not wish.case or case.name in wish.case]
    figures = measure(chosen, wish.days, wish.attack_days, wish.seed)
    print("\n".join(table(figures)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measure(chosen: Sequence[Case], days: int, attack_days: int, seed: int) -> dict[str, Any]:
    """Simulate and compare; the last service is the one that is attacked."""
    from metric_rows import simulated
    from model_nights import HISTORY_DAYS
    from poisoning import poisoned

    services: dict[str, Any] = {}
    attacks: dict[str, Any] = {}
    for case in chosen:
        rows = simulated(case, HISTORY_DAYS + days + 1, seed)
        services[case.name] = compared(rows, seed)
        if case is chosen[-1]:
            attacks = {f"{per_day:g}": poisoned(rows, per_day, attack_days, seed) for per_day in ATTACKS}
    setup = {"days": days, "attack_days": attack_days, "seed": seed, "attacked": chosen[-1].name}
    return {"setup": setup, "services": services, "attacks": attacks}


@dataclass(slots=True)
class Marks:
    """What one way of training showed, examination by examination."""

    sat: list[Examined] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """All examinations together, but for the loss, which is the mean of whole weeks."""
        from ai_ops.learn.auc import auc
        from ai_ops.learn.loss import kolmogorov_loss

        quiet, faulty = (np.concatenate([getattr(one, name) for one in self.sat]) for name in ("quiet", "faulty"))
        weeks = [self.sat[at : at + WEEK] for at in range(0, len(self.sat) - WEEK + 1, WEEK)] or [self.sat]
        losses = [kolmogorov_loss(np.concatenate([one.pit for one in week])) for week in weeks]
        found, asked = zip(*[(one.recall.value, one.faulty.size) for one in self.sat if one.recall], strict=True)
        alarms = [one.alarms_per_week.value for one in self.sat if one.alarms_per_week]
        return {
            "auc": auc(quiet, faulty),
            "recall": float(np.average(found, weights=asked)),
            "alarms_per_week": float(np.mean(alarms)),
            "loss": float(np.mean(losses)),
        }


def compared(rows: MetricRows, seed: int) -> dict[str, Any]:
    """Train both ways every night, and examine both on the day after."""
    from metric_rows import last_day_as_past
    from model_nights import HISTORY_DAYS, cold_night, warm_night

    from ai_ops.detect.learned.examination import examine, set_examination

    marks = {"warm": Marks(), "cold": Marks()}
    models: dict[str, Mixture] = {}
    allowed = []
    for day in range(HISTORY_DAYS, rows.days):
        history = rows.between(day - HISTORY_DAYS, day)
        models["cold"] = cold_night(history)
        if "warm" in models:
            started = warm_night(models["warm"], history)
            models["warm"] = started.model
            allowed.append(started.allowed_ratio)
        else:
            models["warm"] = models["cold"]
        asked = set_examination(last_day_as_past(rows.between(day + 1 - HISTORY_DAYS, day + 1)), seed)
        for way, model in models.items():
            marks[way].sat.append(examine(asked, model.score, model.pit))
    figures: dict[str, Any] = {way: one.figures() for way, one in marks.items()}
    return figures | {"nights": len(allowed), "shortened_nights": int(sum(one < 1.0 for one in allowed))}


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    setup = figures["setup"]
    yield f"{setup['days']} nights after two weeks; warm starts beside cold fits on two weeks, seed {setup['seed']}"
    yield f"{'':<22}{'AUC':>14}{'recall':>14}{'alarms a week':>16}{'loss of a week':>17}{'nights shortened':>18}"
    yield f"{'':<22}" + f"{'warm   cold':>14}" * 2 + f"{'warm   cold':>16}{'warm   cold':>17}"
    for name, row in [*figures["services"].items(), ("mean", mean_of(figures["services"].values()))]:
        warm, cold = row["warm"], row["cold"]
        yield (
            f"{name:<22}"
            + "".join(
                f"{warm[what]:>{wide - 7}.3f}{cold[what]:>7.3f}"
                for what, wide in (("auc", 14), ("recall", 14), ("alarms_per_week", 16), ("loss", 17))
            )
            + f"{row['shortened_nights']:>15} of {row['nights']}"
        )
    yield f"\n{setup['attacked']}, pushed every day for {setup['attack_days']} days; sigmas of the last cold fit"
    yield (
        f"{'push a day':<12}{'most moved in a day':>21}{'reported on day':>17}{'push by then':>14}{'moved by then':>15}"
        f"{'AUC before':>12}{'bounded':>9}{'unbounded':>11}{'cold':>7}"
    )
    for per_day, row in figures["attacks"].items():
        told = "never" if row["reported_on_day"] is None else row["reported_on_day"]
        push = "" if row["reported_on_day"] is None else f"{row['reported_on_day'] * float(per_day):.1f}"
        yield f"{per_day:<12}{row['most_moved']:>21.3f}{told:>17}{push:>14}{row['moved']:>15.2f}" + "".join(
            f"{row[what]:>{wide}.3f}" for what, wide in (("before", 12), ("bounded", 9), ("unbounded", 11), ("cold", 7))
        )


def mean_of(rows: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean over the services, each counting the same."""
    every = list(rows)
    ways = {
        way: {what: float(np.mean([row[way][what] for row in every])) for what in every[0][way]}
        for way in ("warm", "cold")
    }
    return ways | {name: sum(row[name] for row in every) for name in ("nights", "shortened_nights")}


if __name__ == "__main__":
    main()

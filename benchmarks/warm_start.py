"""Is it worth going on from yesterday's model? Daily warm starts beside daily cold fits, and both under attack.

Made-up services (`ai_ops/simulator`) run for two weeks and then for some days more. Every night one model goes on from
the one before, with the new day's rows, and another is fitted anew on the last two weeks; both leave out what is held
out, and sit the same examination on the day that follows, which neither has seen: quiet hours, and the same hours with
one fault each. Shown are the AUC, the recall and the false alarms by the models' own thresholds, and the loss: the
Kolmogorov distance of all probability-integral values from uniform. The differences are those of whole weeks, with the
95 % interval of a bootstrap over weeks of services. With `--data DIR` also services under the recorded traffic of csv
files there.

Then somebody pushes the metrics of each service by some standard deviations a day. Shown are how far a model moved in
one day at most, after how many days it was reported, and where the push stood by then. Two AUCs say what models that
were trained meanwhile are worth: over hours with faults and quiet ones of the service as it would have been, and over
the pushed hours of the last day and the same as they would have been.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from metric_rows import MetricRows
    from tuning_cases import Case

    from ai_ops.detect.learned.mixture import Mixture
    from ai_ops.domain.examined import Examined

WEEK = 7
ATTACKS = (0.1, 0.2, 0.3, 1.0)
DRAWS = 2000
WAYS = ("before", "bounded", "unbounded", "cold")


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
    """Simulate, compare, and attack each service."""
    from metric_rows import simulated
    from model_nights import HISTORY_DAYS
    from poisoning import poisoned

    services: dict[str, Any] = {}
    attacks: dict[str, dict[str, Any]] = {f"{per_day:g}": {} for per_day in ATTACKS}
    for case in chosen:
        rows = simulated(case, HISTORY_DAYS + days + 1, seed)
        services[case.name] = compared(rows, seed)
        for per_day in ATTACKS:
            attacks[f"{per_day:g}"][case.name] = poisoned(rows, per_day, min(attack_days, days), seed)
    setup = {"days": days, "attack_days": min(attack_days, days), "seed": seed}
    return {"setup": setup, "services": services, "attacks": attacks}


def figures_of(sat: Sequence[Examined]) -> dict[str, float]:
    """Several examinations as one."""
    from ai_ops.learn.auc import auc
    from ai_ops.learn.loss import kolmogorov_loss

    quiet, faulty, pit = (np.concatenate([getattr(one, name) for one in sat]) for name in ("quiet", "faulty", "pit"))
    found, asked = zip(*[(one.recall.value, one.faulty.size) for one in sat if one.recall], strict=True)
    return {
        "auc": auc(quiet, faulty),
        "recall": float(np.average(found, weights=asked)),
        "alarms_per_week": float(np.mean([one.alarms_per_week.value for one in sat if one.alarms_per_week])),
        "loss": kolmogorov_loss(pit),
    }


def compared(rows: MetricRows, seed: int) -> dict[str, Any]:
    """Train both ways every night, and examine both on the day after."""
    from metric_rows import newest_as_past
    from model_nights import HISTORY_DAYS, cold_night, warm_night

    from ai_ops.detect.learned.examination import examine, set_examination

    sat: dict[str, list[Examined]] = {"warm": [], "cold": []}
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
        asked = set_examination(newest_as_past(rows.between(day + 1 - HISTORY_DAYS, day + 1)), seed)
        for way, model in models.items():
            sat[way].append(examine(asked, model.score, model.pit))
    starts = range(0, max(1, len(sat["warm"]) - WEEK + 1), WEEK)
    return {
        **{way: figures_of(every) for way, every in sat.items()},
        "weeks": [{way: figures_of(every[at : at + WEEK]) for way, every in sat.items()} for at in starts],
        "nights": len(allowed),
        "shortened_nights": sum(one < 1.0 for one in allowed),
    }


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    setup = figures["setup"]
    yield f"{setup['days']} nights after two weeks; warm starts beside cold fits on two weeks, seed {setup['seed']}"
    yield f"{'':<22}{'AUC':>14}{'recall':>14}{'alarms a week':>16}{'loss':>17}{'nights shortened':>18}"
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
    for what, better in (("auc", "more"), ("loss", "less")):
        middle, low, high = difference(figures["services"].values(), what)
        yield f"{what} of a week, warm less cold: {middle:+.4f} ({low:+.4f} to {high:+.4f}); {better} is better"
    yield from attack_table(figures)


def attack_table(figures: Mapping[str, Any]) -> Iterator[str]:
    """What became of the models that somebody pushed: the worst of the services, and the mean of the AUCs."""
    yield (
        f"\nevery service pushed for {figures['setup']['attack_days']} days; sigmas of the first cold fit; "
        "what moved most, what was reported last"
    )
    yield f"{'':<52}" + "".join(f"{title:>{9 * len(WAYS) + 1}}" for title in ("AUC of faults", "AUC of the push"))
    heads = f"{'a day':<8}{'most in a day':>14}{'reported':>10}{'push then':>11}{'moved':>9}"
    yield heads + "".join(f"{way:>{10 if way == 'unbounded' else 9}}" for way in WAYS * 2)
    for per_day, by_service in figures["attacks"].items():
        rows = list(by_service.values())
        days = [row["reported_on_day"] for row in rows]
        told, push = "not all", ""
        if None not in days:
            told, push = f"day {max(days)}", f"{max(days) * float(per_day):.1f}"
        most, moved = (max(row[what] for row in rows) for what in ("most_moved", "moved"))
        yield f"{per_day:<8}{most:>14.3f}{told:>10}{push:>11}{moved:>9.2f}" + "".join(
            f"{np.mean([row[what][way] for row in rows]):>{10 if way == 'unbounded' else 9}.3f}"
            for what in ("faults", "attack")
            for way in WAYS
        )


def difference(rows: Iterable[Mapping[str, Any]], what: str) -> tuple[float, float, float]:
    """Mean over weeks of services of warm less cold, with its 95 % bootstrap interval."""
    apart = np.array([week["warm"][what] - week["cold"][what] for row in rows for week in row["weeks"]])
    drawn = np.random.default_rng(0).choice(apart, (DRAWS, apart.size)).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(apart.mean()), float(low), float(high)


def mean_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean over the services, each counting the same."""
    every = list(rows)
    ways = {
        way: {what: float(np.mean([row[way][what] for row in every])) for what in every[0][way]}
        for way in ("warm", "cold")
    }
    return ways | {name: sum(row[name] for row in every) for name in ("nights", "shortened_nights")}


if __name__ == "__main__":
    main()

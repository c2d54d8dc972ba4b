"""Tuners of autoscaling thresholds in closed loop: what they save, what they risk, and whether they say so.

Made-up services (`ai_ops/simulator`, physics of their own) carry recorded and generated traffic. After two weeks
under the thresholds a run starts with, each contender is asked every six hours for 46 days, sees at most the last
28 days, and is obeyed twelve hours later. Run 0 starts at 80/30, run 1 at 60/30, later ones anywhere within the
bounds; each run has traffic, bursts, deploys, incidents and noise of its own. The last row is the cheapest static
setting that keeps 99.95 % on the very same days: nobody can know it in advance. Runs on which no static setting
keeps it are shown apart: there is nothing to compare with.

Saving counts where 80/30 keeps the promise. Cost error and coverage judge the predicted cost of settings that stayed
for the whole horizon. Turns: the most changes of direction of one knob within seven days after day 14.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from best_static import CACHE, Best, Search, best_static, with_setting  # noqa: E402  # a benchmark is run as a file
from closed_loop import Course, fixed, tuned, warmed_up  # noqa: E402
from tuners import CONTENDERS, Contender  # noqa: E402
from tuning_cases import Case, cases  # noqa: E402
from tuning_scores import Score, score  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_ops.simulator.service import SimulatedService

QUICK_DAYS = 14
BEST = "best static in hindsight"


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one contender on one case."""

    case: str
    run: int
    contender: str
    best_setting: str | None
    score: Score


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that one worker needs for one run of one case."""

    case: Case
    run: int
    days: int
    contenders: tuple[str, ...]
    cache: Path


def main() -> None:
    """Run everything, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=Path, help="also the recorded traffic in this folder")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--days", metavar="N", type=int, default=46, help="tuned days (default 46)")
    parser.add_argument("--runs", metavar="N", type=int, default=3, help="starts of each case (default 3)")
    parser.add_argument("--workers", metavar="N", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--case", metavar="NAME", action="append", help="only this one; may be repeated")
    parser.add_argument(
        "--contender", metavar="NAME", action="append", help="only this one beside 80/30; may be repeated"
    )
    parser.add_argument("--cache", metavar="DIR", type=Path, default=CACHE, help="where best settings are remembered")
    parser.add_argument("--quick", action="store_true", help=f"one start of three cases, {QUICK_DAYS} tuned days")
    wish = parser.parse_args()
    days, runs = (QUICK_DAYS, 1) if wish.quick else (wish.days, wish.runs)
    chosen = [case for case in cases(wish.data, is_quick=wish.quick) if not wish.case or case.name in wish.case]
    names = tuple(one.name for one in CONTENDERS if not wish.contender or one.name in wish.contender)
    jobs = [Job(case, run, days, names, wish.cache) for run in range(runs) for case in chosen]
    rows = []
    for found in results(jobs, wish.workers):
        rows += found
        print("\n".join(line(row) for row in found), flush=True)
    print(summary(rows))
    if wish.json:
        wish.json.write_text(json.dumps(figures(rows), indent=2) + "\n", encoding="utf-8")


def results(jobs: Sequence[Job], workers: int) -> Iterable[list[Row]]:
    """Rows of each job, as they are done."""
    from joblib import Parallel, delayed

    yield from Parallel(n_jobs=workers, return_as="generator_unordered")(delayed(run_job)(job) for job in jobs)


def run_job(job: Job) -> list[Row]:
    """All contenders on one run of one case, the untouched one first and the best static setting last."""
    case, warm, start = job.case, warmed_up(job.case, job.days, job.run), job.case.thresholds(job.run)
    untouched = fixed(warm, start | CONTENDERS[0].standing, job.days)
    best = best_static(Search(warm, start, job.days, float(untouched.total.sum())), case.instances, job.cache)
    courses: dict[str, Course] = {CONTENDERS[0].name: untouched}
    for contender in CONTENDERS[1:]:
        if contender.name in job.contenders:
            courses[contender.name] = _course(contender, warm, start, job)
    if best.setting:
        courses[BEST] = fixed(warm, with_setting(start, best.setting), job.days)
    return [
        Row(case.name, job.run, name, _words(best), score(course, untouched, best.cost))
        for name, course in courses.items()
    ]


def _course(contender: Contender, warm: SimulatedService, start: dict[str, Any], job: Job) -> Course:
    standing = {**start, **contender.standing}
    if contender.tuner is None:
        return fixed(warm, standing, job.days)
    return tuned(warm, standing, contender.tuner(job.run + 1), job.days)


def _words(best: Best) -> str | None:
    if best.setting is None:
        return None
    mode, out, into, least = best.setting
    return f"target {out:g}, min {least}" if mode == "target" else f"{out:g}/{into:g}, min {least}"


def line(row: Row) -> str:
    """One run for a person."""
    one = row.score
    best = "   -  " if one.cost_to_best is None else f"{one.cost_to_best:>6.3f}"
    return (
        f"{row.case[:22]:<22}{row.run:>3}  {row.contender[:24]:<24}{one.sla_percent:>8.3f} %{one.bad_days:>4} bad days"
        f"   cost {best} of best ({row.best_setting}), {one.cost_to_untouched:>6.3f} of 80/30{one.changes:>4} changes"
    )


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Every run, and what each contender came to."""
    return {
        "contenders": by_contender([row for row in rows if row.best_setting]),
        "contenders_where_no_static_setting_is_safe": by_contender([row for row in rows if not row.best_setting]),
        "runs": [asdict(row) for row in rows],
    }


def by_contender(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """What each contender came to."""
    names = dict.fromkeys(row.contender for row in rows)
    return {name: means_of([row.score for row in rows if row.contender == name]) for name in names}


def means_of(scores: Sequence[Score]) -> dict[str, Any]:
    """What the runs of one contender have in common; None where nothing can be told."""
    to_best = [one.cost_to_best for one in scores if one.cost_to_best is not None]
    savings = [1.0 - one.cost_to_untouched for one in scores if one.is_untouched_safe]
    converged = [one.converged_days for one in scores if one.converged_days is not None]
    errors = [error for one in scores for error in one.cost_errors]
    covered = [inside for one in scores for inside in one.is_covered]
    return {
        "runs": len(scores),
        "runs_safe": sum(one.is_safe for one in scores),
        "worst_sla_percent": min(one.sla_percent for one in scores),
        "bad_days": _mean([one.bad_days for one in scores]),
        "most_extra_bad_days": max(one.extra_bad_days for one in scores),
        "cost_to_best": _mean(to_best),
        "most_cost_to_best": max(to_best, default=None),
        "cost_to_untouched": _mean([one.cost_to_untouched for one in scores]),
        "saving_where_untouched_is_safe": _mean(savings),
        "runs_where_untouched_is_safe": len(savings),
        "converged_days_median": float(np.median(converged)) if converged else None,
        "runs_converged": len(converged),
        "changes": _mean([one.changes for one in scores]),
        "cost_error_median": float(np.median(errors)) if errors else None,
        "coverage": _mean(covered),
        "predictions_judged": len(errors),
        "seconds_mean": _mean([one.seconds_mean for one in scores]),
        "seconds_most": max(one.seconds_most for one in scores),
        "direction_changes_most": max(one.direction_changes for one in scores),
        "breaches": sum(one.breaches for one in scores),
    }


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def summary(rows: Sequence[Row]) -> str:
    """The table: one contender a line."""
    head = (
        f"{'':<25}{'safe':>7}{'worst SLA':>11}{'bad days':>9}{'extra':>6}{'cost/best':>10}{'most':>7}{'/80/30':>8}"
        f"{'saving':>8}{'conv.':>7}{'changes':>8}{'error':>7}{'in 90 %':>8}{'CPU s':>8}{'turns':>6}{'breaches':>9}"
    )
    found = figures(rows)
    lines = ["", head, *(_line_of(name, mean) for name, mean in found["contenders"].items())]
    if hopeless := found["contenders_where_no_static_setting_is_safe"]:
        lines += ["", "no static setting is safe:", *(_line_of(name, mean) for name, mean in hopeless.items())]
    return "\n".join(lines)


def _line_of(name: str, mean: dict[str, Any]) -> str:
    share = f"{mean['runs_safe']}/{mean['runs']}"
    return (
        f"{name:<25}{share:>7}{mean['worst_sla_percent']:>11.3f}{mean['bad_days']:>9.1f}"
        f"{mean['most_extra_bad_days']:>6}{_shown(mean['cost_to_best'], '.3f'):>10}"
        f"{_shown(mean['most_cost_to_best'], '.2f'):>7}{mean['cost_to_untouched']:>8.3f}"
        f"{_shown(mean['saving_where_untouched_is_safe'], '.1%'):>8}{_shown(mean['converged_days_median'], '.0f'):>7}"
        f"{mean['changes']:>8.1f}{_shown(mean['cost_error_median'], '.1%'):>7}{_shown(mean['coverage'], '.0%'):>8}"
        f"{mean['seconds_mean']:>8.2f}{mean['direction_changes_most']:>6}{mean['breaches']:>9}"
    )


def _shown(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


if __name__ == "__main__":
    main()

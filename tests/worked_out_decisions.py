"""Alarms, scaling, the own record and the next hours worked out again: from files, by none of the report's code."""

from __future__ import annotations

from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

from scipy.optimize import brentq
from scipy.stats import norm
from worked_out_amounts import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worked_out_amounts import Inputs

HOUR, DAY = 3600.0, 86400.0
PERIOD = 6 * HOUR
LOUDNESS = ("low", "medium", "high", "critical")
WORSE = ("not judgeable", "hit", "miss")

Record = dict[str, Any]


def told(inputs: Inputs) -> list[Record]:
    """Episodes of windows that are over."""
    return [one for one in inputs.episodes if seconds(one["window"]["end"]) <= inputs.end + 300.0]


def runs(inputs: Inputs) -> list[Record]:
    """Those that the agent decided itself."""
    return [one for one in told(inputs) if one["policy"] != "rollback"]


def period(episode: Record) -> float:
    """Which six hours an episode is named after."""
    return seconds(episode["window"]["end"]) // PERIOD


def last_of_each_period(episodes: Iterable[Record]) -> list[Record]:
    """Without what was decided again."""
    return list({period(one): one for one in episodes}.values())


# Alarms


def alarms(inputs: Inputs) -> list[Record]:
    """Findings of one metric within eight hours are one alarm, and those of several metrics within half an hour."""
    start = inputs.back(inputs.raw["days"])
    sights = [one for one in _sights(inputs, start) if one["alarm"] != "forecast"]
    together = []
    for metric in {one["metric"] for one in sights}:
        of_metric = sorted(
            (one for one in sights if one["metric"] == metric), key=lambda one: (one["since"], one["until"])
        )
        together += _joined([[one] for one in of_metric], 8 * HOUR)
    late = [some for some in together if max(one["until"] for one in some) >= start]
    late.sort(key=lambda some: (min(one["since"] for one in some), some[0]["metric"]))
    said = [_alarm(some) for some in _joined(late, HOUR / 2)]
    return sorted(said, key=lambda one: (-LOUDNESS.index(one["severity"]), -one["score"], one["since"]))


def _sights(inputs: Inputs, start: float) -> list[Record]:
    """Every finding with the window it was found in, and whether that is the newest that anybody looked at."""
    known, sights = runs(inputs), []
    for episode in known:
        end = seconds(episode["window"]["end"])
        for found in episode["findings"] if end > start else ():
            values = inputs.series.get(found["metric"], {})
            is_old = any(at >= end and isfinite(value) for at, value in values.items())
            sights.append(_sight(found, seconds(episode["window"]["start"]), episode is known[-1] and not is_old))
    behind = seconds(known[-1]["window"]["end"]) if known else start
    for found in inputs.raw["findings"]:
        sight = _sight(found, behind, is_newest=False)
        sight["is_newest"] = inputs.end - behind <= PERIOD or max(sight["since"], sight["at"]) >= inputs.end - PERIOD
        sights.append(sight)
    return sights


def _sight(found: Record, window_start: float, is_newest: bool) -> Record:  # noqa: FBT001 - it is told by its place
    since, at = seconds(found["since"]), seconds(found["at"])
    return found | {"since": since, "at": at, "until": max(since, at, window_start), "is_newest": is_newest}


def _joined(groups: list[list[Record]], gap: float) -> list[list[Record]]:
    """Groups in their order, each of them joined to the one before where it begins soon enough after all before it."""
    joined: list[list[Record]] = []
    for group in groups:
        begins = min(one["since"] for one in group)
        if joined and begins - max(one["until"] for one in joined[-1]) <= gap:
            joined[-1] = joined[-1] + group
        else:
            joined.append(group)
    return joined


def _alarm(some: list[Record]) -> Record:
    by_loudness = sorted(some, key=lambda one: (LOUDNESS.index(one["severity"]), one["score"]), reverse=True)
    return {
        "metrics": list(dict.fromkeys(one["metric"] for one in by_loudness)),
        "since": min(one["since"] for one in some),
        "until": max(one["until"] for one in some),
        "severity": by_loudness[0]["severity"],
        "score": by_loudness[0]["score"],
        "findings": len({(one["metric"], one["since"]) for one in some}),
        "is_going_on": any(one["is_newest"] for one in some),
    }


# Scaling


def scaling(inputs: Inputs) -> Record:
    """How often instances rose and fell (S001-104), and what the agent decided (S001-28)."""
    start = inputs.back(inputs.raw["days"])
    ups = downs = 0
    seen: list[float] = []
    last: float | None = None
    for at, value in sorted(inputs.series.get("instances", {}).items()):
        if not isfinite(value) or at >= inputs.end:
            continue
        if at >= start:
            seen.append(value)
            ups += last is not None and round(value) > round(last)
            downs += last is not None and round(value) < round(last)
        last = value
    decided = [one for one in inputs.episodes if start <= seconds(one["decided_at"]) < inputs.end]
    in_force = last_of_each_period(one for one in decided if one["policy"] != "rollback")
    delivered = inputs.raw["delivered"]
    moves = [
        {
            "episode": one["id"],
            "knob": change["knob"],
            "before": float(change["before"]),
            "after": float(change["after"]),
        }
        | {"at": seconds(one["decided_at"]), "is_live": one["id"] in delivered}
        for one in decided
        if one["id"] in delivered or one["policy"] == "rollback" or any(one is other for other in in_force)
        for change in one["decision"]["changes"]
    ]
    return {
        "ups": ups if seen else None,
        "downs": downs if seen else None,
        "lowest": min(seen, default=None),
        "highest": max(seen, default=None),
        "mean": sum(seen) / len(seen) if seen else None,
        "moves": moves,
        "holds": sum(not one["decision"]["changes"] for one in in_force),
    }


# The own record


def record(inputs: Inputs) -> Record:
    """Predictions beside what came: those judged in the span, the share of 28 days, and what was saved."""
    predicted = {one["prediction"]["made_at"]: one for one in told(inputs) if one["prediction"]}
    once: dict[str, Record] = {}
    for outcome in (outcome for one in told(inputs) for outcome in one["outcomes"]):
        kept = once.get(outcome["made_at"])
        if kept is None or WORSE.index(outcome["verdict"]) > WORSE.index(kept["verdict"]):
            once[outcome["made_at"]] = outcome
    counted = [one for one in once.values() if inputs.end - 28 * DAY <= seconds(one["judged_at"]) < inputs.end]
    counted.sort(key=lambda one: seconds(one["made_at"]))
    verdicts = _by_day(counted, predicted)
    hits, misses = verdicts.count("hit"), verdicts.count("miss")
    saved, saved_hours = _saved(inputs, counted, predicted)
    start = inputs.back(inputs.raw["days"])
    return {
        "judged": [_beside(one, predicted) for one in counted if seconds(one["judged_at"]) >= start],
        "hits": hits,
        "misses": misses,
        "not_judgeable": verdicts.count("not judgeable"),
        "calibration": _calibration(hits, hits + misses),
        "saved": saved,
        "saved_hours": saved_hours,
    }


def _by_day(outcomes: list[Record], predicted: dict[str, Record]) -> list[str]:
    """The worst verdict of each day, of live changes and of unchanged settings by themselves."""
    days: dict[tuple[bool, str], str] = {}
    for one in outcomes:
        episode, verdict, is_live = predicted.get(one["made_at"]), one["verdict"], one["is_live_change"]
        if verdict == "hit" and episode is None:
            verdict, is_live = "not judgeable", False
        elif verdict == "hit" and episode is not None and not episode["decision"]["changes"]:
            is_live = False
        day = (is_live, one["made_at"][:10])
        days[day] = max(days.get(day, WORSE[0]), verdict, key=WORSE.index)
    return list(days.values())


def _calibration(hits: int, judged: int) -> Record | None:
    """Wilson's interval holds the shares that the normal test does not refuse: found by its roots, not by formula."""
    if not judged:
        return None
    share, z = hits / judged, norm.ppf(0.975)

    def refused(true: float) -> float:
        return (share - true) ** 2 - z * z * true * (1.0 - true) / judged

    low = 0.0 if hits == 0 else brentq(refused, 0.0, share - 1e-9, xtol=1e-15)
    high = 1.0 if hits == judged else brentq(refused, share + 1e-9, 1.0, xtol=1e-15)
    return {"expected": share, "low": low, "high": high}


def _beside(outcome: Record, predicted: dict[str, Record]) -> Record:
    episode = predicted.get(outcome["made_at"])
    of = None if episode is None else _which(outcome, episode)
    return {
        "made_at": seconds(outcome["made_at"]),
        "verdict": outcome["verdict"],
        "is_live_change": outcome["is_live_change"],
        "cost_per_hour": outcome["cost_per_hour"],
        "burn": outcome["burn"],
        "predicted_cost_per_hour": of and of["cost_per_hour"],
        "predicted_burn": of and of["burn"],
    }


def _which(outcome: Record, episode: Record) -> Record:
    """The prediction that was judged: of the settings left in place, unless a change was live or its bound says so."""
    prediction, unchanged = episode["prediction"], episode["if_unchanged"]
    is_of_change = outcome["is_live_change"] or outcome["burn_high"] == prediction["burn"]["high"]
    return prediction if unchanged is None or is_of_change else unchanged


def _saved(inputs: Inputs, outcomes: list[Record], predicted: dict[str, Record]) -> tuple[float | None, float]:
    """Money, by ticks of five minutes, each of which belongs to the change that came first."""
    changes = []
    for one in outcomes:
        episode = predicted.get(one["made_at"])
        if not one["is_live_change"] or one["verdict"] == "not judgeable" or episode is None:
            continue
        if episode["if_unchanged"] is None or one["cost_per_hour"] is None:
            continue
        gain = episode["if_unchanged"]["cost_per_hour"]["expected"] - one["cost_per_hour"]
        changes.append((_live_since(inputs, episode), gain, episode["prediction"]["horizon_hours"]))
    ticks: dict[float, float] = {}
    for start, gain, hours in sorted(changes, key=lambda change: change[0]):
        for number in range(round(hours * 12)):
            ticks.setdefault(start + 300.0 * number, gain / 12.0)
    return (sum(ticks.values()), len(ticks) / 12.0) if changes else (None, 0.0)


def _live_since(inputs: Inputs, episode: Record) -> float:
    wanted = {change["knob"]: change["after"] for change in episode["decision"]["changes"]}
    for later in told(inputs):
        standing = later["thresholds"]["values"]
        if seconds(later["decided_at"]) > seconds(episode["decided_at"]) and wanted.items() <= standing.items():
            return seconds(later["decided_at"])
    return seconds(inputs.raw["delivered"].get(episode["id"], episode["decided_at"]))


# Learning, advice, the next hours, people


def learning(inputs: Inputs) -> Record:
    """Status by the loss of the newest training that has one (S001-108)."""
    losses = [one["loss"] for one in inputs.raw["model"]["trainings"] if one["loss"] is not None]
    loss = losses[-1] if losses else None
    status = "training" if loss is None or loss >= 0.05 else "converged" if loss < 0.02 else "converging"
    return {
        "status": status,
        "loss": loss,
        "auc": inputs.raw["model"]["auc"],
        "drift_score": inputs.raw["model"]["drift"],
    }


def advice(score: float | None, means: dict[str, float], variance_percent: float | None) -> list[str]:
    """Which of the six rules speak (S001-109 to S001-114)."""
    cpu = means.get("cpu_percent")
    rules = {
        "S001-109": score is not None and score < 70.0,
        "S001-110": means.get("latency_p95_ms", 0.0) > 200.0,
        "S001-111": means.get("error_percent", 0.0) > 2.0,
        "S001-112": variance_percent is not None and variance_percent > 20.0,
        "S001-113": cpu is not None and cpu > 80.0,
        "S001-114": cpu is not None and cpu < 30.0,
    }
    return [rule for rule, speaks in rules.items() if speaks]


def forecast(inputs: Inputs) -> Record:
    """The busiest of the next 24 hours."""
    outlook = inputs.raw["outlook"]
    best = None
    for number, expected in enumerate(outlook["expected"] if outlook else ()):
        begin = seconds(outlook["from"]) + number * HOUR
        if inputs.end - HOUR < begin < inputs.end + DAY and isfinite(expected):
            best = max(best or (expected, number, begin), (expected, number, begin), key=lambda one: one[0])
    if best is None:
        return {
            "hours": 24,
            **dict.fromkeys(
                ("peak_requests_per_second", "peak_at", "instances_needed", "instances_needed_at_most", "instances_now")
            ),
        }
    expected, number, begin = best
    peak = {"expected": expected, "low": outlook["lower"][number], "high": outlook["upper"][number]}
    needed, at_most = (max(1, ceil(demand / outlook["per_instance"])) for demand in (expected, peak["high"]))
    return {
        "hours": 24,
        "peak_requests_per_second": peak,
        "peak_at": begin,
        "instances_needed": needed,
        "instances_needed_at_most": at_most,
        "instances_now": outlook["ready"],
    }


def times_needed(inputs: Inputs) -> int:
    """How often a person was needed in the last seven days (S001-02, S001-03)."""
    since, delivered = inputs.end - 7 * DAY, {name: seconds(at) for name, at in inputs.raw["delivered"].items()}
    merged, waiting = 0, set()
    for one in told(inputs):
        live_at = delivered.get(one["id"])
        if one["mode"] == "propose" and live_at is not None and live_at >= since:
            merged += 1
        wanted = tuple((change["knob"], change["after"]) for change in one["decision"]["changes"])
        if one["mode"] == "commit" and wanted and live_at is None and delivered and seconds(one["decided_at"]) >= since:
            waiting.add(wanted)
    opened = inputs.raw["request_opened_at"]
    asked = merged + max(len(waiting), int(opened is not None and seconds(opened) >= since))
    judged = sum(since <= seconds(at) <= inputs.end for at in inputs.raw["judged_at"])
    taken_back = sum(one["policy"] == "rollback" and seconds(one["decided_at"]) >= since for one in told(inputs))
    lately = [one for one in inputs.raw["model"]["decisions"] if since <= seconds(one["at"]) <= inputs.end]
    models = {one["version"] for one in lately if one["verdict"] == "waiting" or one["by"] != "neuropilot"}
    return asked + judged + taken_back + len(models)

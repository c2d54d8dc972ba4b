"""Services made up at random, with holes wherever there can be any, and the same written to disk as raw inputs.

`raw.json` says what was set and asked, `series.csv` what was measured, and `episodes.jsonl` is the ledger's own file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from demands import a_capacity
from examples import SLO, STEP, a_finding, a_reward, an_episode
from gathered import all_knobs, frame, gathered
from model_vitals import STATUS, a_decision, a_record, some_model_vitals

from ai_ops.domain.cycle import PERIOD, ROLLBACK, episode_id
from ai_ops.domain.episode_judgement import EpisodeJudgement
from ai_ops.domain.finding import Severity
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.metrics import CANONICAL_METRICS, Series, Window, aligned
from ai_ops.domain.model_version import Verdict as ModelVerdict
from ai_ops.domain.prediction import Interval, Outcome, Prediction, Verdict
from ai_ops.domain.report_span import ReportSpan
from ai_ops.domain.training_record import Learning
from ai_ops.domain.tuning import Change, Decision, Thresholds
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.report.gathered import OpenRequest, Told
from ai_ops.store.ledger_lines import GENESIS, seal
from ai_ops.twin.outlook.ahead import Ahead
from ai_ops.twin.outlook.demand import SLOT, Demand
from ai_ops.twin.outlook.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.report.gathered import Frame, Gathered

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PER_INSTANCE = 61.0
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")

LEVELS = {
    "cpu_percent": (20.0, 90.0),
    "memory_percent": (30.0, 95.0),
    "latency_p95_ms": (60.0, 420.0),
    "error_percent": (0.0, 3.0),
    "requests_per_second": (0.0, 300.0),
    "db_latency_ms": (1.0, 40.0),
    "slo_good_ratio": (0.998, 1.0),
    "instances": (1.0, 9.0),
    "instances_desired": (1.0, 9.0),
    "cost_per_hour": (0.02, 0.2),
}
"""Between which values each metric moves."""


@dataclass(frozen=True)
class Raw:
    """A service as it was gathered, and the report that is asked of it."""

    gathered: Gathered
    span: ReportSpan
    frame: Frame


def a_raw_service(seed: int) -> Raw:
    """A service of its own for every seed, up to seven weeks old."""
    rng = np.random.default_rng(seed)
    end = datetime(2026, 10, 20, tzinfo=UTC) + int(rng.integers(0, 144 * 45)) * STEP
    span = ReportSpan(end, str(rng.choice(ZONES)), int(rng.choice((1, 1, 7))))
    past = _episodes(rng, end)
    told = (Told("slack", int(rng.integers(0, 30)), int(rng.integers(0, 3))), Told("notion", 0, 1, "timed out"))
    made = gathered(
        slo=replace(SLO, target_percent=float(rng.choice((99.0, 99.5, 99.9)))),
        monthly_budget=float(rng.uniform(20, 120)),
        series=_measured(rng, end),
        episodes=past,
        thresholds=Thresholds(_standing(rng)),
        knobs=all_knobs(),
        delivered=_delivered(rng, past),
        newest_findings=tuple(_findings(rng, end - PERIOD, end, 3)),
        vitals=_model(rng, end),
        outlook=_outlook(rng, end),
        mode=str(rng.choice(("observe", "propose", "commit"))),
        judgements=_judgements(rng, past),
        request=OpenRequest(7, "https://github.com/acme/shop/pull/7", "more", end - int(rng.integers(1, 300)) * HOUR)
        if rng.random() < 0.5
        else None,
    )
    return Raw(made, span, replace(frame(told=told), made_at=end + 7 * timedelta(minutes=1)))


def write(raw: Raw, folder: Path) -> None:
    """Leave below `folder` what the report was made from."""
    one = raw.gathered
    rows = [
        (metric, at, value)
        for metric, series in one.series.items()
        for at, value in zip(series.times(), series.values, strict=True)
    ]
    pd.DataFrame(rows, columns=["metric", "at", "value"]).to_csv(folder / "series.csv", index=False)
    previous, lines = GENESIS, b""
    for number, episode in enumerate(one.episodes, 1):
        line = seal(episode, number, previous)
        previous, lines = line.hash, lines + line.to_bytes()
    (folder / "episodes.jsonl").write_bytes(lines)
    (folder / "raw.json").write_text(json.dumps(_known(raw), indent=1), encoding="utf-8")


def _known(raw: Raw) -> dict[str, Any]:
    """What is neither a series nor in the ledger, as anybody would write it down."""
    one, outlook = raw.gathered, raw.gathered.outlook
    return {
        "end": raw.span.end.isoformat(),
        "zone": raw.span.zone,
        "days": raw.span.days,
        "step_seconds": STEP.total_seconds(),
        "target_percent": one.slo.target_percent,
        "minimum_requests": one.slo.minimum_requests,
        "budget": one.monthly_budget,
        "currency": raw.frame.currency,
        "mode": one.mode,
        "metrics": sorted(CANONICAL_METRICS),
        "standing": dict(one.thresholds.numbers) if one.thresholds else {},
        "bounds": {name: [knob.minimum, knob.maximum] for name, knob in one.knobs.items()},
        "delivered": {name: at.isoformat() for name, at in one.delivered.items()},
        "request_opened_at": one.request.opened_at.isoformat() if one.request else None,
        "judged_at": [judgement.at.isoformat() for judgement in one.judgements],
        "findings": [
            {
                "metric": found.metric,
                "severity": str(found.severity),
                "score": found.score,
                "since": found.since.isoformat(),
                "at": found.at.isoformat(),
                "alarm": str(found.alarm),
            }
            for found in one.newest_findings
        ],
        "model": {
            "auc": one.vitals.status.auc,
            "min_auc": one.vitals.min_auc,
            "drift": one.vitals.drift.drift_score if one.vitals.drift else None,
            "decisions": [
                {"version": made.version, "verdict": str(made.verdict), "by": made.by, "at": made.at.isoformat()}
                for made in one.vitals.decisions
            ],
            "trainings": [
                {
                    "at": record.at.isoformat(),
                    "loss": record.loss,
                    "rows": record.loss_rows,
                    "auc": record.auc,
                    "auc_low": record.auc_low,
                }
                for record in one.vitals.records
            ],
        },
        "told": [{"channel": told.channel, "sent": told.sent, "failed": told.failed} for told in raw.frame.told],
        "outlook": None
        if not isinstance(outlook, Outlook)
        else {
            "from": outlook.demand.end.isoformat(),
            "expected": outlook.hours.expected.tolist(),
            "lower": outlook.hours.lower.tolist(),
            "upper": outlook.hours.upper.tolist(),
            "per_instance": PER_INSTANCE,
            "ready": outlook.instances_now,
        },
    }


def _measured(rng: np.random.Generator, end: datetime) -> dict[str, Series]:
    """Metrics that wander, each with holes of its own; some never measured, some since a few days only."""
    series = {}
    for metric, (low, high) in LEVELS.items():
        if rng.random() < 0.1:
            continue
        count = int(rng.choice((6, 100, 144 * 5, 144 * 15, 144 * 34)))
        middle = low + (high - low) * rng.random()
        values = np.clip(middle + (high - low) * 0.1 * rng.normal(size=count).cumsum() / 3.0, low, high)
        if metric == "requests_per_second":
            values[rng.random(count) < 0.02] = 0.0
        for _ in range(int(rng.integers(0, 8))):
            first = int(rng.integers(0, count))
            values[first : first + int(rng.integers(1, 60))] = np.nan
        series[metric] = Series(metric, end - count * STEP, STEP, values)
    return series


def _standing(rng: np.random.Generator) -> dict[str, float]:
    values = {
        "cpu_scale_out_percent": float(rng.integers(60, 85)),
        "cpu_scale_in_percent": float(rng.integers(20, 45)),
        "memory_scale_out_percent": float(rng.integers(60, 90)),
        "min_instances": float(rng.integers(1, 4)),
    }
    return {name: value for name, value in values.items() if rng.random() < 0.8}


def _episodes(rng: np.random.Generator, end: datetime) -> tuple[Episode, ...]:
    """A run for most periods; some were missed, some decided again, some taken back by a person."""
    made: list[Episode] = []
    at = aligned(end, PERIOD) - int(rng.integers(1, 7 * 28)) * PERIOD
    last_end = None
    while (at := at + PERIOD) <= end:
        if rng.random() < 0.1:
            continue
        start = min(at - PERIOD, max(at - 2 * DAY, last_end or at - PERIOD))
        again = 1 + (rng.random() < 0.15)
        for number in range(1, again + 1):
            made.append(_episode(rng, Window(start, at, STEP), number, made))
        last_end = at
    return tuple(made)


def _episode(rng: np.random.Generator, window: Window, number: int, past: list[Episode]) -> Episode:
    decided_at = window.end + int(rng.integers(1, 12)) * timedelta(minutes=5) * number
    decision = _decision(rng)
    policy = ROLLBACK if rng.random() < 0.03 else "model_predictive"
    usual = an_episode()
    return replace(
        usual,
        id=episode_id("web", window) + ("" if number == 1 else f".{number}"),
        window=window,
        decided_at=decided_at,
        policy=policy,
        mode=str(rng.choice(("observe", "propose", "commit"))),
        thresholds=Thresholds({"cpu_scale_in_percent": float(rng.choice((30.0, 35.0, 40.0)))}),
        measured={} if policy == ROLLBACK else _means(rng),
        findings=(*_findings(rng, window.start, window.end, 2), *_seen_again(rng, window, past)),
        reward=_reward(rng, window.hours),
        decision=decision,
        prediction=_prediction(rng, decided_at) if rng.random() < 0.4 else None,
        if_unchanged=_prediction(rng, decided_at) if rng.random() < 0.7 else None,
        outcomes=tuple(_outcomes(rng, decided_at, past)),
    )


def _decision(rng: np.random.Generator) -> Decision:
    if rng.random() < 0.7:
        return Decision.hold("nothing to gain")
    change = Change("cpu_scale_in_percent", 30.0, float(rng.choice((35.0, 40.0))))
    return Decision((change,) if rng.random() < 0.7 else (change, Change("min_instances", 2.0, 3.0)), ("dear",))


def _means(rng: np.random.Generator) -> dict[str, float]:
    return {metric: float(rng.uniform(*LEVELS[metric])) for metric in LEVELS if rng.random() < 0.9}


def _reward(rng: np.random.Generator, hours: float) -> Any:
    good = float(rng.uniform(99.0, 100.0)) if rng.random() < 0.9 else None
    return a_reward(
        cost=float(rng.uniform(0.02, 0.2)) * hours if rng.random() < 0.9 else None,
        budget=0.1 * hours if rng.random() < 0.9 else None,
        requests=float(rng.uniform(0, 300)) * 3600 * hours if good is not None or rng.random() < 0.5 else None,
        slo_good_percent=good,
        burn=None if good is None else (100.0 - good) / 0.05,
    )


def _prediction(rng: np.random.Generator, made_at: datetime) -> Prediction:
    def about(middle: float) -> Interval:
        return Interval(middle, middle * float(rng.uniform(0.5, 0.9)), middle * float(rng.uniform(1.1, 2.0)))

    return Prediction(
        made_at=made_at,
        horizon_hours=float(rng.choice((24.0, 24.0, 48.0))),
        cost_per_hour=about(float(rng.uniform(0.05, 0.2))),
        burn=about(float(rng.uniform(0.1, 1.0))),
        slo_good_percent=Interval(99.9, 99.0, 100.0),
        scale_events_per_day=about(6.0),
        requests_per_second=about(100.0),
    )


def _outcomes(rng: np.random.Generator, judged_at: datetime, past: list[Episode]) -> Iterator[Outcome]:
    """Of predictions a day or two old; some are judged twice, some of predictions that the ledger no longer holds."""
    for one in past[-9:-3]:
        if one.prediction is None or rng.random() < 0.6:
            continue
        made_at = one.prediction.made_at if rng.random() < 0.95 else one.prediction.made_at - timedelta(minutes=1)
        verdict = Verdict(str(rng.choice([str(word) for word in Verdict], p=(0.7, 0.15, 0.15))))
        known = rng.random() < 0.9
        burn_high = one.prediction.burn.high if rng.random() < 0.5 else 0.123
        yield Outcome(
            made_at=made_at,
            judged_at=judged_at,
            verdict=verdict,
            reason="as it came",
            is_live_change=bool(one.decision.changes) and rng.random() < 0.7,
            cost_per_hour=float(rng.uniform(0.05, 0.2)) if known else None,
            burn=float(rng.uniform(0.0, 2.0)) if known else None,
            burn_high=burn_high,
        )


def _findings(rng: np.random.Generator, start: datetime, end: datetime, most: int) -> Iterator[Finding]:
    steps = round((end - start) / STEP)
    for _ in range(int(rng.integers(0, most + 1))):
        since = start + int(rng.integers(-20, steps)) * STEP
        yield a_finding(
            str(rng.choice(("cpu_percent", "latency_p95_ms", "error_percent"))),
            since=since,
            at=min(end - STEP, since + int(rng.integers(0, 12)) * STEP),
            score=float(rng.uniform(1.0, 6.0)),
            severity=Severity(str(rng.choice([str(one) for one in Severity]))),
            alarm=Alarm.FORECAST if rng.random() < 0.15 else Alarm.DEVIATION,
        )


def _seen_again(rng: np.random.Generator, window: Window, past: list[Episode]) -> Iterator[Finding]:
    """What the run before has found and goes on: the same onset, at its worst in this window, louder or less so."""
    for found in past[-1].findings if past else ():
        if rng.random() < 0.3:
            at = window.start + int(rng.integers(0, window.points)) * STEP
            yield replace(found, at=at, score=float(rng.uniform(1.0, 6.0)))


def _delivered(rng: np.random.Generator, past: tuple[Episode, ...]) -> dict[str, datetime]:
    moved = [one for one in past if one.decision.changes]
    return {one.id: one.decided_at + int(rng.integers(1, 30)) * HOUR for one in moved if rng.random() < 0.6}


def _judgements(rng: np.random.Generator, past: tuple[Episode, ...]) -> tuple[EpisodeJudgement, ...]:
    some = [one for one in past if rng.random() < 0.05]
    return tuple(
        EpisodeJudgement(one.id, "web", None, is_good=True, at=one.decided_at + HOUR, by="ana", because="it was")
        for one in some
    )


def _model(rng: np.random.Generator, end: datetime) -> Any:
    """Trainings of some nights, each with a loss or without."""
    nights = sorted(int(night) for night in rng.integers(1, 45, size=int(rng.integers(0, 12))))
    records = []
    for night in reversed(nights):
        loss = float(rng.uniform(0.01, 0.16)) if rng.random() < 0.8 else None
        auc = float(rng.uniform(0.6, 0.95)) if rng.random() < 0.8 else None
        records.append(
            a_record(
                at=end - night * DAY,
                loss=loss,
                loss_rows=None if loss is None else int(rng.integers(48, 4000)),
                learning=None if loss is None else Learning.TRAINING,
                auc=auc,
                auc_low=None if auc is None else auc - float(rng.uniform(0.01, 0.05)),
            )
        )
    verdicts = [str(rng.choice([str(one) for one in ModelVerdict])) for _ in nights]
    decisions = tuple(
        a_decision(
            ModelVerdict(verdict), version=f"v{night}", at=end - night * DAY, by=str(rng.choice(("ana", "neuropilot")))
        )
        for night, verdict in zip(nights, verdicts, strict=True)
    )
    status = replace(STATUS, auc=float(rng.uniform(0.5, 1.0)))
    return some_model_vitals(status=status, records=tuple(records), decisions=decisions, at=end)


def _outlook(rng: np.random.Generator, end: datetime) -> Outlook | WarmingUp:
    if rng.random() < 0.3:
        return WarmingUp(60, 168, "hours")
    expected = rng.uniform(10.0, 900.0, size=48)
    expected[rng.random(48) < 0.1] = np.nan
    until = aligned(end, HOUR) - int(rng.integers(0, 3)) * HOUR
    values = np.full(7 * 144, 100.0)
    return Outlook(
        demand=Demand(until - 7 * DAY, SLOT, values),
        ready=Demand(until - 7 * DAY, SLOT, np.full(values.size, float(rng.integers(1, 9)))),
        hours=Ahead(expected, 0.8 * expected, 1.3 * expected, 0.08, 0.12),
        weeks=WarmingUp(1, 3, "weeks"),
        capacity=a_capacity(per_instance=PER_INSTANCE, max_instances=12.0),
        advised=(),
        hindsight=None,
    )

"""The six pieces of advice of S001-109 to S001-114, each with the figure that calls for it and what to do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.document import Evidence
from ai_ops.domain.figure import apart, figure
from ai_ops.domain.tuning import LATENCY, MAX_INSTANCES, MIN_INSTANCES, SCALE_IN, SCALE_OUT
from ai_ops.report.agent.ideas import least_that_binds, most_that_binds, standing, try_out
from ai_ops.report.agent.said import Recommendation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service.said import CostStanding, Health, Trend

LEAST_HEALTH, MOST_LATENCY_MS, MOST_ERROR_PERCENT = 70.0, 200.0, 2.0
MOST_VARIANCE_PERCENT, MOST_CPU_PERCENT, LEAST_CPU_PERCENT = 20.0, 80.0, 30.0
"""Beyond these a piece of advice is given."""

_METRIC_OF = {"latency": "latency_p95_ms", "errors": "error_percent", "cpu": "cpu_percent", "memory": "memory_percent"}


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What advice rests on."""

    gathered: Gathered
    health: Health
    means: dict[str, float]
    cost: CostStanding

    @property
    def instances(self) -> float | None:
        return self.means.get("instances")


@dataclass(frozen=True, slots=True)
class _Advice:
    """What to do, why, and the figure that passed its limit."""

    text: str
    because: str
    formula: str
    rests_on: Evidence


def recommendations_of(
    gathered: Gathered, health: Health, trends: tuple[Trend, ...], cost: CostStanding
) -> tuple[Recommendation, ...]:
    """Give every piece of advice that a figure calls for, in the order of the rules."""
    means = {one.metric: one.value for one in trends if one.value is not None}
    grounds = _Grounds(gathered, health, means | dict(health.measured), cost)
    given = ((rule, name, judge(grounds)) for rule, name, judge in _RULES)
    return tuple(_recommendation(grounds, rule, name, one) for rule, name, one in given if one is not None)


def _recommendation(grounds: _Grounds, rule: str, name: str, advice: _Advice) -> Recommendation:
    service, rests_on = grounds.gathered.service, advice.rests_on
    evidence = Evidence(
        id=f"{service}-advice-{name}",
        says=f"why this is advised for {service}: {advice.because}",
        formula=advice.formula,
        inputs=(*rests_on.inputs, *_beside(grounds)),
        source=rests_on.source,
        command=rests_on.command,
    )
    return Recommendation(rule, advice.text, advice.because, evidence)


def _beside(grounds: _Grounds) -> Iterator[tuple[str, str]]:
    """What else the words may speak of: how much runs, how much may run, and how slow the database is."""
    for metric, unit in (("instances", ""), ("db_latency_ms", " ms")):
        if metric in grounds.means:
            yield metric, f"{figure(grounds.means[metric], 2)}{unit} on average"
    for knob in (MIN_INSTANCES, MAX_INSTANCES, SCALE_IN, SCALE_OUT, LATENCY):
        if (value := standing(grounds.gathered, knob)) is not None:
            yield knob, f"{value:g}"


def _unwell(grounds: _Grounds) -> _Advice | None:
    health = grounds.health
    if health.score is None or not health.score < LEAST_HEALTH:
        return None
    because = f"health is {apart(health.score, LEAST_HEALTH, 0)} of 100, below {LEAST_HEALTH:.0f}"
    if health.costs_most is not None:
        because += f"; {health.costs_most} costs most, {health.points_lost:.0f} points"
    return _Advice(_for_health(grounds), because, f"health score < {LEAST_HEALTH:g}", health.evidence)


def _for_health(grounds: _Grounds) -> str:
    """Review logs and scale up; where it is used machines that cost points, say that more of them is no answer."""
    health, gathered = grounds.health, grounds.gathered
    look = f"Review the logs, beginning with what moved `{_METRIC_OF.get(health.costs_most or '', 'latency_p95_ms')}`"
    way = _by(gathered, (MIN_INSTANCES, True), (SCALE_OUT, False))
    if health.band is None or health.band < LEAST_HEALTH:
        return f"{look}, and scale up{way}"
    return (
        f"{look}, and scale up if users felt it{way}. The score takes points for machines that are used: judged by "
        f"their target band it is {health.band:.0f}"
    )


def _slow(grounds: _Grounds) -> _Advice | None:
    latency, gathered = grounds.means.get("latency_p95_ms"), grounds.gathered
    if latency is None or not latency > MOST_LATENCY_MS:
        return None
    database = grounds.means.get("db_latency_ms")
    queries = "" if database is None else f" (a query takes {figure(database)} ms on average)"
    promised = gathered.slo.latency_ms
    calm = f". On average that is still below the {promised:g} ms that count as good" if latency < promised else ""
    return _Advice(
        f"Add indexes for the slowest database queries{queries}, or scale earlier"
        f"{_by(gathered, (SCALE_OUT, False), (LATENCY, False))}{calm}",
        f"p95 latency was {apart(latency, MOST_LATENCY_MS, 0)} ms on average, above {MOST_LATENCY_MS:g} ms",
        f"mean latency_p95_ms > {MOST_LATENCY_MS:g}",
        grounds.health.evidence,
    )


def _failing(grounds: _Grounds) -> _Advice | None:
    errors, service = grounds.means.get("error_percent"), grounds.gathered.service
    if errors is None or not errors > MOST_ERROR_PERCENT:
        return None
    return _Advice(
        f"Investigate the latest deployments: `neuropilot detect error_percent --service {service} --since` with the "
        "time of each says whether errors began there; take back the one with which they did",
        f"{apart(errors, MOST_ERROR_PERCENT, 2)} % of requests failed on average, above {MOST_ERROR_PERCENT:g} %",
        f"mean error_percent > {MOST_ERROR_PERCENT:g}",
        grounds.health.evidence,
    )


def _dear(grounds: _Grounds) -> _Advice | None:
    cost, gathered = grounds.cost, grounds.gathered
    variance = cost.variance_percent
    if variance is None or not variance > MOST_VARIANCE_PERCENT:
        return None
    least = least_that_binds(gathered, grounds.instances)
    way = (
        _by(gathered, (SCALE_IN, True), (SCALE_OUT, True))
        if least is None
        else f": `min_instances` {least:g} keeps them running whatever these say{_by(gathered, (MIN_INSTANCES, False))}"
    )
    is_open = cost.projected is not None and cost.projected.low <= cost.budget
    return _Advice(
        f"Review the scaling thresholds{way}{'. It is early: the budget may still hold' if is_open else ''}",
        f"the month will cost {apart(variance, MOST_VARIANCE_PERCENT, 0)} % more than its budget, "
        f"above {MOST_VARIANCE_PERCENT:g} %",
        f"(projected - budget) / budget * 100 > {MOST_VARIANCE_PERCENT:g}",
        cost.evidence,
    )


def _hot(grounds: _Grounds) -> _Advice | None:
    cpu, gathered = grounds.means.get("cpu_percent"), grounds.gathered
    if cpu is None or not cpu > MOST_CPU_PERCENT:
        return None
    most = most_that_binds(gathered, grounds.instances)
    way = (
        _by(gathered, (SCALE_OUT, False), (MIN_INSTANCES, True))
        if most is None
        else f": `max_instances` {most:g} is reached, so thresholds add nothing{_by(gathered, (MAX_INSTANCES, True))}"
    )
    return _Advice(
        f"Scale up{way}, or make the busiest requests cheaper",
        f"CPU was {apart(cpu, MOST_CPU_PERCENT)} % on average, above {MOST_CPU_PERCENT:g} %",
        f"mean cpu_percent > {MOST_CPU_PERCENT:g}",
        grounds.health.evidence,
    )


def _idle(grounds: _Grounds) -> _Advice | None:
    cpu, gathered = grounds.means.get("cpu_percent"), grounds.gathered
    if cpu is None or not cpu < LEAST_CPU_PERCENT:
        return None
    return _Advice(
        f"Scale down to save costs{_down(gathered, least_that_binds(gathered, grounds.instances))}",
        f"CPU was {apart(cpu, LEAST_CPU_PERCENT)} % on average, below {LEAST_CPU_PERCENT:g} %",
        f"mean cpu_percent < {LEAST_CPU_PERCENT:g}",
        grounds.health.evidence,
    )


def _down(gathered: Gathered, least: float | None) -> str:
    if least is None:
        planned = gathered.thresholds is not None and bool(gathered.thresholds.scheduled_minimum)
        held = "; `scheduled_minimum` keeps its instances in its hours whatever else is set" if planned else ""
        return f"{_by(gathered, (SCALE_IN, True), (SCALE_OUT, True))}{held}"
    if least <= 1.0:
        return ": one instance is the least there is, so only a smaller one saves"
    way = _by(gathered, (MIN_INSTANCES, False))
    return f": `min_instances` {least:g} binds, so thresholds save nothing{way or ' until it is lowered'}"


def _by(gathered: Gathered, *steps: tuple[str, bool]) -> str:
    """By which setting: the first that can still move, with the command that replays it; "" where none can."""
    tried = ((knob, try_out(gathered, knob, is_up=is_up)) for knob, is_up in steps)
    for knob, command in tried:
        if command is not None:
            return f"; `{knob}` is {standing(gathered, knob):g}, and `{command}` shows what a step brings"
    return ""


_RULES: tuple[tuple[str, str, Callable[[_Grounds], _Advice | None]], ...] = (
    ("S001-109", "health", _unwell),
    ("S001-110", "latency", _slow),
    ("S001-111", "errors", _failing),
    ("S001-112", "cost", _dear),
    ("S001-113", "busy", _hot),
    ("S001-114", "idle", _idle),
)

"""The self-test of one service: its own history, collected as a run collects it, judged as a run judges it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.detect.calibration import alarms_per_week
from ai_ops.detect.direction import NOT_JUDGED, WORSE
from ai_ops.detect.feedback import heeding
from ai_ops.detect.floors import spread_floor
from ai_ops.detect.intervals import rate
from ai_ops.detect.judge import judge
from ai_ops.detect.maintenance import without
from ai_ops.detect.self_test import recall_of, self_test
from ai_ops.domain.self_test import MetricTested, SelfTest, Untested
from ai_ops.wiring.cycle import wire
from ai_ops.wiring.labels import factors_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from ai_ops.detect.feedback import Factors
    from ai_ops.domain.metrics import Observation, Panel, Series
    from ai_ops.domain.self_test import Plan
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

    Progress = Callable[[str], None]


def observe(session: Session, service: Service, progress: Progress = lambda _metric: None) -> Observation:
    """See the service as a run would; nothing is kept.

    Raises
    ------
    DataUnavailable
        When not one metric could be had.
    """
    wired = wire(session, service, progress)
    return wired.cycle.collect(wired.window)


def examine(
    session: Session, observation: Observation, plan: Plan, progress: Progress = lambda _metric: None
) -> SelfTest:
    """Test the detection on every metric that is judged, at the false-alarm budget of the settings.

    Parameters
    ----------
    plan
        What is injected; its budget is replaced by the one that the settings mean.
    progress
        Told the name of each metric before it is tested.
    """
    settings, sensitivity = session.settings, session.settings.anomaly_sensitivity
    if settings.detection.thresholds == "literal":
        session.place.warn(
            "detection.thresholds is `literal`: a run judges by those formulas, this test by the calibrated judgement"
        )
    planned = tuple((one.start, one.end) for one in settings.detection.maintenance_windows)
    plan = replace(plan, budget_per_week=alarms_per_week(sensitivity))
    factors = factors_of(session, observation.service)
    outcomes = []
    for metric, series in observation.series.items():
        if metric not in NOT_JUDGED:
            progress(metric)
            outcomes.append(_examine(without(series, planned), observation, plan, factors))
    metrics = tuple(one for one in outcomes if isinstance(one, MetricTested))
    weeks = sum(one.days for one in metrics) / 7.0
    return SelfTest(
        service=observation.service,
        source=observation.source,
        is_simulated=observation.is_simulated,
        plan=plan,
        promised=sensitivity,
        metrics=metrics,
        untested=(
            *(one for one in outcomes if isinstance(one, Untested)),
            *(Untested(gap.metric, gap.reason) for gap in observation.gaps if gap.metric not in NOT_JUDGED),
        ),
        recall=recall_of(fault for one in metrics for fault in one.faults),
        alarms_per_week=rate(sum(one.alarms for one in metrics), weeks) if metrics else None,
    )


def _examine(series: Series, observation: Observation, plan: Plan, factors: Factors) -> MetricTested | Untested:
    floor = spread_floor(series, observation.series.get("requests_per_second"))
    direction = WORSE.get(series.metric, 0)

    def score(panel: Panel) -> np.ndarray:
        judged = judge(panel, budget_per_week=plan.budget_per_week, floor=floor, direction=direction, with_band=False)
        return heeding(judged, series.metric, factors).score

    return self_test(series, plan, score, direction=direction, floor=floor)

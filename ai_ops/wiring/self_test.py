"""The self-test of one service: its own history, collected as a run collects it, judged as a run judges it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.detect.calibration import alarms_per_week
from ai_ops.detect.direction import NOT_JUDGED, WORSE
from ai_ops.detect.self_test.intervals import rate
from ai_ops.detect.self_test.self_test import recall_of, self_test
from ai_ops.domain.self_test import MetricTested, SelfTest, Untested
from ai_ops.wiring.cycle import wire
from ai_ops.wiring.detection import judging
from ai_ops.wiring.labels import factors_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from ai_ops.detect.detect import Detection
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
    plan = replace(plan, budget_per_week=alarms_per_week(sensitivity))
    as_a_run = judging(settings, factors_of(session, observation.service))
    outcomes = []
    for metric, series in observation.series.items():
        if metric not in NOT_JUDGED:
            progress(metric)
            outcomes.append(_examine(series, observation, plan, as_a_run))
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


def _examine(series: Series, observation: Observation, plan: Plan, as_a_run: Detection) -> MetricTested | Untested:
    measured, floor = as_a_run.measure(series, observation.series.get("requests_per_second"))

    def score(panel: Panel) -> np.ndarray:
        return as_a_run.judge_measured(panel, floor, with_band=False).score

    return self_test(measured, plan, score, direction=WORSE.get(series.metric, 0), floor=floor)

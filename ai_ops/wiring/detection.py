"""Which finders look at an observation, and what each of them is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.detect.burn_alarm import BurnAlarm
from ai_ops.detect.calibration import alarms_per_week
from ai_ops.detect.change_point import ChangePoint
from ai_ops.detect.detect import Detection
from ai_ops.detect.ewma import Ewma, LiteralEwma
from ai_ops.detect.forecast.foresight import Foresight
from ai_ops.detect.iqr import Iqr
from ai_ops.detect.literal import LiteralDetection
from ai_ops.detect.novelty import Novelty
from ai_ops.detect.seasonal import LiteralSeasonal, Seasonal
from ai_ops.detect.together import Finder, Together
from ai_ops.detect.zscore import LiteralZScore, ZScore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.judgement import Alarm
    from ai_ops.domain.ports import Detector
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service

WITNESSES: tuple[Detector, ...] = (ZScore(), Ewma(), Seasonal(), Iqr(), Novelty(), ChangePoint())
"""Who is asked whether they agree with a finding; how ready each of them is, `neuropilot detect` shows."""

CPU_LIMIT_PERCENT, MEMORY_LIMIT_PERCENT = 85.0, 90.0
"""Above these a service has no room left for a burst (R13)."""


def judging(settings: Settings, factors: Mapping[tuple[str, Alarm], float] | None = None) -> Detection:
    """How a run judges one metric: whatever else shows or tries a judgement asks this, too."""
    return Detection(WITNESSES, alarms_per_week(settings.anomaly_sensitivity), planned_work(settings), factors or {})


def planned_work(settings: Settings) -> tuple[tuple[datetime, datetime], ...]:
    """Planned maintenance, as (start, end)."""
    return tuple((one.start, one.end) for one in settings.detection.maintenance_windows)


def detection(
    settings: Settings,
    service: Service,
    factors: Mapping[tuple[str, Alarm], float] | None = None,
    learned: Finder | None = None,
) -> Finder:
    """The step that finds what is abnormal: calibrated on the service's own history, or by the literal formulas.

    Parameters
    ----------
    factors
        What people's labels multiply calibrated thresholds by.
    learned
        What the model in use finds; None without one. The literal formulas know no model.
    """
    slo = service.slo
    planned = planned_work(settings)
    if settings.detection.thresholds == "literal":
        return LiteralDetection(
            (LiteralZScore(settings.anomaly_sensitivity), LiteralEwma(), LiteralSeasonal()), planned
        ).find
    limits = {
        "latency_p95_ms": slo.latency_ms,
        "cpu_percent": CPU_LIMIT_PERCENT,
        "memory_percent": MEMORY_LIMIT_PERCENT,
    }
    finders = (
        judging(settings, factors).find,
        BurnAlarm(slo, planned).find,
        *([learned] if learned else []),
        Foresight(limits, planned).find,
    )
    return Together(finders).find

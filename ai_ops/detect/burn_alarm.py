"""The burn-rate alarm: an error budget that is being spent too fast is a finding, whatever is usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ai_ops.detect.alerts import alarms_inside
from ai_ops.detect.burn_rate import burn
from ai_ops.detect.maintenance import without
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.slo import Slo

METRIC = "slo_good_ratio"
NAME = "burn rate"


@dataclass(frozen=True, slots=True)
class BurnAlarm:
    """Watches the error budget of one service.

    Parameters
    ----------
    slo
        The promise.
    maintenance
        Planned work, as (start, end): what failed in it spends no budget here.
    """

    slo: Slo
    maintenance: tuple[tuple[datetime, datetime], ...] = ()

    def find(self, observation: Observation) -> tuple[Finding, ...]:
        """Find the loudest burn inside the observation's window, if any."""
        if (good := observation.series.get(METRIC)) is None:
            return ()
        good = without(good, self.maintenance)
        burned = burn(good, observation.series.get("requests_per_second"), self.slo)
        times = good.times()
        inside = observation.window.covers(times)
        raised = alarms_inside(burned.score, good.step, inside)
        if not raised:
            return ()
        # A standing alarm is reported at its newest moment: a budget that burned yesterday says less than now.
        span = raised[-1]
        at = max(index for index in range(span.since, span.until + 1) if inside[index] and burned.score[index] > 1.0)
        loudest = burned.loudest(at)
        return (
            Finding(
                metric=METRIC,
                since=datetime.fromtimestamp(times[span.since], UTC),
                at=datetime.fromtimestamp(times[at], UTC),
                value=float(good.values[at]),
                expected=self.slo.target_percent / 100.0,
                score=float(burned.score[at]),
                severity=Severity.CRITICAL if loudest is not None and loudest.pages else Severity.MEDIUM,
                detectors=(NAME,),
                reason=f"{METRIC}: {burned.sentence(at)}",
                alarm=Alarm.BURN_RATE,
            ),
        )

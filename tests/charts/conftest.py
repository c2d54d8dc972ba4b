"""A judged series to draw."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from examples import NOON, a_finding, a_series, a_window

from ai_ops.charts.judged import Judged
from ai_ops.domain.finding import Severity
from ai_ops.domain.judgement import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def judged() -> Callable[..., Judged]:
    """Builds a day of latency with two findings; say what shall be different."""

    def build(values: np.ndarray | None = None, metric: str = "latency_p95_ms", **changes: Any) -> Judged:
        measured = 150.0 + 10.0 * np.sin(np.arange(144) / 9.0) if values is None else values
        band = np.full(measured.size, 150.0)
        findings = (
            a_finding(
                metric, at=NOON - timedelta(hours=2), value=float(measured[-13]), severity=Severity.LOW, score=1.2
            ),
            a_finding(metric, since=NOON - timedelta(hours=1), value=float(measured[-4])),
        )
        usual = {
            "series": a_series(metric, measured),
            "judgement": Judgement(np.zeros(measured.size), np.zeros(measured.size), band, band - 20.0, band + 20.0),
            "findings": findings,
            "window": a_window(),
            "service": "web",
        }
        return Judged(**(usual | changes))

    return build

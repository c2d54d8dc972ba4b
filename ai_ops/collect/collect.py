"""Collect: ask every query of a service, and turn what fails into a gap with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from ai_ops.collect.fetching import Asker, Fetching
from ai_ops.collect.minutes import Minutes
from ai_ops.collect.plausible import plausible
from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.metrics import CANONICAL_METRICS, Gap, Observation, Series, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.collect.history import MetricsHistory
    from ai_ops.collect.minutes import MinuteHistory
    from ai_ops.domain.metrics import Query
    from ai_ops.domain.ports import MetricSource
    from ai_ops.domain.tuning import Thresholds

LATE_POINTS = 6
"""Grid points asked again on every run: an hour, in which late samples usually arrive."""

LIVE_WINDOW_POINTS = 3
"""How far back the platform's own report of a knob may lie."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Everything needed to observe one service.

    Parameters
    ----------
    service
        Its name.
    source
        Who answers the queries.
    queries
        One per canonical metric.
    live_queries
        By knob, how to ask the platform what it really runs.
    history_days
        How far back the series reach.
    origin
        Who exactly answers, such as the server's address: history of another server is never mixed in.
    history
        The cache of earlier runs; None fetches everything and keeps nothing.
    thresholds
        Reads the settings as they stand in the repository.
    cost
        Derives `cost_per_hour` where no query gives it, from the series so far.
    progress
        Told the name of each metric before it is asked for.
    minutes
        Fetches the last days minute by minute; None where nobody needs them.
    warn
        Told, in one sentence, which values of long ago were left out because they cannot be.
    """

    service: str
    source: MetricSource
    queries: tuple[Query, ...]
    history_days: int
    thresholds: Callable[[], Thresholds]
    live_queries: Mapping[str, Query] = field(default_factory=dict)
    origin: str = ""
    history: MetricsHistory | None = None
    cost: Callable[[Mapping[str, Series], Window], Series | Gap] | None = None
    progress: Callable[[str], None] = lambda _metric: None
    minutes: MinuteHistory | None = None
    warn: Callable[[str], None] = lambda _sentence: None

    def observe(self, window: Window) -> Observation:
        """See the service over `window`, with the history that leads up to it.

        Raises
        ------
        DataUnavailable
            When not one query could be answered, with the steps that find out why.
        """
        thresholds = self.thresholds()
        reach = Window(window.end - timedelta(days=self.history_days), window.end, window.step)
        fetched = self._fetching().fetch(reach, judged_from=window.start)
        series, gaps = dict(fetched.series), list(fetched.gaps)
        if not series:
            raise DataUnavailable(_nothing_came(self.source.name, gaps))
        if self.cost is not None and "cost_per_hour" not in series:
            derived = self.cost(series, reach)
            known = derived if isinstance(derived, Gap) else plausible(derived)
            if isinstance(known, Gap):
                gaps.append(known)
            else:
                series["cost_per_hour"] = known
        live = self._ask_platform(reach)
        minutes = self.minutes.fetch(window.end, series) if self.minutes else Minutes({})
        return Observation(
            service=self.service,
            window=window,
            source=self.source.name,
            is_simulated=self.source.is_simulated,
            series=series,
            thresholds=thresholds,
            gaps=tuple(gaps),
            warnings=tuple(dict.fromkeys(chain.from_iterable(fetched.warnings.values()))),
            live=live,
            minutes=minutes.series,
            minute_gaps=minutes.gaps,
        )

    def _fetching(self) -> Fetching:
        return Fetching(
            self.service,
            self.source,
            self.queries,
            LATE_POINTS,
            self.origin,
            self.history,
            self.progress,
            warn=self.warn,
        )

    def _ask_platform(self, reach: Window) -> dict[str, float]:
        recent = Window(reach.end - LIVE_WINDOW_POINTS * reach.step, reach.end, reach.step)
        asker = Asker(self.source)
        live: dict[str, float] = {}
        for knob, query in self.live_queries.items():
            answer = asker.ask(query, recent)
            if isinstance(answer, Gap) or answer.warnings or (newest := answer.series.newest()) is None:
                continue  # unknown, as is the newest of a partial answer: the guardrail that needs it holds
            live[knob] = float(answer.series.values[round((newest - answer.series.start) / answer.series.step)])
        return live


def _nothing_came(source: str, gaps: list[Gap]) -> str:
    reasons = "\n".join(f"  {gap.metric}: {gap.reason}" for gap in gaps) or "  no query is configured"
    return (
        f"No metrics history found: {source} answered none of the {len(gaps)} queries.\n{reasons}\n"
        "Check the credentials, then ask the servers yourself:\n"
        '  curl "$GRAFANA_URL/api/health"\n'
        '  curl "$PROMETHEUS_URL/api/v1/query?query=up"\n'
        f"Then run `neuropilot doctor`, which tries each of: {', '.join(CANONICAL_METRICS)}."
    )

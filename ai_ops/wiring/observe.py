"""What one service is seen to do: its metrics, its settings, and its minutes where they are wanted."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from ai_ops.collect.collect import Collector
from ai_ops.collect.cost import cost_in_words
from ai_ops.collect.history import MetricsHistory
from ai_ops.wiring.cost import cost_of
from ai_ops.wiring.http import http_client
from ai_ops.wiring.minutes import minute_history
from ai_ops.wiring.session import MODELS
from ai_ops.wiring.sources import metric_source, origin, queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

HISTORY = MODELS / "metrics_history.json"
"""What is remembered of the metrics, so that the next run asks only for what is new."""


def observe(
    session: Session,
    service: Service,
    window: Window,
    thresholds: Callable[[], Thresholds],
    *,
    with_minutes: bool,
    progress: Callable[[str], None] = lambda _metric: None,
) -> Observation:
    """Observe `service` over `window`, with the settings that `thresholds` reads.

    Raises
    ------
    DataUnavailable
        When not one metric could be had.
    """
    settings = session.settings
    connect = cache(partial(http_client, session))  # one client, so that all requests share one deadline
    source = metric_source(session, thresholds, connect)
    path = session.memory / HISTORY
    observation = Collector(
        service=service.name,
        source=source,
        origin=origin(settings),
        queries=queries(settings, service),
        live_queries={} if settings.is_simulated else service.live_queries,
        history_days=settings.metrics.history_days,
        history=MetricsHistory(path, session.place.warn, session.is_writing, session.place.clock()),
        thresholds=thresholds,
        cost=cost_of(session, service, connect),
        progress=progress,
        minutes=minute_history(session, service, source) if with_minutes else None,
        warn=session.place.warn,
    ).observe(window)
    if observation.is_simulated:
        return observation
    cost = service.cost
    return replace(observation, notes=(cost_in_words(cost.source, observation.series, cost.price_per_instance_hour),))

"""The minutes of a service: which policy needs them, when, and how many requests they may take."""

from __future__ import annotations

from datetime import timedelta
from itertools import dropwhile
from typing import TYPE_CHECKING

from ai_ops.collect.cost import PricedInstances
from ai_ops.collect.fetching import Fetching
from ai_ops.collect.minute_cache import MinuteCache
from ai_ops.collect.minutes import LATE_MINUTES, MINUTE_METRICS, MinuteHistory
from ai_ops.domain.clocks import not_ahead
from ai_ops.tune.advice import BETWEEN_LOOKS, SLACK
from ai_ops.wiring.session import MODELS
from ai_ops.wiring.sources import SIMULATED_QUERIES, origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.ports import MetricSource
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

POLICIES_ON_MINUTES = frozenset({"model"})
"""Policies that calibrate a model of the service on its minutes; no other has them fetched."""

DAY = timedelta(hours=24)
REST = BETWEEN_LOOKS - SLACK
"""Between two decisions on minutes: as long as the policy itself waits, or a day's minutes would be fetched in vain."""


def wants_minutes(policy: str, past: Sequence[Episode], now: datetime) -> bool:
    """Whether a decision at `now` rests on minutes: the policy models the service, and has not had them today.

    A broken promise waits for no hour: as long as the last day spent more than its error budget, every run has them.
    """
    if policy not in POLICIES_ON_MINUTES:
        return False
    past = not_ahead(past, now)
    had = [one.decided_at for one in past if one.policy == policy and _had_minutes(one)]
    return not had or now - max(had) >= REST or _is_promise_broken(past, now)


def _is_promise_broken(past: Sequence[Episode], now: datetime) -> bool:
    """Whether the windows of the last day together spent more than their error budget, as far as it was measured."""
    known = [
        (reward.burn, reward.requests)
        for reward in (one.reward for one in past if now - one.decided_at < DAY)
        if reward.burn is not None and reward.requests is not None
    ]
    return sum(burn * requests for burn, requests in known) > sum(requests for _, requests in known)


def _had_minutes(episode: Episode) -> bool:
    """Whether the decision rested on minutes: it looked, or predicted, or keeps the digest of its inputs."""
    return any(trace is not None for trace in (episode.looked, episode.prediction, episode.inputs_digest))


def minute_history(session: Session, service: Service, source: MetricSource) -> MinuteHistory:
    """Join what fetches the minutes of `service` from `source`.

    The cache stands in the checkout itself, not in the memory: that may be a throw-away copy of the branch.
    """
    settings, cost = session.settings, service.cost
    is_simulated = settings.is_simulated
    asked = SIMULATED_QUERIES if is_simulated else service.queries_over(settings.metrics.minute_window)
    return MinuteHistory(
        fetching=Fetching(
            service=service.name,
            source=source,
            queries=tuple(query for query in asked if query.metric in MINUTE_METRICS),
            late_points=LATE_MINUTES,
            origin=origin(settings),
            cache=MinuteCache(session.place.root / MODELS, session.place.warn, is_kept=session.is_writing),
            objection=_objection(session, service),
        ),
        days=settings.metrics.minute_days,
        cost=PricedInstances(cost.price_per_instance_hour) if cost.source == "instances" else None,
    )


def _objection(session: Session, service: Service) -> Callable[[int], str | None]:
    """Say when requests for minutes have to wait: they leave to the services that follow what those need."""
    settings = session.settings
    if settings.metric_source != "grafana":
        return lambda _requests: None
    budget = session.budget("grafana_queries", settings.rate_limits.grafana_queries_per_hour)
    _, *following = dropwhile(lambda one: one.name != service.name, settings.services)
    reserved = sum(len(one.queries) + len(one.live_queries) for one in following)

    def objection(requests: int) -> str | None:
        left = budget.left()
        if requests + reserved <= left:
            return None
        return (
            f"waits for a later run: {requests} requests through Grafana are needed, {left} of this hour's are left, "
            f"and the services that follow need {reserved} of them; raise rate_limits.grafana_queries_per_hour"
        )

    return objection

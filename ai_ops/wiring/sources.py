"""Which source answers the queries, and which policy and guardrails look at the answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.metrics import CANONICAL_METRICS, HOURS_PER_MONTH, Query
from ai_ops.tune import cuts, guardrails
from ai_ops.tune.literal import LiteralRules
from ai_ops.tune.model import Model
from ai_ops.tune.rules import Rules
from ai_ops.tune.tune import Tuner

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from ai_ops.domain.ports import MetricSource, Policy
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.http_client import HttpClient
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.tune.standstill import Standstill
    from ai_ops.wiring.session import Session

SIMULATED_QUERIES = tuple(Query(metric, "simulated") for metric in CANONICAL_METRICS)


def metric_source(
    session: Session, thresholds: Callable[[], Thresholds], connect: Callable[[], HttpClient]
) -> MetricSource:
    """Pick the source that the settings mean; only one that needs the network calls `connect`."""
    settings = session.settings
    if settings.is_simulated:
        from ai_ops.collect.simulated import SimulatedSource

        return SimulatedSource(thresholds)
    client = connect()
    if settings.metric_source == "grafana":
        from ai_ops.collect.grafana import GrafanaSource

        budget = session.budget("grafana_queries", settings.rate_limits.grafana_queries_per_hour)
        uid, token = settings.grafana_datasource_uid, _clear(settings.grafana_api_key)
        return GrafanaSource(client, settings.grafana_url, uid=uid, token=token, spend=budget.spend)
    from ai_ops.collect.prometheus import PrometheusSource

    password, token = _clear(settings.prometheus_password), _clear(settings.prometheus_token)
    auth = (settings.prometheus_username, password) if settings.prometheus_username or password else None
    return PrometheusSource(client, settings.prometheus_url, auth=auth, token=token)


def origin(settings: Settings) -> str:
    """Which server, and whose data on it, the metrics come from: history of another one says nothing about this."""
    server = {
        "prometheus": (settings.prometheus_url, settings.prometheus_username),  # the name chooses the tenant
        "grafana": (settings.grafana_url, settings.grafana_datasource_uid),
        "simulated": (),
    }[settings.metric_source]
    return " ".join((settings.metric_source, *server))


def queries(settings: Settings, service: Service) -> tuple[Query, ...]:
    """What to ask for: everything the simulated service has, or what the service's settings say."""
    return SIMULATED_QUERIES if settings.is_simulated else service.queries


def tuner(settings: Settings, service: Service, standstill: Standstill) -> Tuner:
    """The policy behind its guardrails; the order matters, bounds are last."""
    tuning = settings.tuning
    saving, safety = timedelta(hours=tuning.cooldown_hours), timedelta(hours=tuning.safety_cooldown_hours)
    return Tuner(
        _policy(settings, service),
        (
            guardrails.nothing_stops(standstill),
            guardrails.memory_fits_branch(saving),
            guardrails.complete_data,
            guardrails.fresh_data(timedelta(minutes=settings.metrics.freshness_minutes)),
            guardrails.enough_history,
            guardrails.enough_requests,
            guardrails.not_ignored,
            guardrails.knob_is_live,
            guardrails.no_savings_after_harm,
            guardrails.cooled_down(saving, safety),
            guardrails.respect_people(saving),
            guardrails.no_swinging(timedelta(days=7)),
            cuts.sane_latency,
            cuts.limit_step,
            cuts.keep_gap(tuning.scale_gap_percent),
            cuts.within_bounds,
        ),
    )


def _policy(settings: Settings, service: Service) -> Policy:
    tuning = settings.tuning
    match tuning.policy:
        case "model":
            return Model(service.platform, movable_knobs(settings, service), tuning.scale_gap_percent)
        case "rules":
            return Rules(service.cost_budget / HOURS_PER_MONTH, tuning.scale_gap_percent)
        case "literal":
            return LiteralRules()


def movable_knobs(settings: Settings, service: Service) -> frozenset[str]:
    """Knobs that a decision may be made of: where the agent acts by itself, those that it may move without a review."""
    return frozenset(settings.approval.knobs) if settings.mode == "commit" else frozenset(service.knobs)


def _clear(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""

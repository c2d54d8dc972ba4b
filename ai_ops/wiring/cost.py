"""Where the cost comes from, when no query gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.metrics import Gap, Series, Window
    from ai_ops.http_client import HttpClient
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def cost_of(
    session: Session, service: Service, connect: Callable[[], HttpClient]
) -> Callable[[Mapping[str, Series], Window], Series | Gap] | None:
    """Pick how `cost_per_hour` is derived; None where a query (or the simulation) gives it."""
    settings = session.settings
    if settings.is_simulated or service.cost.source == "query":
        return None
    if service.cost.source == "instances":
        from ai_ops.collect.cost import PricedInstances

        return PricedInstances(service.cost.price_per_instance_hour)
    from ai_ops.collect.cost import RailwayCost
    from ai_ops.collect.railway import RailwayProject, railway_usage

    token = settings.railway_token
    project = RailwayProject(
        token.get_secret_value() if token else "", settings.railway_project_id, service.cost.railway_service_id
    )
    client = connect()
    return RailwayCost(lambda window: railway_usage(client, project, window))

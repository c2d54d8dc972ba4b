"""Marks in Grafana for the changes that went live lately, those of former runs as well."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.errors import BudgetSpent, ConfigError, OpsError
from ai_ops.domain.message import Receipt
from ai_ops.notify.watchers.grafana_annotations import GrafanaAnnotations, annotation_of, missing
from ai_ops.wiring.autonomy import recorded
from ai_ops.wiring.http import telling_client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.notify.watchers.grafana_annotations import Annotation
    from ai_ops.wiring.session import Session

CHANNEL = "grafana annotations"

LOOKBACK = timedelta(days=30)
"""How old a change may be that is still marked: Grafana may have been away, or the setting is new."""

ADDED_MAX = 20
"""Of one run: the hour's requests are also needed to read metrics. The next run adds the rest."""


def annotate(session: Session, live: Mapping[str, Mapping[str, datetime]]) -> Receipt | None:
    """Mark every change that went live and has no mark yet; None where the settings want none, or there is no change.

    Parameters
    ----------
    live
        By service, the episodes that went live and when.
    """
    if not session.settings.grafana_annotations:
        return None
    added, now = 0, session.place.clock()
    try:
        grafana, wanted = board(session), _wanted(session, live)
        if not wanted:
            return None
        lacking = missing(wanted, grafana.marked(now - LOOKBACK, now + timedelta(days=1)))
        for annotation in lacking[:ADDED_MAX]:
            grafana.add(annotation)
            added += 1
    except BudgetSpent as error:
        return Receipt(CHANNEL, "skipped", f"{added} added; {error}")
    except OpsError as error:
        return Receipt(CHANNEL, "failed", str(error))
    return Receipt(CHANNEL, "sent", f"{added} added") if added else Receipt(CHANNEL, "already sent")


def board(session: Session) -> GrafanaAnnotations:
    """Grafana, behind the budget that reading metrics through it shares (R44).

    Raises
    ------
    ConfigError
        When the settings do not say where it is, or hold no key to it.
    """
    settings = session.settings
    if not settings.grafana_url or settings.grafana_api_key is None:
        raise ConfigError("grafana_annotations needs GRAFANA_URL and GRAFANA_API_KEY")
    budget = session.budget("grafana_queries", settings.rate_limits.grafana_queries_per_hour)
    token = settings.grafana_api_key.get_secret_value()
    return GrafanaAnnotations(telling_client(session), settings.grafana_url, token=token, spend=budget.spend)


def _wanted(session: Session, live: Mapping[str, Mapping[str, datetime]]) -> list[Annotation]:
    """The marks there should be; a commit from the future is marked now."""
    now = session.place.clock()
    return [
        annotation_of(episode, min(went_live[episode.id], now), session.redact)
        for service, went_live in live.items()
        if went_live
        for episode in recorded(session, service)
        if episode.id in went_live and now - went_live[episode.id] < LOOKBACK
    ]

"""Which decisions are live: their commits stand on the branch that changes go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.wiring.settings_files import SettingsFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def live_changes(session: Session, service: Service) -> Mapping[str, datetime]:
    """Episodes of `service` that went live, by id, with the time when they did; none where nothing may be changed.

    Raises
    ------
    ConfigError, DeliveryError
        When the branch cannot be looked at.
    """
    files = SettingsFiles(session, service)
    files.thresholds()  # looks at the branch as it stands now, with what this run has just put there
    return files.delivered()

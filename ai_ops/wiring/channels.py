"""The channels that people are told on, each with its rules, its words and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.notify.channel import Channel, as_it_is
from ai_ops.notify.quiet_hours import QuietHours
from ai_ops.notify.rules import Rules
from ai_ops.wiring.telling.notifiers import notifiers

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.message import Message
    from ai_ops.notify.channel import Written
    from ai_ops.settings.channels import ChannelSettings
    from ai_ops.settings.model import Settings
    from ai_ops.store.message_budget import MessageBudget
    from ai_ops.wiring.session import Session

CLOSES_ALARMS = frozenset({"pagerduty"})
"""Channels that open an alarm and close it, so that they must hear of its end."""


def channels(session: Session) -> tuple[Channel, ...]:
    """Every channel that is wholly configured."""
    return tuple(
        Channel(
            notifier,
            budget_of(session, notifier.name),
            rules_of(session.settings, notifier.name),
            _writer(session, settings_of(session.settings, notifier.name)),
        )
        for notifier in notifiers(session)
    )


def settings_of(settings: Settings, name: str) -> ChannelSettings:
    """What the settings say of a channel."""
    found: ChannelSettings = getattr(settings.channels, name)
    return found


def rules_of(settings: Settings, name: str) -> Rules:
    """What a channel carries, and when."""
    said = settings_of(settings, name)
    return Rules(
        kinds=frozenset(said.kinds),
        least_level=said.least_level,
        quiet=None if said.quiet is None else QuietHours(*said.quiet, settings.report.timezone),
        digest_below=said.digest_below,
        closes_alarms=name in CLOSES_ALARMS,
    )


def budget_of(session: Session, name: str) -> MessageBudget:
    """How many messages an hour a channel takes."""
    limits = session.settings.rate_limits
    return session.message_budget(
        name, getattr(limits, f"{name}_notifications_per_hour"), limits.notifications_per_service_per_hour
    )


def _writer(session: Session, said: ChannelSettings) -> Callable[[Message], Written]:
    """The team's own words, where there is a template."""
    if not said.template:
        return as_it_is
    from ai_ops.notify.template.template import Template

    return Template(session.place.root, said.template, session.place.environment, session.redact)

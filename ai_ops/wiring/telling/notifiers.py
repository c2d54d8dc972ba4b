"""The classes behind the channels, as far as the settings and the environment name an address or a key for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ai_ops.domain.ports import Notifier
    from ai_ops.http_client import HttpClient
    from ai_ops.wiring.session import Session


def notifiers(session: Session) -> Iterator[Notifier]:
    """Every channel that is wholly configured, in the order in which they are told."""
    for build in NOTIFIERS.values():
        if (notifier := build(session)) is not None:
            yield notifier


def shows_pictures(session: Session) -> bool:
    """Whether any channel can show one: a webhook of Slack or of one's own cannot, and nobody is paged a picture."""
    names = {name for name, build in NOTIFIERS.items() if build(session) is not None}
    return bool(names & {"notion", "email", "apprise"}) or ("slack" in names and _has_bot(session))


def _has_bot(session: Session) -> bool:
    return session.settings.slack_bot_token is not None and bool(session.settings.slack_channel)


def _slack(session: Session) -> Notifier | None:
    """The bot where there is one, as it can do more; else the webhook."""
    settings = session.settings
    if settings.slack_bot_token is not None and settings.slack_channel:
        from ai_ops.notify.slack.bot import SlackBot

        return SlackBot(
            settings.slack_bot_token.get_secret_value(),
            settings.slack_channel,
            redact=session.redact,
            check_address=_checked,
            base_url=settings.channel_addresses.slack,
        )
    if settings.slack_webhook_url is None:
        return None
    from ai_ops.notify.slack.slack import SlackNotifier

    return SlackNotifier(settings.slack_webhook_url.get_secret_value(), redact=session.redact, check_address=_checked)


def _notion(session: Session) -> Notifier | None:
    settings = session.settings
    if settings.notion_api_key is None or not settings.notion_database_id:
        return None
    from ai_ops.notify.notion.notion import NotionNotifier

    return NotionNotifier(
        settings.notion_api_key.get_secret_value(),
        settings.notion_database_id,
        redact=session.redact,
        base_url=settings.channel_addresses.notion,
    )


def _email(session: Session) -> Notifier | None:
    settings = session.settings
    if settings.smtp_url is None or not settings.email.to:
        return None
    from ai_ops.notify.email.email import EmailNotifier

    return EmailNotifier(
        settings.smtp_url.get_secret_value(),
        (settings.email.sender, settings.email.to),
        redact=session.redact,
        check_address=_checked,
        clock=session.place.clock,
    )


def _pagerduty(session: Session) -> Notifier | None:
    settings = session.settings
    if settings.pagerduty_routing_key is None:
        return None
    from ai_ops.notify.pagerduty.pagerduty import PagerDutyNotifier

    return PagerDutyNotifier(
        _client(session, retries=0),  # it counts its own attempts
        settings.pagerduty_routing_key.get_secret_value(),
        redact=session.redact,
        least_level=settings.channels.pagerduty.least_level,
        base_url=settings.channel_addresses.pagerduty,
    )


def _apprise(session: Session) -> Notifier | None:
    urls = session.settings.apprise_urls
    if urls is None or not urls.get_secret_value().strip():
        return None
    from ai_ops.notify.apprise.channel import AppriseNotifier

    return AppriseNotifier(urls.get_secret_value(), redact=session.redact, check_address=_checked)


def _webhook(session: Session) -> Notifier | None:
    settings = session.settings
    if settings.webhook_url is None:
        return None
    from ai_ops.notify.webhook.webhook import WebhookNotifier

    return WebhookNotifier(
        _client(session, retry_post=True, redirects=0),
        settings.webhook_url.get_secret_value(),
        secret=settings.webhook_secret.get_secret_value() if settings.webhook_secret else "",
        redact=session.redact,
        check_address=_checked,
        clock=session.place.clock,
    )


NOTIFIERS: Mapping[str, Callable[[Session], Notifier | None]] = {
    "slack": _slack,
    "notion": _notion,
    "email": _email,
    "pagerduty": _pagerduty,
    "apprise": _apprise,
    "webhook": _webhook,
}
"""By name of the channel, what builds it; None where it is not configured, or only in part."""


def _client(session: Session, *, retries: int = 2, redirects: int = 5, retry_post: bool = False) -> HttpClient:
    """One listener is waited for at most half a minute, whatever is wrong with it."""
    from ai_ops.http_client import HttpClient, Limits

    limits = Limits(
        read_seconds=10.0, total_seconds=30.0, retries=retries, redirects=redirects, body_max_bytes=4 * 1024**2
    )
    return HttpClient(allow_private=True, retry_post=retry_post, limits=limits, redactor=session.redact)


def _checked(address: str) -> None:
    """Raise for an address that nobody may call. A private one may be: it stands in the team's own settings."""
    from ai_ops.addresses import check_address

    check_address(address, allow_private=True)

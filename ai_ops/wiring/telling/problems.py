"""What is half configured: a channel that a person may think works, and that says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.message import Level
from ai_ops.notify.template.template import Broken, Template, is_page
from ai_ops.wiring.channels import CLOSES_ALARMS, settings_of
from ai_ops.wiring.telling.notifiers import NOTIFIERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.settings.model import Settings
    from ai_ops.wiring.session import Session


def channel_problems(settings: Settings) -> tuple[str, ...]:
    """One sentence for each channel that lacks a part, and for each setting of a channel that cannot take effect."""
    halves = (
        ("SLACK_BOT_TOKEN", settings.slack_bot_token, "SLACK_CHANNEL", settings.slack_channel),
        ("NOTION_API_KEY", settings.notion_api_key, "NOTION_DATABASE_ID", settings.notion_database_id),
        ("SMTP_URL", settings.smtp_url, "email.to in the settings", settings.email.to),
        ("NEUROPILOT_WEBHOOK_SECRET", settings.webhook_secret, "NEUROPILOT_WEBHOOK_URL", settings.webhook_url),
    )
    lacks = (problem for one, is_one, other, is_other in halves if (problem := _half(one, is_one, other, is_other)))
    return (*lacks, *_addresses(settings), *_without_effect(settings))


def template_problems(session: Session) -> tuple[str, ...]:
    """One sentence for each template that cannot be read."""
    return tuple(_unreadable(session))


def _half(one: str, is_one: object, other: str, is_other: object) -> str:
    if bool(is_one) is bool(is_other):
        return ""
    there, missing = (one, other) if is_one else (other, one)
    if (there, missing) == ("NEUROPILOT_WEBHOOK_URL", "NEUROPILOT_WEBHOOK_SECRET"):
        return f"calls of {there} are not signed: set {missing}, so that the receiver knows who calls"
    return f"{there} is set and {missing} is not, so nothing is sent there: set both"


def _addresses(settings: Settings) -> Iterator[str]:
    if settings.apprise_urls is not None:
        from ai_ops.notify.apprise.channel import apprise_problems

        yield from (f"APPRISE_URLS: {one}" for one in apprise_problems(settings.apprise_urls.get_secret_value()))


def _without_effect(settings: Settings) -> Iterator[str]:
    for name in NOTIFIERS:
        said = settings_of(settings, name)
        if name in CLOSES_ALARMS and said.digest_below is not Level.INFO:
            yield f"channels.{name}.digest_below has no effect: alarms are opened one by one"
        if is_page(said.template) and name != "email":
            yield f"channels.{name}.template is a page, which e-mail alone can show: name one that gives plain text"


def _unreadable(session: Session) -> Iterator[str]:
    for name in NOTIFIERS:
        if file := settings_of(session.settings, name).template:
            try:
                Template(session.place.root, file, {}, session.redact).source()
            except Broken as error:
                yield f"channels.{name}.template: {file}{error}, so the built-in text is sent"

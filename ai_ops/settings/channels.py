"""Who is told what: the channels' own settings, and those of the report."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from ai_ops.domain.message import Level, MessageKind
from ai_ops.settings.fields import Section, Text, Url
from ai_ops.settings.problems import refusal

CURRENCY_LONGEST = 8

_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last two: no name, and a folder of names
        raise refusal("must be the name of a time zone, like UTC or Europe/London") from None
    return name


def _quiet_hours(text: str) -> str:
    found = _QUIET.fullmatch(text)
    if text and (found is None or found[1] + found[2] == found[3] + found[4]):
        raise refusal('must be two different times of day, like "22:00-07:00"')
    return text


def _e_mail(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"()\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", text, re.ASCII):
        raise refusal("must be an e-mail address alone: name, @ and domain, without a display name")
    return text


def _short(text: str) -> str:
    if len(text) > CURRENCY_LONGEST:
        raise refusal(f"must be at most {CURRENCY_LONGEST} letters, like EUR")
    return text


def _template(text: str) -> str:
    if text and not re.fullmatch(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*", text):
        raise refusal("must be a file inside the repository, written as path/to/template")
    return text


EMailAddress = Annotated[str, AfterValidator(_e_mail)]


class EMailSettings(Section):
    """From whom and to whom mail is sent; nobody is written to where `to` is empty."""

    sender: Annotated[Text, Field(alias="from")] = ""
    to: Annotated[tuple[EMailAddress, ...], Field(strict=False)] = ()


class ChannelSettings(Section):
    """What one channel carries, and when.

    Parameters
    ----------
    kinds
        Which messages it carries.
    least_level
        Cycles that are less loud are not for it. Reports are governed by `kinds` alone.
    quiet_hours
        Times of day, by the clock of `report.timezone`, in which only what is critical is sent; the rest waits.
    digest_below
        Cycles that are less loud wait, and go out together with the next report.
    template
        File of a Jinja2 template that writes the text instead.
    """

    kinds: Annotated[tuple[Annotated[MessageKind, Field(strict=False)], ...], Field(strict=False)] = (
        MessageKind.CYCLE,
        MessageKind.DAILY_REPORT,
        MessageKind.WEEKLY_BRIEF,
    )
    least_level: Annotated[Level, Field(strict=False)] = Level.INFO
    quiet_hours: Annotated[str, AfterValidator(_quiet_hours)] = ""
    digest_below: Annotated[Level, Field(strict=False)] = Level.INFO
    template: Annotated[str, AfterValidator(_template)] = ""

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Begin and end of the quiet hours; None without any. The end may be on the next day."""
        found = _QUIET.fullmatch(self.quiet_hours)
        return None if found is None else (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))


_PAGES = (MessageKind.CYCLE,)
"""What may wake somebody: no report."""


class ChannelsSettings(Section):
    """Every channel; one that has no address or key in the environment is not used, whatever stands here."""

    slack: ChannelSettings = ChannelSettings()
    notion: ChannelSettings = ChannelSettings()
    email: ChannelSettings = ChannelSettings(least_level=Level.MEDIUM)
    pagerduty: ChannelSettings = ChannelSettings(kinds=_PAGES, least_level=Level.CRITICAL)
    apprise: ChannelSettings = ChannelSettings(least_level=Level.HIGH)
    webhook: ChannelSettings = ChannelSettings()


class ChannelAddresses(Section):
    """Where the services answer; other addresses are for proxies and for those who host a part of a service."""

    slack: Url = "https://slack.com/api"
    notion: Url = "https://api.notion.com"
    pagerduty: Url = "https://events.pagerduty.com"


class ReportSettings(Section):
    """How reports are written.

    Parameters
    ----------
    timezone
        By whose clock a day begins.
    currency
        Written behind amounts of money.
    link
        Where the page can be read, with `{date}` for the report's day as 20261120; "" where it is nowhere.
    kept_days
        How long the agent remembers its reports.
    """

    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    currency: Annotated[Text, AfterValidator(_short)] = ""
    link: Text = ""
    kept_days: Annotated[int, Field(ge=1, le=400)] = 35

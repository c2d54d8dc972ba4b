"""What `neuropilot doctor` says of the channels; nothing is sent, `neuropilot notify test` does that."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ai_ops.domain.check import Check
from ai_ops.domain.errors import ConfigError
from ai_ops.wiring.channels import channels
from ai_ops.wiring.telling.problems import channel_problems, template_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.notify.channel import Channel
    from ai_ops.wiring.session import Session


def channel_checks(session: Session) -> Iterator[Check]:
    """One for each channel that would be told, one for Slack in any case, and one for whatever is half configured."""
    told = {channel.name: channel for channel in channels(session)}
    if "slack" not in told:
        yield Check("slack", _no_slack, is_required=False)
    for name, channel in told.items():
        yield Check(name, partial(_in_words, channel), is_required=False)
    for problem in (*channel_problems(session.settings), *template_problems(session)):
        yield Check("channels", partial(_complain, problem), is_required=False)


def _no_slack() -> str:
    raise ConfigError("no card will be sent; set SLACK_WEBHOOK_URL to get one")


def _in_words(channel: Channel) -> str:
    rules = channel.rules
    kinds = ", ".join(kind.replace("_", " ") for kind in sorted(rules.kinds))
    quiet = rules.quiet and f"; quiet from {rules.quiet.begin:%H:%M} to {rules.quiet.end:%H:%M} ({rules.quiet.zone})"
    return f"is told {kinds or 'nothing but digests'}, from level {rules.least_level}{quiet or ''}"


def _complain(problem: str) -> str:
    raise ConfigError(problem)

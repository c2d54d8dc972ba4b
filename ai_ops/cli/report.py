"""`neuropilot report`, and its twin `python ai_ops/scripts/daily_report.py`: what people read over coffee."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ai_ops.cli.json_text import failing_as_json
from ai_ops.cli.options import AsJson, Config, Debug, Root, Service, Summary, place_for
from ai_ops.domain.errors import ConfigError

MOST_DAYS = 31


class Kind(StrEnum):
    """Which report."""

    DAILY = "daily"
    WEEKLY = "weekly"


Which = Annotated[Kind, typer.Argument(help="Of the last day, or the brief of the last seven.")]
Since = Annotated[str | None, typer.Option("--since", help="How far back instead: 3d, or 2w.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write the report as JSON, Markdown and HTML into this folder.")
]
Collected = Annotated[
    Path | None, typer.Option("--collected", help="Report on the document of `neuropilot collect --for report`.")
]
Sha256 = Annotated[str | None, typer.Option(help="What its SHA-256 must be, as the job that made it says.")]
Link = Annotated[str, typer.Option("--link", help="Where the page can be read; goes into the messages.")]


def report(  # noqa: PLR0913  # one parameter per option
    which: Which = Kind.DAILY,
    *,
    since: Since = None,
    apply: Annotated[bool, typer.Option("--apply", help="Keep it, and send it to every configured channel.")] = False,
    out: Out = None,
    link: Link = "",
    collected: Collected = None,
    collected_sha256: Sha256 = None,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    summary: Summary = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Report on the last day or week: health, promise, cost, alarms, what was decided, and what needs a person."""
    from ai_ops.cli.report_run import Request, run_report
    from ai_ops.domain.message import MessageKind

    with failing_as_json(is_wanted=as_json, report=None, files=[], channels=[], degraded=[]):
        request = Request(
            kind=MessageKind.DAILY_REPORT if which is Kind.DAILY else MessageKind.WEEKLY_BRIEF,
            days=days_of(since, which),
            is_keeping=apply,
            out=out,
            link=link,
            collected=collected,
            collected_sha256=collected_sha256,
            service=service,
            summary=summary,
            as_json=as_json,
            is_debugging=debug,
        )
        return run_report(place_for(root, config), request)


def daily_report(  # noqa: PLR0913  # the same
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it; keep nothing, and send nothing.")] = False,
    out: Out = None,
    link: Link = "",
    config: Config = None,
    root: Root = None,
    service: Service = None,
    summary: Summary = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Make the report of the last day, keep it in ai_ops/reports, and send it to every configured channel."""
    return report(
        Kind.DAILY,
        apply=not dry_run,
        out=out,
        link=link,
        config=config,
        root=root,
        service=service,
        summary=summary,
        as_json=as_json,
        debug=debug,
    )


def days_of(since: str | None, which: Kind) -> int:
    """How many days are wanted.

    Raises
    ------
    ConfigError
        When `since` is no number of days or weeks, or more than is reported on.
    """
    if since is None:
        return 1 if which is Kind.DAILY else 7
    found = re.fullmatch(r"([1-9]\d{0,3})([dw])", since)
    days = int(found[1]) * (7 if found[2] == "w" else 1) if found else 0
    if not 1 <= days <= MOST_DAYS:
        raise ConfigError(
            f"--since {since}: write a number of days or weeks, from 1d to {MOST_DAYS}d, such as 7d or 2w"
        )
    return days

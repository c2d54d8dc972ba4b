"""What became of messages, in words and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ai_ops.domain.one_line import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ai_ops.domain.delivery_record import DeliveryRecord
    from ai_ops.domain.message import Receipt


def receipt_lines(receipts: Sequence[Receipt], problem: str | None) -> Iterator[str]:
    """One line for each channel, and what could not be noted."""
    for one in receipts:
        yield f"{one.channel:<10} {one.status}{f': {one_line(one.reason, 1000)}' if one.reason else ''}"
    if not receipts:
        yield "nothing was sent: no channel is configured (`neuropilot doctor`), or nothing waits"
    if problem:
        yield f"degraded   {problem}"


def receipt_form(receipt: Receipt) -> dict[str, str]:
    """The same for a program."""
    return {"channel": receipt.channel, "status": receipt.status, "reason": receipt.reason}


def history_lines(records: Sequence[DeliveryRecord]) -> Iterator[str]:
    """One line for each channel, and below it what is wrong and what people did with the newest report."""
    for one in records:
        week, month = one.week, one.month
        sent = f"sent {week.sent} in 7 days, {month.sent} in 28; not taken {week.failed}, {month.failed}"
        late = f"tried again {week.retried}, {month.retried}; held {week.held}, {month.held}; waiting {one.waiting}"
        yield f"{one.channel:<10} {sent}; {late}"
        if one.dropped:
            yield f"{'':<10} dropped {one.dropped}, which had waited too long or were too many"
        if one.problem:
            yield f"{'':<10} problem: {one_line(one.problem, 1000)}"
        yield from _newest_report(one)
    if not records:
        yield "nothing was sent yet; `neuropilot notify test` tries every channel"


def _newest_report(record: DeliveryRecord) -> Iterator[str]:
    report = record.report
    if report is None:
        return
    heard = report.heard
    told = [
        *([f"{heard.replies} replies"] if heard and heard.replies is not None else []),
        *([f"{heard.reactions} reactions"] if heard and heard.reactions is not None else []),
        *([report.url] if report.url else []),
    ]
    yield f"{'':<10} newest report: {report.key}, {report.at:%Y-%m-%d %H:%M} UTC{''.join(f', {one}' for one in told)}"


def history_form(records: Sequence[DeliveryRecord]) -> list[dict[str, Any]]:
    """The same for a program."""
    from ai_ops.cli.json_text import utc_text

    forms = []
    for one in records:
        form = asdict(one)
        if one.report is not None:
            form["report"]["at"] = utc_text(one.report.at)
        forms.append(form)
    return forms

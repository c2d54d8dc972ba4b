"""A message with everything that a message may have, written by hand, for the channels."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_ops.domain.document import (
    Bullets,
    Cell,
    Document,
    Evidence,
    Figure,
    Paragraph,
    Section,
    Table,
    Tone,
)
from ai_ops.domain.message import AlarmNotice, Level, Message, MessageKind, Picture, Property

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 11, 20, 9, 17, tzinfo=UTC)
REVIEW = "https://github.com/acme/shop/pull/12"


def png(red: int = 31, size: int = 2) -> bytes:
    """A square picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes((red, 119, 180)) * size) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


DOCUMENT = Document(
    title="Daily report, 20 November 2026",
    subtitle="19 November 09:10 to 20 November 09:10 UTC",
    headline="web keeps its promise; a pull request waits",
    why="Health is 87 of 100, and p95 latency costs most",
    action="Review pull request 12, or run `neuropilot pause`",
    link=REVIEW,
    tone=Tone.GOOD,
    is_simulated=False,
    sections=(
        Section(
            "glance",
            "At a glance",
            (
                Paragraph("Scaling in at 35 % instead of 30 % would save 15.60 EUR a month.", "web-savings", Tone.GOOD),
                Table(
                    "Key figures of web",
                    ("Figure", "Value", "A week ago"),
                    (
                        (Cell("Health"), Cell("87 of 100", "web-health", Tone.GOOD), Cell("91 of 100")),
                        (Cell("Cost"), Cell("61.20 EUR", "web-cost", Tone.BAD), Cell("48.00 EUR")),
                        (Cell("p95 latency"), Cell("160 ms", "", Tone.WATCH), Cell("unknown")),
                    ),
                ),
            ),
            "web",
        ),
        Section(
            "cost",
            "Cost",
            (
                Figure("web-cost", "Cost by day", "Cost rose from 1.60 to 2.04 EUR a day", (("Mon", 1.6),), "EUR"),
                Bullets((Cell("Merge pull request 12", link=REVIEW), Cell("Nothing else", tone=Tone.PLAIN))),
            ),
        ),
    ),
    evidence=(
        Evidence(
            "web-health",
            "health score of web",
            "0.3 latency + 0.7 errors",
            (("latency", "160 ms"),),
            "prometheus, 24 h",
            "neuropilot explain web-20261120T06Z",
        ),
    ),
)

MORNING = Message(
    key="report-daily-20261120",
    title="web keeps its promise; a pull request waits",
    facts=(("Health", "87 of 100"), ("Cost", "61.20 EUR of 50.00 EUR")),
    lines=("Scaling in at 35 % would save 15.60 EUR a month.", "neuropilot explain web-20261120T06Z"),
    review_url=REVIEW,
    kind=MessageKind.DAILY_REPORT,
    level=Level.MEDIUM,
    service="web",
    at=AT,
    alarms=(AlarmNotice("web/latency_p95_ms", "p95 latency 412 ms", Level.HIGH, is_over=True),),
    properties=(
        Property("Health", 87.0),
        Property("Day", AT),
        Property("Tags", ("web", "cost")),
        Property("Verdict", "kept"),
        Property("Forecast", None),
    ),
    document=DOCUMENT,
    text="Daily report, 20 November 2026\n\nHealth   87 of 100\nCost     61.20 EUR\n",
    html="<!doctype html><html lang=en><title>Daily report</title><body><svg></svg>The whole page.</body></html>",
    pictures=(Picture("web-cost", "Cost rose from 1.60 to 2.04 EUR a day", png()),),
    link="https://reports.acme.example/daily_report_20261120.html",
)


def filled(text: str) -> Message:
    """A message of which every text is `text`."""

    def of(value: Any) -> Any:
        match value:
            case Tone() | MessageKind() | Level():
                return value
            case str():
                return text
            case tuple():
                return tuple(map(of, value))
        fields = getattr(value, "__dataclass_fields__", None)
        return value if fields is None else replace(value, **{name: of(getattr(value, name)) for name in fields})

    return of(MORNING)


def mask_of(*secrets: str) -> Callable[[str], str]:
    """Take `secrets` out of a text."""

    def redact(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return text

    return redact

"""What a report takes: CPU and memory for one service, fifty and five hundred, step by step.

Each size runs in a process of its own, so that the peak of its memory is its own. The facts are those of busy services:
14 days of ten metrics at ten minutes, a month of episodes. Beside our figures stands what pandas takes to read the
same series: their means of each day and week, their quantiles, and all of that as JSON. It works out nothing else of a
report; it is the least that any report on these series would have to do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_ops.report.gathered import Gathered

SIZES = (1, 50, 500)
STEPS = ("figures", "JSON", "page", "HTML", "Markdown", "text", "Slack card", "Notion blocks", "charts")
PEER = "pandas"


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--services", metavar="N", type=int, nargs="+", default=SIZES, help="(default 1 50 500)")
    parser.add_argument("--one", metavar="N", type=int, help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.one is not None:
        print(json.dumps(measured(wish.one)))
        return
    rows = [_in_a_process(count) for count in wish.services]
    figures = {"machine": {"python": sys.version.split()[0], "load": round(os.getloadavg()[0], 2)}, "rows": rows}
    print("\n".join(table(rows)))
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=1))


def measured(count: int) -> dict[str, Any]:
    """CPU seconds of each step for so many services, and the peak of memory in MB, without and with charts."""
    from gathered import frame, quiet_day, span

    services = tuple(quiet_day(service=f"service-{number}") for number in range(count))
    seconds: dict[str, float] = {}
    when, frame_of_all = span(), frame()
    peer = _timed(lambda: _by_pandas(services))[0]
    from ai_ops.domain.message import MessageKind
    from ai_ops.notify.notion.page import blocks_of
    from ai_ops.notify.slack.card import card_for
    from ai_ops.report.json_form import report_form
    from ai_ops.report.message.message import message_for
    from ai_ops.report.pages.document import document_of
    from ai_ops.report.renderings.html import html_of
    from ai_ops.report.renderings.markdown import markdown_of
    from ai_ops.report.renderings.text import text_of
    from ai_ops.report.report import make_report

    seconds["figures"], report = _timed(lambda: make_report(MessageKind.DAILY_REPORT, services, when, frame_of_all))
    seconds["JSON"], form = _timed(lambda: json.dumps(report_form(report)))
    seconds["page"], document = _timed(lambda: document_of(report))
    seconds["HTML"], page = _timed(lambda: html_of(document))
    seconds["Markdown"], _ = _timed(lambda: markdown_of(document))
    seconds["text"], text = _timed(lambda: text_of(document))
    message = message_for(report, document, text=text, html=page)
    seconds["Slack card"], _ = _timed(lambda: card_for(message, str))
    seconds["Notion blocks"], _ = _timed(lambda: blocks_of(message, {}, str))
    without = _peak_mb()
    seconds["charts"], drawn = _timed(lambda: _charts(services, report, document, when))
    return {
        "services": count,
        "cpu_seconds": seconds,
        "peer_cpu_seconds": peer,
        "ratio_to_peer": seconds["figures"] / peer,
        "charts": drawn,
        "json_bytes": len(form),
        "peak_mb": without,
        "peak_mb_with_charts": _peak_mb(),
    }


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The figures as Markdown: one line for each size."""
    head = ["services", *STEPS, f"figures / {PEER}", "JSON kB", "MB", "MB with charts"]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for row in rows:
        cells = [
            str(row["services"]),
            *(f"{row['cpu_seconds'][step]:.2f} s" for step in STEPS),
            f"{row['ratio_to_peer']:.2f}",
            f"{row['json_bytes'] / 1000:.0f}",
            f"{row['peak_mb']:.0f}",
            f"{row['peak_mb_with_charts']:.0f} ({row['charts']})",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _in_a_process(count: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def _by_pandas(services: Sequence[Gathered]) -> str:
    """Means of each day and week, and quantiles, of every series, as JSON."""
    import pandas as pd

    told = {}
    for one in services:
        times = pd.to_datetime(next(iter(one.series.values())).times(), unit="s", utc=True)
        table_of = pd.DataFrame({metric: series.values for metric, series in one.series.items()}, index=times)
        parts = (table_of.resample("1D").mean(), table_of.resample("7D").mean(), table_of.quantile([0.05, 0.5, 0.95]))
        told[one.service] = [part.to_json(date_format="iso") for part in parts]
    return json.dumps(told)


def _charts(services: Sequence[Gathered], report: Any, document: Any, when: Any) -> int:  # noqa: ANN401  # of a report
    """Draw every chart that the page shows."""
    from ai_ops.charts.inline import inline_svg
    from ai_ops.domain.document import Figure
    from ai_ops.report.pictures import charts_of

    shown = {block.name for part in document.sections for block in part.blocks if isinstance(block, Figure)}
    pairs = zip(services, report.services, strict=True)
    return sum(bool(inline_svg(chart)) for one, said in pairs for chart in charts_of(one, said, when, shown).values())


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    main()

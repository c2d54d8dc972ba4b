"""What a self-test found, as tables for a person and as JSON values for a program."""

from __future__ import annotations

from io import StringIO
from statistics import median
from typing import TYPE_CHECKING, Any

from ai_ops import __version__
from ai_ops.domain.self_test import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.table import Table

    from ai_ops.domain.self_test import Estimate, MetricTested, SelfTest

WIDTH = 96
"""Columns of the tables: they read the same in a terminal, in a log and in a pull request."""


def document(tests: Sequence[SelfTest], chart: Path | None) -> dict[str, Any]:
    """Everything, as JSON values."""
    from pydantic import TypeAdapter

    from ai_ops.domain.self_test import SelfTest

    adapter = TypeAdapter(SelfTest)
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "tests": [{**adapter.dump_python(one, mode="json"), "verdict": one.verdict} for one in tests],
        "chart": None if chart is None else str(chart),
    }


def write_table(test: SelfTest) -> str:
    """Two tables and the verdict."""
    from rich.console import Console

    page = StringIO()
    console = Console(file=page, width=WIDTH, color_system=None, highlight=False, markup=False)
    for line in _opening(test):
        console.print(line, soft_wrap=True)
    if test.metrics:
        console.print(_by_metric(test), _by_fault(test))
    for line in _closing(test):
        console.print(line, soft_wrap=True)
    return page.getvalue().rstrip()


def _opening(test: SelfTest) -> Iterator[str]:
    plan = test.plan
    simulated = "a simulated service: nothing of yours was measured"
    yield f"Self-test of {test.service}, on the history of {simulated if test.is_simulated else test.source}"
    yield (
        f"Faults of {plan.sigmas:g} to {3 * plan.sigmas:g} robust sigma that last {plan.minutes:g} minutes "
        f"(period break and flat line: 6 hours), {plan.trials} of each into each metric, seed {plan.seed}"
    )


def _by_metric(test: SelfTest) -> Table:
    table = _table("metric", "1 sigma", "recall", f"at {test.plan.sigmas:g} sigma", "delay", "alarms a week")
    for one in test.metrics:
        least = sum(fault.smallest_trials for fault in one.faults)
        table.add_row(
            one.metric,
            f"{one.sigma:.3g}",
            _percent(one.recall),
            f"{sum(fault.smallest_hits for fault in one.faults) / least:.0%}" if least else "-",
            _delay(one),
            f"{one.alarms_per_week.value:.1f} ({one.alarms_per_week.low:.1f}-{one.alarms_per_week.high:.1f})",
        )
    return table


def _by_fault(test: SelfTest) -> Table:
    table = _table("recall", *Fault)
    for one in test.metrics:
        table.add_row(one.metric, *(f"{fault.recall.value:.0%}" if fault.recall else "-" for fault in one.faults))
    return table


def _closing(test: SelfTest) -> Iterator[str]:
    for one in test.untested:
        yield f"not tested: {one.metric}: {one.reason}"
    if test.metrics:
        yield "In brackets: the 95 % interval. Delay: median from the first wrong value to the alarm."
        yield "A dash: this fault would change the metric by less, or harm nobody."
    yield f"Verdict: {test.verdict}"


def _table(first: str, *others: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True, min_width=len("requests_per_second"))
    for name in others:
        table.add_column(name, justify="right")
    return table


def _percent(estimate: Estimate | None) -> str:
    return "-" if estimate is None else f"{estimate.value:.0%} ({100.0 * estimate.low:.0f}-{100.0 * estimate.high:.0f})"


def _delay(one: MetricTested) -> str:
    """Median over the kinds of fault that were found at all."""
    found = [fault for fault in one.faults if fault.delay_minutes is not None]
    if not found:
        return "-"
    return f"{median(fault.delay_minutes or 0.0 for fault in found):g} min"

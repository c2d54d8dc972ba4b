"""Figures of a model card with their intervals, as Markdown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ai_ops.markdown import code, inert, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ai_ops.domain.model_card import ModelCard
    from ai_ops.domain.model_version import Measured, Movement
    from ai_ops.domain.self_test import Estimate

UNKNOWN = "unknown"


def headline(card: ModelCard) -> str:
    """Write the one table for whoever has a minute: what this version is worth, beside the one before."""
    if card.measured is None:
        return "Nothing could be measured: it is unknown what this version is worth."
    header, columns = ["", "this version"], [_column(card.measured)]
    if card.previous is not None:
        gain, rise = (_difference(one) for one in (card.previous.auc_gain, card.previous.loss_rise))
        header += [f"before: {code(card.previous.version)}", "difference"]
        columns += [_column(card.previous.measured), [gain, "", "", rise]]
    names = ("AUC: faults told from quiet hours", "faults that raise an alarm", "false alarms a week", "loss")
    return table(header, list(zip(names, *columns, strict=True)))


def recall_table(measured: Measured | None) -> str:
    """Write which kinds of fault it finds."""
    if measured is None or not measured.recall_by_fault:
        return "Recall by kind of fault: not measured."
    found = sorted(measured.recall_by_fault.items())
    return table(("kind of fault", "raise an alarm"), [(inert(fault), _share(recall)) for fault, recall in found])


def movement(moved: Movement | None) -> str:
    """How far a baseline moved: `+0.08 sigmas, spread x 1.01`."""
    if moved is None:
        return "-"
    return f"{_number(moved.sigmas, '{:+.2f}'.format)} sigmas, spread x {_number(moved.spread_ratio, '{:.2f}'.format)}"


def percent(share: float | None) -> str:
    """Give a share as a whole percentage."""
    return UNKNOWN if share is None else _number(share, "{:.0%}".format)


def to_the_minute(moment: datetime) -> str:
    """Give a moment to the minute, as people write it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def between(figure: Estimate, shown: Callable[[float], str]) -> str:
    """Give a figure with its interval: `0.93 (0.90 to 0.96)`."""
    value, low, high = (_number(one, shown) for one in (figure.value, figure.low, figure.high))
    return f"{value} ({low} to {high})"


def _column(measured: Measured) -> list[str]:
    return [
        between(measured.auc, "{:.3f}".format),
        _share(measured.recall),
        between(measured.false_alarms_per_week, "{:.1f}".format),
        f"{_number(measured.loss, '{:.3f}'.format)} (chance: {_number(measured.loss_of_chance, '{:.3f}'.format)})",
    ]


def _difference(figure: Estimate | None) -> str:
    return "" if figure is None else between(figure, "{:+.3f}".format)


def _share(figure: Estimate) -> str:
    return between(figure, "{:.0%}".format)


def _number(value: float, shown: Callable[[float], str]) -> str:
    return shown(value) if math.isfinite(value) else UNKNOWN

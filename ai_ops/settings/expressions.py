"""Queries with `$names` in them: the presets that ship with the package, and how a name is filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Literal

from ai_ops.settings.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"\$(\$)?([A-Za-z_][A-Za-z0-9_]*)")
"""A name behind one dollar sign, or two; PromQL's own dollars (`"web$"`, `$1`, `${1}`) have no letter behind them."""


PresetName = Literal["node_exporter", "kubernetes", "otel_http", "micrometer", "nginx", "cloudwatch_exporter", "none"]
"""What the presets of `ai_ops/config/presets.yaml` are called."""


@dataclass(frozen=True, slots=True)
class Preset:
    """Queries for one kind of exporter.

    Parameters
    ----------
    variables
        Names the queries use, each with its default.
    queries
        Expression per canonical metric.
    slo_bucket
        Counts the histogram bucket that the SLO needs; empty when the queries use no histogram.
    grouped
        Expression per metric that gives one series for each value of the label `$group`.
    """

    variables: Mapping[str, str]
    queries: Mapping[str, str]
    slo_bucket: str
    grouped: Mapping[str, str]


@cache
def presets() -> Mapping[str, Preset]:
    """The presets of `ai_ops/config/presets.yaml`, by name."""
    from ai_ops.settings.yaml_file import read_yaml

    with as_file(files("ai_ops") / "config" / "presets.yaml") as file:
        entries: dict[str, dict[str, Any]] = read_yaml(file).values
    return {name: Preset(**entry) for name, entry in entries.items()}


def names_in(expression: str) -> set[str]:
    """The `$names` an expression uses.

    >>> names_in('rate(http_total{path=~"/a$|/b$",$selector}[$window])') == {"selector", "window"}
    True
    """
    return {match[2] for match in _NAME.finditer(expression) if not match[1]}


def fill(expression: str, values: Mapping[str, str]) -> str:
    """Put a value where a name stands, and fill the value in turn; `$$name` stays as `$name`.

    Raises
    ------
    KeyError
        When a name has no value, or stands inside its own.

    >>> fill('up{path=~"/a$",$selector}', {"selector": 'job="$service"', "service": "web"})
    'up{path=~"/a$",job="web"}'
    """

    def put(match: re.Match[str]) -> str:
        doubled, name = match.groups()
        if doubled:
            return match[0][1:]
        return fill(values[name], {known: value for known, value in values.items() if known != name})

    return _NAME.sub(put, expression)


def complaint(expression: str, values: Mapping[str, str]) -> str | None:
    """What to say when `expression` cannot be filled from `values`; None when it can."""
    strangers = sorted(names_in(expression) - values.keys())
    if strangers:
        hints = ", ".join(f"${name}{nearest(name, values)}" for name in strangers)
        return f"unknown name {hints}; define it under `variables`, or write $$ for a plain dollar sign"
    try:
        fill(expression, values)
    except KeyError as error:
        return f"${error.args[0]} has no value, or stands inside its own"
    return None

"""Pieces of PromQL and of Prometheus' templates, with what comes from outside made harmless."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    import numpy as np

_ODD = re.compile(r"[^a-zA-Z0-9_]")
ODD_IN_FILES = re.compile(r"[^a-zA-Z0-9_-]")
_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))

WEEKEND = "((day_of_week() == bool 0) + (day_of_week() == bool 6))"
"""1 on Saturdays and Sundays, 0 on other days, in UTC like `hour()`."""


def rule_name(metric: str, operation: str) -> str:
    """Name of a recorded series, `level:metric:operation`, whatever the metric is called.

    >>> rule_name("cpu_percent", "upper"), rule_name("9 lives", "upper")
    ('service:cpu_percent:upper', 'service:9_lives_d05adc7c:upper')
    """
    return f"service:{plain(metric)}:{operation}"


def plain(text: str, odd: re.Pattern[str] = _ODD) -> str:
    """Write `_` for what a name may not hold; a hash then keeps two such names apart.

    >>> plain("cpu_percent"), plain("9 lives")
    ('cpu_percent', '9_lives_d05adc7c')
    """
    clean = odd.sub("_", text)
    return clean if clean == text else f"{clean}_{sha256(text.encode()).hexdigest()[:8]}"


def selector(name: str, **labels: str) -> str:
    r"""Choose one recorded series by its labels.

    >>> selector("service:cpu_percent:upper", service='we"b')
    'service:cpu_percent:upper{service="we\\"b"}'
    """
    return f"{name}{{{', '.join(f'{label}={quoted(value)}' for label, value in labels.items())}}}"


def quoted(text: str) -> str:
    r"""Write `text` as a PromQL string; JSON's escapes are all among PromQL's.

    References
    ----------
    https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
    """
    return json.dumps(text, ensure_ascii=False)


def untemplated(text: str) -> str:
    """Write `text` so that Prometheus' templates in an alert's labels give it back unchanged.

    >>> untemplated("{{ $value }}")
    '{{"{{"}} $value }}'
    """
    return text.replace("{{", '{{"{{"}}')


def duration(span: timedelta) -> str:
    """Write `span` in the one largest unit that it is whole in.

    >>> from datetime import timedelta
    >>> duration(timedelta(minutes=90)), duration(timedelta(days=3))
    ('90m', '3d')
    """
    seconds = round(span.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def number(value: float, decimals: int) -> str:
    """Write a bound without digits that mean nothing."""
    return f"{value + 0.0:.{max(0, decimals)}f}"  # + 0.0 turns -0 into 0


def table(bounds: np.ndarray, decimals: int) -> str:
    """Look bounds up by the hour, one line each; shape (1, 1), (1, 24) or (2, 24) as in `HourlyBand`.

    Exactly one of the comparisons is 1 at any moment, so the sum is the bound of that hour, and needs no history.
    """
    rows = [[number(float(value), decimals) for value in row] for row in bounds]
    if len(rows[0]) == 1:
        return f"vector({rows[0][0]})"
    if len(rows) == 1:
        return _by_hour(rows[0])
    workdays, weekend = (_by_hour(row, indent="  ") for row in rows)
    return f"(\n{workdays}\n) * (1 - {WEEKEND})\n+ (\n{weekend}\n) * {WEEKEND}"


def _by_hour(row: list[str], indent: str = "") -> str:
    lines = (f"{value} * (hour() == bool {hour})" for hour, value in enumerate(row))
    return "\n".join(f"{indent}{'+ ' if hour else '  '}{line}" for hour, line in enumerate(lines))

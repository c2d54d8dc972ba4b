"""Data classes as JSON that a person can read and a program reads back: sorted keys, UTC, durations in seconds."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading JSON of another shape ends in; pydantic's own error is a `ValueError`."""


def plain(value: Any) -> Any:  # noqa: ANN401, PLR0911  # leaves have many types
    """Turn plain Python values into what JSON can say, exactly.

    >>> plain({"step": timedelta(minutes=10), "loss": math.nan})
    {'step': 600.0, 'loss': 'nan'}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, np.generic):
        return plain(value.item())  # a comparison of figures of numpy is no plain boolean
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # "nan", "inf": words that the reader turns back
    return str(value) if isinstance(value, str) else value


def on_one_line(form: object) -> str:
    """Write JSON without blanks."""
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def on_many_lines(form: object) -> bytes:
    """Write JSON as a file for people, half a surrogate pair as its number."""
    text = json.dumps(form, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"

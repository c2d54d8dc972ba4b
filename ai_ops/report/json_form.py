"""A report as JSON, for programs and for whoever works a figure out again.

Its shape is in `ai_ops/config/schemas/daily_report.schema.json`. Every group of figures names the evidence that it
rests on, and the evidence of a service stands in one list:
``jq '.services[0] | .health.evidence as $id | .evidence[] | select(.id == $id)'``.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from ai_ops.domain.document import Evidence
from ai_ops.report.service.measured import UNITS
from ai_ops.report.service.said import Trend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service_report import Report, ServiceReport

VERSION = 1
"""Of the shape; a field that changes its meaning, or goes, makes it 2."""


def report_form(report: Report) -> dict[str, Any]:
    """Say everything in JSON's own types: times in UTC ending in Z, numbers finite or null, units in the names."""
    return _fields(report) | {
        "version": VERSION,
        "date": f"{report.span.local(report.span.end):%Y-%m-%d}",
        "is_simulated": report.is_simulated,
        "span": _span(report.span),
        "services": [_service(one) for one in report.services],
    }


def plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON can hold
    """Give a value of the report in JSON's own types; evidence becomes its id, and a word of an enumeration a text.

    Raises
    ------
    TypeError
        For anything that no report holds.
    """
    form: Any
    match value:
        case float():
            form = float(value) if isfinite(value) else None
        case bool() | int() | None:
            form = value
        case str():
            form = str(value)
        case datetime():
            form = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case dict():
            form = {str(key): plain(one) for key, one in value.items()}
        case tuple():
            form = [plain(one) for one in value]
        case Evidence(id=name):
            form = name
        case Trend(metric=metric):
            form = _fields(value) | {"unit": UNITS.get(metric, "")}
        case _ if is_dataclass(value):
            form = _fields(value)
        case _:
            raise TypeError(f"a report holds no {type(value).__name__}")
    return form


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any data class
    return {one.name: plain(getattr(value, one.name)) for one in fields(value)}


def _service(service: ServiceReport) -> dict[str, Any]:
    found = {one.id: one for one in _evidence_in(service)}
    return _fields(service) | {"evidence": [_fields(one) | {"inputs": _inputs(one)} for one in found.values()]}


def _inputs(evidence: Evidence) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in evidence.inputs]


def _evidence_in(value: object) -> Iterator[Evidence]:
    """Every evidence that a figure names, in the order of the report."""
    if isinstance(value, Evidence):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _evidence_in(one)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _evidence_in(getattr(value, one.name))


def _span(span: ReportSpan) -> dict[str, Any]:
    return {
        "start": plain(span.span.start),
        "end": plain(span.end),
        "days": span.days,
        "hours": span.span.hours,
        "timezone": span.zone,
    }

"""The report as JSON: its schema, what a program finds in it, and what never stands in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import reports
from gathered import bad_day, day_with_gaps, first_day, frame, gathered, nothing_gathered, quiet_day, span

import ai_ops
from ai_ops.domain.message import MessageKind
from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.json_form import plain, report_form
from ai_ops.report.report import make_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service_report import Report

SCHEMA = json.loads((Path(ai_ops.__file__).parent / "config/schemas/daily_report.schema.json").read_text())
SCHEMAS_OF_SCHEMAS = jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def reported(known: Gathered, kind: MessageKind = MessageKind.DAILY_REPORT) -> Report:
    """The report of this service, as it is worked out."""
    return make_report(kind, (known,), span(days=7 if kind is MessageKind.WEEKLY_BRIEF else 1), frame())


def problems(form: dict[str, Any]) -> list[str]:
    """What the schema finds wrong, after a journey through text."""
    read = json.loads(json.dumps(form, allow_nan=False))
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(read)]


def test_the_schema_is_one():
    """JSON Schema 2020-12 itself has nothing against it."""
    assert list(SCHEMAS_OF_SCHEMAS.iter_errors(SCHEMA)) == []


@pytest.mark.parametrize("day", [gathered, quiet_day, bad_day, first_day, day_with_gaps, nothing_gathered])
def test_every_day_has_its_schema(day):
    """Typical days, bad ones, the first one, and one on which nothing could be measured; and the weeks they end."""
    assert problems(report_form(reported(day()))) == []
    assert problems(report_form(reported(day(), MessageKind.WEEKLY_BRIEF))) == []


@pytest.mark.parametrize("maker", [reports.quiet, reports.bad, reports.first])
def test_every_part_of_a_report_has_its_schema(maker):
    """Alarms, recommendations, needs, judged predictions and the checklist too, in a day and in a week."""
    assert problems(report_form(reports.report(maker()))) == []
    assert problems(report_form(reports.report(maker(), kind=MessageKind.WEEKLY_BRIEF, zone="Asia/Kathmandu"))) == []


def test_a_report_of_nobody_has_its_schema():
    """No services, no needs: an empty report is a report."""
    form = report_form(replace(reports.report(reports.quiet()), services=(), needs=()))
    assert problems(form) == []
    assert form["services"] == []


def test_a_field_that_nobody_described_is_refused():
    """What is added to the report has to be added to the schema."""
    form = report_form(reports.several(3))
    form["services"][0]["health"]["mood"] = 7
    del form["services"][1]["cost"]["currency"]
    form["services"][2]["health"]["score"] = "good"
    assert len(problems(form)) == 3


def test_every_field_is_described():
    """Closed everywhere, and with a sentence for whoever reads it."""
    for place, part in parts(SCHEMA, "schema"):
        if "properties" in part:
            assert part["additionalProperties"] is False, place
            assert sorted(part["required"]) == sorted(part["properties"]), place
            assert all(one.get("description") for one in part["properties"].values()), place


def parts(schema: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema."""
    if isinstance(schema, dict):
        yield place, schema
        for name, one in schema.items():
            yield from parts(one, f"{place}.{name}")


def test_a_program_finds_the_figures_where_their_names_say():
    """`jq .services[0].health.score`, units in the names, the span of time in UTC."""
    form = report_form(reported(gathered()))
    assert form["services"][0]["health"]["score"] == pytest.approx(68.69)
    assert form["services"][0]["slo"]["budget_left_ratio"] == pytest.approx(0.8)
    assert form["services"][0]["trends"][2] == form["services"][0]["trends"][2] | {
        "metric": "latency_p95_ms",
        "unit": "ms",
        "value": pytest.approx(150.0),
        "direction": "stable",
    }
    assert (form["version"], form["kind"], form["date"]) == (1, "daily_report", "2026-11-18")
    assert form["span"] == {
        "start": "2026-11-17T12:00:00Z",
        "end": "2026-11-18T12:00:00Z",
        "days": 1,
        "hours": 24.0,
        "timezone": "UTC",
    }


def test_the_date_is_the_teams():
    """In Auckland it is already the 19th, and the day on which the clock is turned has 25 hours."""
    there = replace(reports.report(reports.quiet()), span=span(zone="Pacific/Auckland"))
    assert report_form(there)["date"] == "2026-11-19"
    autumn = ReportSpan(datetime(2026, 10, 25, 9, 10, tzinfo=UTC), "Europe/Berlin")
    assert report_form(replace(there, span=autumn))["span"]["hours"] == 25.0


@pytest.mark.parametrize("day", [quiet_day, nothing_gathered])
def test_every_figure_finds_its_evidence(day):
    """H45: each group names an entry of the service's list, and none is there twice."""
    (service,) = report_form(reported(day()))["services"]
    ids = [one["id"] for one in service["evidence"]]
    assert len(ids) == len(set(ids))
    named = [*mentioned(service)]
    assert set(named) == set(ids)
    assert service["health"]["evidence"] == "web-health"
    assert all(one["formula"] and one["source"] for one in service["evidence"])


def mentioned(form: Any) -> Iterator[str]:
    """Every id of evidence that a figure names."""
    if isinstance(form, dict):
        if isinstance(form.get("evidence"), str):
            yield form["evidence"]
        for one in form.values():
            yield from mentioned(one)
    elif isinstance(form, list):
        for one in form:
            yield from mentioned(one)


@pytest.mark.parametrize("none", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_null(none):
    """JSON knows neither NaN nor infinity, and no program shall have to."""
    assert plain(none) is None
    broken = replace(reports.quiet(), health=replace(reports.quiet().health, score=none))
    form = report_form(reports.report(broken))
    assert form["services"][0]["health"]["score"] is None
    assert problems(form) == []


def test_times_are_utc_whatever_clock_they_were_made_on():
    """Two hours ahead is the same moment."""
    berlin = timezone(timedelta(hours=2))
    assert plain(datetime(2026, 7, 1, 9, 10, tzinfo=berlin)) == "2026-07-01T07:10:00Z"


def test_what_no_report_holds_is_refused():
    """A set has no order, and would be written differently every day."""
    with pytest.raises(TypeError, match="a report holds no set"):
        plain({1, 2})


def test_the_same_report_is_written_the_same():
    """Twice the same report, twice the same text."""
    assert json.dumps(report_form(reported(quiet_day()))) == json.dumps(report_form(reported(quiet_day())))

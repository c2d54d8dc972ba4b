"""Every figure of a report worked out again from its raw inputs by other code: arithmetic equals data (H45)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import worked_out as again
import worked_out_amounts
import worked_out_decisions
import worked_out_rollout
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from raw_services import Raw, a_raw_service, write
from worked_out import differences, said, worked_out

from ai_ops.domain.message import MessageKind
from ai_ops.report.json_form import report_form
from ai_ops.report.report import make_report

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = (1, 2, 14)
"""A week in New York, a day in Berlin and one in Kathmandu: between them they have every kind of figure."""

RANKS = re.compile(r"\.needs\[\d+\]\.urgency|\.checklist\.items\[\d+\]\.week")
"""Numbers that put things in order, or name them, and are no figures."""


@dataclass(frozen=True)
class Told:
    """One service in the report's JSON, and the same worked out again."""

    form: dict[str, Any]
    figures: dict[str, Any]

    @property
    def differences(self) -> list[str]:
        """Where they differ."""
        return list(differences(said(self.form), self.figures))


def told(raw: Raw) -> Told:
    """Make the report, and work it out again from what is written to a folder."""
    kind = MessageKind.DAILY_REPORT if raw.span.days == 1 else MessageKind.WEEKLY_BRIEF
    form = report_form(make_report(kind, (raw.gathered,), raw.span, raw.frame))
    with TemporaryDirectory() as folder:
        write(raw, Path(folder))
        return Told(json.loads(json.dumps(form))["services"][0], worked_out(Path(folder)))


@pytest.fixture(scope="module")
def services() -> list[Told]:
    """Three of them."""
    return [told(a_raw_service(seed)) for seed in SEEDS]


def test_every_figure_of_three_services_is_what_the_raw_data_says(services: list[Told]) -> None:
    """H45, S001-26 to S001-31, S001-99 to S001-114: with holes in the metrics, and periods decided again."""
    assert [one.differences for one in services] == [[], [], []]


@given(st.integers(min_value=1000, max_value=10**6))
@settings(max_examples=6, phases=[Phase.generate])
def test_whatever_the_service_its_figures_are_what_the_raw_data_says(seed: int) -> None:
    """H45: other holes, other clocks, a day or a week, a ledger of a day or of half a year."""
    assert told(a_raw_service(seed)).differences == []


def test_between_them_the_three_have_every_kind_of_figure(services: list[Told]) -> None:
    """Nothing is equal because it is missing."""
    assert all(raw.gathered.episodes for raw in map(a_raw_service, SEEDS))
    assert any(one.id.endswith(".2") for raw in map(a_raw_service, SEEDS) for one in raw.gathered.episodes)
    found = [(re.sub(r"\[\d+\]", "", place), value) for one in services for place, value in leaves(said(one.form))]
    known = {kind for kind, value in found if value is not None}
    missing = {kind for kind, _ in found} - known
    assert not [kind for kind in missing if not any(one.startswith(f"{kind}.") for one in known)]
    assert len(known) > 130


def test_no_figure_can_be_wrong_without_being_noticed(services: list[Told]) -> None:
    """Each number of the JSON is altered by a thousandth, or by one, and found out: none is left unchecked."""
    one = services[0]
    altered = 0
    for place, holder, key in numbers(one.form):
        if RANKS.fullmatch(place):
            continue
        kept = holder[key]
        holder[key] = kept + 1 if isinstance(kept, int) else kept * 1.001 + 0.001
        assert one.differences, f"{place} may be anything"
        holder[key], altered = kept, altered + 1
    assert altered > 120
    assert one.differences == []


def test_no_figure_of_the_roll_out_can_be_wrong_without_being_noticed(services: list[Told]) -> None:
    """They stand in texts: each one is altered by a digit of its last place."""
    one = services[0]
    for item in one.form["checklist"]["items"]:
        kept = item["measured"]
        for found in () if kept.startswith("from ") else again.NUMBER.finditer(kept):
            last = found.end() - 1
            item["measured"] = f"{kept[:last]}{(int(kept[last]) + 2) % 10}{kept[last + 1 :]}"
            assert one.differences, f"{item['expectation']}: {item['measured']}"
        item["measured"] = kept
    assert one.differences == []


def test_what_works_it_out_again_shares_no_code_with_the_report() -> None:
    """A fault in both would be no coincidence."""
    for module in (again, worked_out_amounts, worked_out_decisions, worked_out_rollout):
        assert "ai_ops" not in Path(module.__file__).read_text(encoding="utf-8")


def test_what_is_said_of_all_services_adds_up() -> None:
    """S001-02: how often a person was needed, and what waits."""
    raws = [a_raw_service(seed) for seed in SEEDS]
    gathered = [replace(raw.gathered, service=f"web-{number}") for number, raw in enumerate(raws)]
    form = report_form(make_report(MessageKind.DAILY_REPORT, gathered, raws[0].span, raws[0].frame))
    services = form["services"]
    assert form["times_needed"] == sum(one["times_needed"] for one in services)
    needs = {json.dumps(need, sort_keys=True) for one in services for need in one["needs"]}
    assert len(form["needs"]) + form["more_needs"] == len(needs)
    urgencies = sorted((json.loads(need)["urgency"] for need in needs), reverse=True)
    assert [need["urgency"] for need in form["needs"]] == urgencies[:3]


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Everything that holds nothing else, with its place."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, f"{place}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, f"{place}[{number}]")
    else:
        yield place, value


def numbers(value: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every number: its place, and what holds it by which key."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        where = f"{place}[{key}]" if isinstance(value, list) else f"{place}.{key}"
        if isinstance(one, int | float) and not isinstance(one, bool):
            yield where, value, key
        else:
            yield from numbers(one, where)

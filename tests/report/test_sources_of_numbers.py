"""No number without a source: what a reader sees stands in the report's JSON, rounded, or in the settings (H45)."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import typer
from golden import renderings
from html_pages import read_page
from report_days import MORNINGS

from ai_ops.cli.main import app
from ai_ops.domain.warming_up import WarmingUp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from report_days import Morning

    from ai_ops.report.gathered import Gathered

NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?(?!\w)")

CONSTANTS = {
    7: "days of a week in which a person was needed",
    24: "hours ahead, and of a day",
    28: "days over which predictions are counted",
    30: "days of the error budget, and of S001-106; CPU below which S001-114 speaks",
    720: "hours of these 30 days",
    90: "percent of its predictions that the agent claims to be right",
    100: "points of a health score, and percent of an error budget",
    70: "S001-109",
    200: "S001-110",
    2: "S001-111",
    20: "S001-112",
    80: "S001-113",
}
"""What the words say, and no data."""

LAYOUT = (
    (r"https?://[^\s)]+", "addresses"),
    (r"\[\(\d+\)\]|\(#evidence-\d+\)| \[[\d, -]+\](?=\n)", "numbers of evidence"),
    (r"y-axis \"([^\"]*)\" 0 --> \S+", "ends of an axis"),
    (r"(?m)^\d+\. ", "places in a list"),
    (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d [A-Z][a-z]{2}(?: \d{4})?|\d{4}-\d\d-\d\d|\b\d\d:\d\d\b", "days and times"),
    (r"\b[a-z]+-\d{8}T\d\dZ|\d{8}T\d{4}Z-`?[0-9a-f]{8}`?|\w+-(?:\d{8}|\d{4}-W\d\d)\b", "ids"),
    (r"\bp95\b", "names"),
)
"""Digits that are no figures."""


@dataclass(frozen=True)
class Source:
    """Where a number may come from."""

    value: float
    whence: str


@cache
def sources(day: str) -> list[Source]:
    """Everything that a number of that day may be: figures of the JSON, what they add up to, settings and constants."""
    morning, form = MORNINGS[day](), json.loads(renderings(day)["report.json"])
    found = [Source(value, place) for place, value in _figures(form)]
    found += [Source(sum(some), f"sum of {name}") for name, some in _sums(form["services"])]
    found += [Source(value, f"count of {name}") for name, value in _counts(form)]
    found += [Source(value, f"setting {name}") for one in morning.services for name, value in _settings(one)]
    found += [Source(value, f"ledger {name}") for one in morning.services for name, value in _remembered(one, morning)]
    return found + [Source(value, f"constant: {why}") for value, why in CONSTANTS.items()]


def _figures(value: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """Numbers of the JSON, and the same as percentages, days and rests where a reader is told those."""
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inside:
            yield from _figures(one, f"{place}.{key}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, value
        yield from _as_told(place, value)
    elif isinstance(value, str) and place.endswith((".measured", ".before", ".after")):
        yield from ((place, float(one.replace(",", ""))) for one in NUMBER.findall(value))


def _as_told(place: str, value: float) -> Iterator[tuple[str, float]]:
    name = place.rpartition(".")[2]
    if name.endswith("_ratio") or name == "burn" or ".calibration." in place:
        yield f"{place} in percent", 100.0 * value
    if name.endswith("_ratio"):
        yield f"what is gone of {place}, in percent", 100.0 * (1.0 - value)
    if name.endswith("change_percent"):
        yield f"{place} as so many times", 1.0 + value / 100.0
    if name in {"budget_hours_left", "hours_known"}:
        yield f"{place} in days", value / 24.0


def _sums(services: list[dict[str, Any]]) -> Iterator[tuple[str, list[float]]]:
    """What a report on several services says of all of them, and of one's predictions."""
    yield "to_date", [one["cost"]["to_date"] or 0.0 for one in services]
    yield "projected", [one["cost"]["projected"]["expected"] for one in services if one["cost"]["projected"]]
    yield "hits", [one["record"]["hits"] for one in services]
    yield "judged", [one["record"]["hits"] + one["record"]["misses"] for one in services]
    yield from (("hits and misses", [one["record"]["hits"], one["record"]["misses"]]) for one in services)


def _counts(form: dict[str, Any]) -> Iterator[tuple[str, int]]:
    services = form["services"]
    alarms = [one["alarms"] for one in services]
    for some in (*alarms, [alarm for each in alarms for alarm in each]):
        yield "alarms", len(some)
        yield "alarms that go on", sum(one["is_going_on"] for one in some)
    yield "services", len(services)
    yield from (
        ("services of a tone", sum(one["tone"] == tone for one in services)) for tone in ("good", "plain", "bad")
    )
    yield "services that kept their promise", sum((one["slo"]["burn"] or 2.0) <= 1.0 for one in services)
    yield "needs", len(form["needs"]) + form["more_needs"]
    for one in services:
        yield "needs of a service", sum(bool(need["service"]) for need in one["needs"])
        yield "moves", len(one["scaling"]["moves"])
        yield "moves that are live", sum(move["is_live"] for move in one["scaling"]["moves"])


def _settings(one: Gathered) -> Iterator[tuple[str, float]]:
    yield "promise", one.slo.target_percent
    yield "latency that is good", one.slo.latency_ms
    for name, value in one.thresholds.numbers.items() if one.thresholds else ():
        yield name, value
        if name in one.knobs:
            yield f"a step of {name}", value + one.knobs[name].max_step
            yield f"a step of {name}", value - one.knobs[name].max_step
    for change in (change for episode in one.episodes for change in episode.decision.changes):
        yield f"{change.knob} before", float(change.before)  # type: ignore[arg-type]
        yield f"{change.knob} after", float(change.after)  # type: ignore[arg-type]


def _remembered(one: Gathered, morning: Morning) -> Iterator[tuple[str, float]]:
    """Of the newest decision, the pull request, the training log and the metrics: what sentences quote."""
    for newest in one.episodes[-1:]:
        yield "share of good requests", newest.reward.slo_good_percent or 0.0
        yield "hours of its window", newest.window.hours
    if one.request is not None:
        yield "pull request", one.request.number
        yield "hours that it waits", (morning.frame.made_at - one.request.opened_at) / timedelta(hours=1)
    if isinstance(one.outlook, WarmingUp):
        yield "hours that a forecast needs", one.outlook.need
        yield "hours that it has", one.outlook.have
    for record in one.vitals.records:
        yield "rows", record.loss_rows or 0
        yield "loss of chance", 0.868731 / (record.loss_rows or 1) ** 0.5
    for series in one.series.values():
        times = series.times()
        inside = (times >= morning.span.span.start.timestamp()) & (times < morning.span.end.timestamp())
        known = int((inside & (series.values == series.values)).sum())
        yield "share that was measured", 100.0 * known * series.step.total_seconds() / 3600.0 / morning.span.span.hours


@cache
def quoted(day: str) -> list[str]:
    """Words of others, which the report hands on as they are, and what was expected of the roll-out."""
    form, morning = json.loads(renderings(day)["report.json"]), MORNINGS[day]()
    said = [*form["incidents"], *form["runbooks"]]
    for one in form["services"]:
        said += [alarm["reason"] for alarm in one["alarms"]] + [judged["reason"] for judged in one["record"]["judged"]]
        said += [item["expectation"] for item in one["checklist"]["items"]]
        said += [item["measured"] for item in one["checklist"]["items"] if item["measured"].startswith("from day ")]
    said += [one.request.title for one in morning.services if one.request] + [
        one.rollout_advice for one in morning.services
    ]
    return sorted(filter(None, said), key=len, reverse=True)


def shown(day: str, name: str) -> str:
    """What somebody reads there, without its appendix, which holds the inputs themselves."""
    text = renderings(day)[name]
    if name == "report.html":
        cut = text[: text.index('<section id="evidence_"')] + text[text.index("</main>") :]
        cut = re.sub(r'<a class="note".*?</a>', "", cut).replace("</t", " </t")
        text = read_page(cut).text.replace("\xa0", " ")
    elif name == "slack.json":
        text = "\n".join(_texts(json.loads(text)))
    text = re.split(r"\n(?:## Evidence|Evidence\n=+)\n", text)[0].replace("\\", "")
    for words in quoted(day):
        text = text.replace(words, "…")
    for pattern, _ in LAYOUT:
        text = re.sub(pattern, "…", text)
    return text


def _texts(value: Any) -> Iterator[str]:
    """Every text of a card."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from [one] if key == "text" and isinstance(one, str) else _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def unfounded(text: str, known: list[Source]) -> list[str]:
    """Numbers that nothing rounds to, each with the words around it."""
    return [
        f"{found[0]} in {text[max(0, found.start() - 40) : found.end() + 30]!r}"
        for found in NUMBER.finditer(text)
        if not any(_rounds_to(one.value, found[0]) for one in known)
    ]


def _rounds_to(value: float, text: str) -> bool:
    """Whether the value, or by how much it is below, is written so."""
    decimals = len(text.partition("e")[0].partition(".")[2])
    number = float(text.replace(",", ""))
    sized = value if text[0] in "+-" else abs(value)
    return abs(number - sized) <= 0.5 * 10.0**-decimals + 1e-9 * abs(number)


@pytest.mark.parametrize("name", ["report.md", "report.html", "report.txt", "summary.md", "slack.json"])
@pytest.mark.parametrize("day", MORNINGS)
def test_every_number_that_is_shown_has_a_source(day: str, name: str) -> None:
    """H45: in the JSON, rounded; in the settings; or among the few constants whose reasons stand here."""
    assert unfounded(shown(day, name), sources(day)) == []


@pytest.mark.parametrize("name", ["report.md", "slack.json"])
def test_a_number_without_a_source_is_found(name: str) -> None:
    """Of those with four digits and more, nine in ten are no longer founded once their last digit is another."""
    text, known = shown("bad-day", name), sources("bad-day")
    exact = {one for one in NUMBER.findall(text) if "." in one and len(one.strip("+-0.")) >= 5}
    assert len(exact) >= 5
    altered = [f"{one[:-1]}{(int(one[-1]) + 4) % 10}" for one in exact]
    noticed = sum(bool(unfounded(f"so {one} it is", known)) for one in altered)
    assert noticed >= 0.9 * len(altered)
    assert unfounded("a quarter of 4711 requests", known) == ["4711 in 'a quarter of 4711 requests'"]


def test_all_but_a_few_digits_are_looked_at() -> None:
    """What is left out as layout, and as the words of others, is little."""
    assert len(NUMBER.findall(shown("bad-day", "report.md"))) > 150
    assert len(NUMBER.findall(shown("bad-day", "report.html"))) > 150
    assert len(NUMBER.findall(shown("bad-day", "slack.json"))) > 60


@pytest.mark.parametrize("day", MORNINGS)
def test_every_evidence_that_is_named_is_there_once(day: str) -> None:
    """H45: of all services together; and none is there that no figure names."""
    form = json.loads(renderings(day)["report.json"])
    there = [one["id"] for service in form["services"] for one in service["evidence"]]
    named = {one for service in form["services"] for one in _evidence_named(service | {"evidence": ""})}
    assert len(there) == len(set(there))
    assert named == set(there)
    shown_there = set(re.findall(r'href="#evidence_([a-z0-9-]+)"', renderings(day)["report.html"]))
    assert shown_there <= named
    numbered = {int(one) for one in re.findall(r"\(#evidence-(\d+)\)", renderings(day)["report.md"])}
    assert numbered == {int(one) for one in re.findall(r"(?m)^### Evidence (\d+)$", renderings(day)["report.md"])}


def _evidence_named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from [one] if key == "evidence" and one else _evidence_named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _evidence_named(one)


COMMAND = re.compile(r"`(neuropilot [^`]+)`")


@pytest.mark.parametrize("day", MORNINGS)
def test_every_command_that_is_shown_can_be_typed(day: str) -> None:
    """Verb, arguments and options are those of `neuropilot --help`, asked by the program itself."""
    form = json.loads(renderings(day)["report.json"])
    commands = {one["command"] for service in form["services"] for one in service["evidence"]}
    commands |= {one["action"] for one in _needs(form) if one["action"].startswith("neuropilot ")}
    commands |= {found for text in _strings(form) for found in COMMAND.findall(text)}
    assert len(commands) >= 10
    for command in commands:
        understand(command)


@pytest.mark.parametrize("wrong", ["neuropilot histery", "neuropilot history --lst 4", "neuropilot model crad v1"])
def test_a_command_that_does_not_exist_is_found(wrong: str) -> None:
    """Verbs, options and verbs of verbs."""
    with pytest.raises(typer.TyperException):
        understand(wrong)


def understand(command: str) -> None:
    """Read a command as the program does, without running it; raises where it is none."""
    name, *arguments = shlex.split(command)
    assert name == "neuropilot"
    verb: Any = typer.main.get_command(app)
    context = verb.make_context(name, arguments)
    while hasattr(verb, "resolve_command"):
        called, verb, rest = verb.resolve_command(context, [*context._protected_args, *context.args])
        context = verb.make_context(called, rest, parent=context)


def _needs(form: dict[str, Any]) -> list[dict[str, Any]]:
    return [need for service in form["services"] for need in service["needs"]]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)

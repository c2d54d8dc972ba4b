"""One service of the settings, in the words of the domain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.domain.slo import Slo
from ai_ops.domain.tuning import CostDirection, Knob, KnobKind, ScheduledMinimum
from ai_ops.settings import load_settings
from ai_ops.settings.expressions import fill, names_in, presets
from ai_ops.settings.service import Service

if TYPE_CHECKING:
    from pathlib import Path

TFVARS = "infrastructure/terraform/terraform.tfvars"


def services(folder: Path, text: str) -> tuple[Service, ...]:
    """The services of a settings file that holds `text`."""
    file = folder / "ops_config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, root=folder, environment={}).services


def service(folder: Path, **keys: object) -> Service:
    """The only service of a settings file that gives it these keys."""
    (only,) = services(folder, yaml.safe_dump({"services": [{"name": "web", **keys}]}))
    return only


def asked(one: Service) -> dict[str, str]:
    """Its expressions by metric."""
    return {query.metric: query.expression for query in one.queries}


def test_the_promise_is_an_slo(tmp_path: Path) -> None:
    """Target, latency and minimum of requests in one value of the domain (R6)."""
    web = service(tmp_path, sla_target=99.5, slo={"latency_ms": 250, "minimum_requests": 50})
    assert web.slo == Slo(target_percent=99.5, latency_ms=250, minimum_requests=50)


def test_a_service_takes_the_target_and_budget_of_the_whole_unless_it_has_its_own(tmp_path: Path) -> None:
    """A fleet writes its promise once (S001-54, S001-55)."""
    text = """
    sla_target: 99
    cost_budget: 40
    services:
      - {name: web, sla_target: 99.99, tfvars: {under: web}}
      - {name: api, cost_budget: 10, tfvars: {under: api}}
    """
    web, api = services(tmp_path, text)
    assert (web.slo.target_percent, web.cost_budget) == (99.99, 40)
    assert (api.slo.target_percent, api.cost_budget) == (99, 10)


def test_the_service_nobody_named_takes_them_too(tmp_path: Path) -> None:
    """A file of one line is enough to move the target (S001-54)."""
    (web,) = services(tmp_path, "sla_target: 99\n")
    assert web.slo.target_percent == 99


def test_a_knob_stands_in_the_tfvars_under_its_name(tmp_path: Path) -> None:
    """Bounds, step, direction and place in one value of the domain."""
    web = service(tmp_path)
    assert web.knobs["cpu_scale_out_percent"] == Knob(
        name="cpu_scale_out_percent",
        file=TFVARS,
        path=("cpu_scale_out_percent",),
        unit="percent",
        minimum=50,
        maximum=90,
        max_step=12,
        costs_money=CostDirection.DOWN,
    )
    assert web.knobs["max_instances"].costs_money is CostDirection.UP


def test_a_word_and_a_schedule_are_knobs_too(tmp_path: Path) -> None:
    """Their kind follows from their names; they have words or entries where a number has steps."""
    knobs = service(tmp_path, tfvars={"under": "web"}).knobs
    mode, schedule = knobs["scaling_mode"], knobs["scheduled_minimum"]
    assert (mode.kind, mode.words, mode.path) == (KnobKind.CHOICE, ("threshold", "target"), ("web", "scaling_mode"))
    assert (schedule.kind, schedule.minimum, schedule.maximum) == (KnobKind.SCHEDULE, 1, 20)
    assert schedule.most_entries == 28
    assert schedule.is_safer((), (ScheduledMinimum(0, 60, 2),))


def test_a_schedule_may_have_bounds_and_a_place_of_its_own(tmp_path: Path) -> None:
    """As every other knob."""
    written = {"unit": "instances", "min": 3, "max": 9, "most_entries": 7, "file": "keda/web.yaml", "path": "web.cron"}
    (knob,) = service(tmp_path, knobs={"scheduled_minimum": written}).knobs.values()
    assert (knob.file, knob.path, knob.minimum, knob.maximum, knob.most_entries) == (
        "keda/web.yaml",
        ("web", "cron"),
        3,
        9,
        7,
    )


def test_a_knob_may_stand_elsewhere(tmp_path: Path) -> None:
    """Below an object of its service, at a path of its own, or in another file."""
    bounds = {"unit": "ms", "min": 100, "max": 900, "max_step": 50, "costs_money": "down"}
    knobs = {
        "latency_scale_out_ms": bounds,
        "memory_scale_out_percent": {**bounds, "unit": "percent", "max": 100, "min": 1},
    }
    knobs["latency_scale_out_ms"] |= {"file": "live/eu.tfvars", "path": "limits.p95_ms"}
    web = service(tmp_path, tfvars={"file": "live/all.tfvars", "under": "fleet.web"}, knobs=knobs)
    assert (web.knobs["latency_scale_out_ms"].file, web.knobs["latency_scale_out_ms"].path) == (
        "live/eu.tfvars",
        ("limits", "p95_ms"),
    )
    assert (web.knobs["memory_scale_out_percent"].file, web.knobs["memory_scale_out_percent"].path) == (
        "live/all.tfvars",
        ("fleet", "web", "memory_scale_out_percent"),
    )


def test_a_live_query_is_filled_and_named_after_its_knob(tmp_path: Path) -> None:
    """The platform is asked what it really runs; knobs without a query are not asked for."""
    knob = {
        "unit": "instances",
        "min": 1,
        "max": 9,
        "max_step": 1,
        "costs_money": "up",
        "live_query": "min(hpa_min{$selector})",
    }
    web = service(tmp_path, selector='app="shop"', knobs={"min_instances": knob})
    (query,) = web.live_queries.values()
    assert (query.metric, query.expression) == ("min_instances", 'min(hpa_min{app="shop"})')
    assert web.knobs["min_instances"].live_query == query.expression


def test_an_own_query_wins_over_the_preset_and_an_empty_one_removes_it(tmp_path: Path) -> None:
    """A team without a database is not told about a gap on every run."""
    before = asked(service(tmp_path))
    after = asked(service(tmp_path, queries={"cpu_percent": "avg(cpu{$selector})", "db_latency_ms": ""}))
    assert after["cpu_percent"] == 'avg(cpu{job="web"})'
    assert before.keys() - after.keys() == {"db_latency_ms"}


def test_an_own_sli_replaces_the_presets(tmp_path: Path) -> None:
    """Good over total is one query, and the traffic that weighs it is the same total (R6)."""
    web = service(tmp_path, slo={"good": "sum(rate(ok[$window]))", "total": "sum(rate(all[$window]))", "window": "5m"})
    assert asked(web)["slo_good_ratio"] == "(sum(rate(ok[5m]))) / (sum(rate(all[5m])))"
    assert asked(web)["requests_per_second"] == "sum(rate(all[5m]))"
    assert web.slo_bucket_query is None


def test_the_same_queries_can_be_asked_over_another_range(tmp_path: Path) -> None:
    """Minute by minute the promise's own window would smear every peak; a range that a person wrote out stays."""
    own = {"cpu_percent": "avg(rate(cpu[7m]))"}
    web = service(tmp_path, slo={"good": "ok[$window]", "total": "all[$window]", "window": "30m"}, queries=own)
    over = {query.metric: query.expression for query in web.queries_over("2m")}
    assert over["slo_good_ratio"] == "(ok[2m]) / (all[2m])"
    assert over["cpu_percent"] == "avg(rate(cpu[7m]))"
    assert over.keys() == asked(web).keys()
    assert web.queries_over("30m") == web.queries
    assert not any("30m" in expression for expression in over.values())


@pytest.mark.parametrize(
    ("latency_ms", "seconds", "bucket"),
    [
        (400, "0.4", "0[.]4"),
        (1000, "1", "1([.]0)?"),
        (2500, "2.5", "2[.]5"),
        (50, "0.05", "0[.]05"),
        (20_000, "20", "20([.]0)?"),
    ],
)
def test_the_slo_names_its_bucket(tmp_path: Path, latency_ms: float, seconds: str, bucket: str) -> None:
    """Prometheus 3 writes le="1.0" where Prometheus 2 kept le="1"; both are found (R6)."""
    web = service(tmp_path, slo={"latency_ms": latency_ms}, queries={"db_latency_ms": "$slo_seconds"})
    assert f'le=~"{bucket}"' in asked(web)["slo_good_ratio"]
    assert f'le=~"{bucket}"' in str(web.slo_bucket_query)
    assert asked(web)["db_latency_ms"] == seconds


def test_variables_overrule_those_of_the_preset(tmp_path: Path) -> None:
    """One preset fits teams that label their status or their hosts otherwise."""
    web = service(tmp_path, variables={"status_label": "status", "hosts": 'job="node",instance=~"$service-.*"'})
    assert 'status=~"5.."' in asked(web)["error_percent"]
    assert asked(web)["instances"] == 'sum(up{job="node",instance=~"web-.*"})'


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("web-7d4b9c8f6b-x2x4z", "web"),
        ("web-bcdf-z9z5x", "web"),
        ("web-admin-7d4b9c8f6b-x2x4z", "web-admin"),
        ("web-migrate-x2x4z", "the Job web-migrate"),
        ("web-0", "the StatefulSet web"),
        ("my-web-7d4b9c8f6b-x2x4z", "my-web"),
    ],
)
def test_a_deployment_is_measured_by_its_own_pods_alone(tmp_path: Path, pod: str, workload: str) -> None:
    """A neighbour whose name begins alike would add its CPU to ours; Prometheus anchors the expression (S001-73)."""
    (pattern,) = set(re.findall(r'pod=~"([^"]*)"', asked(service(tmp_path, preset="kubernetes"))["cpu_percent"]))
    assert bool(re.fullmatch(pattern, pod)) == (workload == "web")


def test_a_cost_query_is_asked_when_it_is_the_source(tmp_path: Path) -> None:
    """The source of the cost is the team's choice (R43)."""
    web = service(tmp_path, cost={"source": "query"}, queries={"cost_per_hour": "sum(opencost{$selector})"})
    assert asked(web)["cost_per_hour"] == 'sum(opencost{job="web"})'


@pytest.mark.parametrize("selector", ["", 'job="web",', "job='web', env=~`prod|eu$`", '"utf.8"="x"', "$hosts"])
def test_selectors_come_in_many_forms(tmp_path: Path, selector: str) -> None:
    """What PromQL takes between braces is taken here."""
    assert service(tmp_path, selector=selector, variables={"hosts": 'job="node"'}).selector == selector.strip()


@given(text=st.text(alphabet='$"|(){}[]^1,.=~ \\', max_size=30))
def test_dollars_of_promql_survive(text: str) -> None:
    """Anchors and groups of regular expressions have no letter behind their dollar sign."""
    assert names_in(text) == set()
    assert fill(text, {}) == text


def test_a_doubled_dollar_is_a_plain_one() -> None:
    """label_replace may refer to a named group."""
    assert fill('label_replace(up, "a", "$$zone-$1", "b", "(?P<zone>.*)$")', {}).count("$zone-$1") == 1


def test_every_preset_can_be_chosen() -> None:
    """What the file of presets holds is what `preset` takes."""
    assert presets().keys() == set(get_args(Service.model_fields["preset"].annotation))


@pytest.mark.parametrize("name", sorted(presets()))
def test_presets_speak_of_known_metrics(tmp_path: Path, name: str) -> None:
    """Every preset can be chosen, filled without anything left over, and asks for canonical metrics only."""
    chosen = service(tmp_path, preset=name)
    assert asked(chosen).keys() <= CANONICAL_METRICS.keys()
    assert not any("$" in expression for expression in asked(chosen).values())


def test_every_preset_but_none_measures_what_a_decision_needs(tmp_path: Path) -> None:
    """Without these a guardrail holds every change (S001-73, S001-74)."""
    needed = {
        "cpu_percent",
        "memory_percent",
        "latency_p95_ms",
        "error_percent",
        "requests_per_second",
        "slo_good_ratio",
    }
    for name in presets().keys() - {"none"}:
        assert asked(service(tmp_path, preset=name)).keys() >= needed | {"instances"}
    assert asked(service(tmp_path, preset="none")) == {}

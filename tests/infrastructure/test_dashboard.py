"""The dashboards of the agent and of its models: Grafana can import them, and they show what is really pushed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ai_ops.notify.watchers.model_metrics import MODEL_METRICS
from ai_ops.notify.watchers.own_metrics import OWN_METRICS

FOLDER = Path(__file__).parents[2] / "infrastructure" / "grafana"
TEXTS = {name: (FOLDER / f"{name}.json").read_text(encoding="utf-8") for name in ("neuropilot", "model")}
DASHBOARDS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in TEXTS.items()}
PANELS = {
    name: [panel for panel in dashboard["panels"] if panel["type"] != "row"] for name, dashboard in DASHBOARDS.items()
}
UIDS = {"neuropilot": "neuropilot", "model": "neuropilot-model"}

every_dashboard = pytest.mark.parametrize("name", TEXTS)


def expressions(name: str) -> list[str]:
    """Every question that a dashboard asks."""
    marks = [one["expr"] for one in DASHBOARDS[name]["annotations"]["list"] if "expr" in one]
    return [target["expr"] for panel in PANELS[name] for target in panel["targets"]] + marks


def panel_of_the_model(title: str) -> dict[str, Any]:
    """The one with this title."""
    (found,) = [panel for panel in PANELS["model"] if panel["title"] == title]
    return found


@every_dashboard
def test_it_is_of_the_form_that_grafana_writes(name: str) -> None:
    """Classic model, version 42: Grafana 12 and 13 take it as it is, older ones after a look."""
    assert DASHBOARDS[name]["schemaVersion"] == 42
    assert DASHBOARDS[name]["id"] is None, "an id belongs to one Grafana"
    assert DASHBOARDS[name]["uid"] == UIDS[name]


@every_dashboard
def test_every_panel_has_a_number_and_a_place_of_its_own(name: str) -> None:
    """Two panels with one number cannot be told apart, two in one place not be seen."""
    numbers = [panel["id"] for panel in DASHBOARDS[name]["panels"]]
    assert len(set(numbers)) == len(numbers)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + column, place["y"] + line) for column in range(place["w"]) for line in range(place["h"])}
        assert all(0 <= x < 24 for x, _ in cells)
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", [one for panels in PANELS.values() for one in panels], ids=lambda one: one["title"])
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    """And asks the data source that was chosen at the top."""
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert {target["refId"] for target in panel["targets"]} == set("ABCDEFGH"[: len(panel["targets"])])
    for asked in (panel, *panel["targets"]):
        assert asked["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@pytest.mark.parametrize(
    ("name", "pushed", "left_out"),
    [
        (
            "neuropilot",
            {metric.name for metric in OWN_METRICS},
            {"neuropilot_last_success_timestamp_seconds", "neuropilot_live_changes"},
        ),
        (
            "model",
            {metric.name for metric in MODEL_METRICS},
            {
                "ai_ops_model_history_seconds",
                "ai_ops_model_load_seconds",
                "ai_ops_model_signature_wanted",
                "ai_ops_model_training_wanted",
            },
        ),
    ],
    ids=TEXTS,
)
def test_it_shows_only_what_is_pushed_and_nearly_all_of_it(name: str, pushed: set[str], left_out: set[str]) -> None:
    """No metric is misspelt; what is left out is what others are counted from, or what only an alert asks for."""
    named = {
        one
        for expression in expressions(name)
        for one in re.findall(r"(?:neuropilot|ai_ops_model)_[a-z_]+", expression)
    }
    assert named <= pushed
    assert pushed - named == left_out


@every_dashboard
def test_every_question_is_about_the_chosen_service(name: str) -> None:
    """Else two services would share a line."""
    for expression in expressions(name):
        assert expression.count("{") == expression.count('{instance=~"$instance",service="$service"') > 0


@every_dashboard
def test_changes_are_marked_by_the_tags_that_the_agent_gives(name: str) -> None:
    """Of the chosen service alone."""
    (tagged,) = (one["target"] for one in DASHBOARDS[name]["annotations"]["list"] if "target" in one)
    assert (tagged["type"], tagged["tags"], tagged["matchAny"]) == ("tags", ["neuropilot", "$service"], False)


@every_dashboard
def test_it_leads_nowhere(name: str) -> None:
    """No address of anybody's machine, and no uid of anybody's data source."""
    assert "://" not in TEXTS[name]
    uids = set(re.findall(r'"uid": "([^"]+)"', TEXTS[name]))
    assert uids == {"${datasource}", "-- Grafana --", UIDS[name]}


@pytest.mark.parametrize(
    ("title", "metric", "limit", "line"),
    [
        ("AUC", "ai_ops_model_auc", "ai_ops_model_min_auc", "limit"),
        ("Drift", "ai_ops_model_drift_score", "ai_ops_model_drift_threshold", "threshold"),
    ],
)
def test_a_figure_of_the_model_stands_beside_its_limit(title: str, metric: str, limit: str, line: str) -> None:
    """AUC beside 0.65, drift beside 3.0, or beside what the team has set, dashed (S004-28)."""
    panel = panel_of_the_model(title)
    asked = {target["expr"].partition("{")[0]: target["legendFormat"] for target in panel["targets"]}
    assert {metric, limit} <= asked.keys()
    assert asked[limit] == line
    (dashed,) = panel["fieldConfig"]["overrides"]
    assert dashed["matcher"] == {"id": "byName", "options": line}


def test_the_age_of_the_model_is_counted_from_its_data() -> None:
    """In hours (S004-28)."""
    (target,) = panel_of_the_model("Age of the model")["targets"]
    assert target["expr"].replace('{instance=~"$instance",service="$service"}', "") == (
        "(time() - ai_ops_model_version) / 3600"
    )

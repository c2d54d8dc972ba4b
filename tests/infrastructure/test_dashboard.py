"""The dashboard of the agent itself: one that Grafana can import, of metrics that the agent really pushes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ai_ops.notify.own_metrics import OWN_METRICS

FILE = Path(__file__).parents[2] / "infrastructure" / "grafana" / "neuropilot.json"
TEXT = FILE.read_text(encoding="utf-8")
DASHBOARD: dict[str, Any] = json.loads(TEXT)
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]]


def test_it_is_of_the_form_that_grafana_writes() -> None:
    """Classic model, version 42: Grafana 12 and 13 take it as it is, older ones after a look."""
    assert DASHBOARD["schemaVersion"] == 42
    assert DASHBOARD["id"] is None, "an id belongs to one Grafana"
    assert DASHBOARD["uid"] == "neuropilot"


def test_every_panel_has_a_number_and_a_place_of_its_own() -> None:
    """Two panels with one number cannot be told apart, two in one place not be seen."""
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + column, place["y"] + line) for column in range(place["w"]) for line in range(place["h"])}
        assert all(0 <= x < 24 for x, _ in cells)
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    """And asks the data source that was chosen at the top."""
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert {target["refId"] for target in panel["targets"]} == set("ABCDEFGH"[: len(panel["targets"])])
    for asked in (panel, *panel["targets"]):
        assert asked["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_it_shows_only_what_is_pushed_and_nearly_all_of_it() -> None:
    """No metric is misspelt; what is left out is what others are counted from."""
    named = {name for expression in EXPRESSIONS for name in re.findall(r"neuropilot_[a-z_]+", expression)}
    pushed = {metric.name for metric in OWN_METRICS}
    assert named <= pushed
    assert pushed - named == {
        "neuropilot_last_success_timestamp_seconds",
        "neuropilot_live_changes",
    }


def test_every_question_is_about_the_chosen_service() -> None:
    """Else two services would share a line."""
    for expression in EXPRESSIONS:
        assert expression.count("{") == expression.count('{instance=~"$instance",service="$service"')


def test_changes_are_marked_by_the_tags_that_the_agent_gives() -> None:
    """Of the chosen service alone."""
    (tagged,) = (one["target"] for one in DASHBOARD["annotations"]["list"] if "target" in one)
    assert (tagged["type"], tagged["tags"], tagged["matchAny"]) == ("tags", ["neuropilot", "$service"], False)


def test_it_leads_nowhere() -> None:
    """No address of anybody's machine, and no uid of anybody's data source."""
    assert "://" not in TEXT
    uids = set(re.findall(r'"uid": "([^"]+)"', TEXT))
    assert uids == {"${datasource}", "-- Grafana --", "neuropilot"}

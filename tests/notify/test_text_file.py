"""Metrics as a text file for the node exporter: complete, replaced whole, readable, and refused where it is no use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from model_vitals import no_model_vitals, some_model_vitals
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from running import start_node_exporter

from ai_ops.domain.errors import NotifyError
from ai_ops.notify.watchers.model_metrics import registry_of_models
from ai_ops.notify.watchers.text_file import write_text_file

if TYPE_CHECKING:
    from pathlib import Path


def test_the_file_holds_what_would_be_pushed(tmp_path: Path) -> None:
    """The same registry, whichever way it leaves."""
    registry = registry_of_models([some_model_vitals()])
    write_text_file(tmp_path / "neuropilot_model.prom", registry)
    assert (tmp_path / "neuropilot_model.prom").read_bytes() == generate_latest(registry)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """No node exporter reads what stands in a folder that was mistyped."""
    with pytest.raises(NotifyError, match="there is no folder"):
        write_text_file(tmp_path / "colector" / "neuropilot_model.prom", registry_of_models([some_model_vitals()]))
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_replaced_whole_and_others_may_read_it(tmp_path: Path) -> None:
    """The exporter runs as another user, and reads while we write; nothing else is left in its folder."""
    file = tmp_path / "neuropilot_model.prom"
    write_text_file(file, registry_of_models([some_model_vitals()]))
    write_text_file(file, registry_of_models([no_model_vitals()]))
    names = {family.name for family in text_string_to_metric_families(file.read_text())}
    assert "ai_ops_model_loaded" in names
    assert "ai_ops_model_auc" not in names
    assert file.stat().st_mode & 0o444 == 0o444
    assert list(tmp_path.iterdir()) == [file]


def test_a_real_node_exporter_offers_the_figures(tmp_path: Path) -> None:
    """Of every service, with no complaint about the file."""
    services = [some_model_vitals(), some_model_vitals(service="api")]
    collected = tmp_path / "collected"
    collected.mkdir()
    write_text_file(collected / "neuropilot_model.prom", registry_of_models(services))
    server = start_node_exporter(tmp_path, collected)
    try:
        offered = requests.get(f"{server.url}/metrics", timeout=10).text
    finally:
        server.close()
    lines = {line for line in offered.splitlines() if line.startswith("ai_ops_model_")}
    assert {'ai_ops_model_auc{service="web"} 0.91', 'ai_ops_model_auc{service="api"} 0.91'} <= lines
    written = {line for line in (collected / "neuropilot_model.prom").read_text().splitlines() if line[0] != "#"}
    assert len(lines) == len(written)
    assert "node_textfile_scrape_error 0" in offered


def test_a_name_that_the_exporter_skips_is_refused(tmp_path: Path) -> None:
    """Figures that nobody reads look like a model that nobody watches."""
    with pytest.raises(NotifyError, match=r"whose name ends with \.prom"):
        write_text_file(tmp_path / "metrics.txt", registry_of_models([some_model_vitals()]))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """By the reason of the operating system."""
    (tmp_path / "neuropilot_model.prom").mkdir()
    with pytest.raises(NotifyError, match="cannot be written"):
        write_text_file(tmp_path / "neuropilot_model.prom", registry_of_models([some_model_vitals()]))

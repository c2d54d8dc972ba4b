"""Which files the state branch keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ai_ops.store.state_files import contents, is_state

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "path",
    [
        "ai_ops/models/web/20261120T0310Z-3f9c1a2b/manifest.json",
        "ai_ops/models/web/20261120T0310Z-3f9c1a2b/MODEL_CARD.md",
        "ai_ops/models/training_log.json",
    ],
)
def test_a_model_is_kept_with_its_card(path: str) -> None:
    """S001-23: what was trained in one run is loaded in the next."""
    assert is_state(path)


@pytest.mark.parametrize(
    "path",
    [
        "ai_ops/models/../state/x/a.json",
        "ai_ops/models/web/.hidden/manifest.json",
        "ai_ops/models/web/v/deeper/manifest.json",
        "ai_ops/models/web/v/model.pkl",
        "ai_ops/models/web/v/.manifest.json.x7",
    ],
)
def test_nothing_else_is_kept(path: str) -> None:
    """H19, H35: no way up, nothing hidden, nothing that runs code when it is read."""
    assert not is_state(path)


def test_the_files_of_a_version_are_found(tmp_path: Path) -> None:
    """S001-23: on the disk as on the branch."""
    folder = tmp_path / "ai_ops/models/web/v1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (folder / "model.pkl").write_text("no")
    assert list(contents(tmp_path)) == ["ai_ops/models/web/v1/manifest.json"]

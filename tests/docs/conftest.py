"""The demo's service, made once for all pages that show it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from demo_morning import DemoMorning, make_demo, make_morning
from repositories import isolate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `neuropilot demo` leaves; to be copied, not written to."""
    return make_demo(tmp_path_factory.mktemp("made") / "demo")


@pytest.fixture
def demo_folder(demo_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo of one's own."""
    isolate(monkeypatch)
    return shutil.copytree(demo_made, tmp_path / "demo", symlinks=True)


@pytest.fixture(scope="session")
def demo_morning(demo_made: Path, tmp_path_factory: pytest.TempPathFactory) -> DemoMorning:
    """The morning after, and its report."""
    return make_morning(demo_made, tmp_path_factory.mktemp("morning") / "demo")

"""Pictures of proposals are there as long as somebody may look at them, and no longer."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ai_ops.domain.errors import StateError
from ai_ops.store.proposal_charts import MOST_BYTES, TOTAL_BYTES, ProposalCharts

if TYPE_CHECKING:
    from pathlib import Path

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
ID = "web-20261101T06Z"
ENDED = datetime(2026, 11, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def charts(tmp_path: Path) -> ProposalCharts:
    """One chart, in a folder of its own."""
    charts = ProposalCharts(tmp_path / "charts")
    charts.write(ID, SVG)
    return charts


def test_a_chart_is_kept_under_the_name_of_its_episode(charts: ProposalCharts, tmp_path: Path) -> None:
    """A pull request links to it by this path; the same episode drawn anew takes its place."""
    charts.write(ID, SVG + b"\n")
    assert (tmp_path / "charts" / f"{ID}.svg").read_bytes() == SVG + b"\n"
    assert charts.has(ID)
    assert not charts.has("web-20261101T12Z")


@pytest.mark.parametrize("name", ["../escape-20261101T06Z", "web", "web-20261101T06Z/..", "", "web-20261301T06Z"])
def test_what_is_no_episode_becomes_no_file(charts: ProposalCharts, name: str) -> None:
    """Otherwise a name could lead out of the folder (H19)."""
    with pytest.raises(ValueError, match=r"episode|time data"):
        charts.write(name, SVG)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=400)])
def test_an_open_proposal_keeps_its_chart(charts: ProposalCharts, age: timedelta) -> None:
    """However long the review takes."""
    assert charts.prune("web", {ID}, {}, ENDED + age) == ()
    assert charts.has(ID)


@pytest.mark.parametrize("closed_at", [{ID: ENDED + timedelta(days=50)}, {}], ids=["closed later", "unknown"])
def test_thirty_days_after_closing_it_goes(charts: ProposalCharts, closed_at: dict[str, datetime]) -> None:
    """One that nobody knows of counts from the end of its period (H33)."""
    limit = closed_at.get(ID, ENDED) + MONTH
    assert charts.prune("web", (), closed_at, limit) == ()
    assert charts.prune("web", (), closed_at, limit + MINUTE) == (ID,)
    assert not charts.has(ID)


def test_what_somebody_put_there_stays(charts: ProposalCharts, tmp_path: Path) -> None:
    """Only what bears an episode's name is the agent's to delete."""
    (tmp_path / "charts" / "architecture.svg").write_bytes(SVG)
    assert charts.prune("web", (), {}, ENDED + 3 * MONTH) == (ID,)
    assert [path.name for path in (tmp_path / "charts").iterdir()] == ["architecture.svg"]


def test_where_there_is_no_room_the_oldest_give_way(charts: ProposalCharts) -> None:
    """A fleet that proposes all day long does not fill the branch (H33)."""
    drawn = b"x" * MOST_BYTES
    names = [f"api-{ENDED + number * timedelta(hours=6):%Y%m%dT%H}Z" for number in range(40)]
    for name in names:
        charts.write(name, drawn)
    kept = [name for name in names if charts.has(name)]
    assert kept == names[-(TOTAL_BYTES // MOST_BYTES) :]
    assert not charts.has(ID)


def test_a_chart_that_is_too_large_is_refused(charts: ProposalCharts) -> None:
    """A pull request has to load in a moment."""
    with pytest.raises(ValueError, match="more than a pull request should load"):
        charts.write(ID, b"x" * (MOST_BYTES + 1))


def test_without_a_folder_there_is_nothing_to_prune(tmp_path: Path) -> None:
    """The usual case in mode observe."""
    assert ProposalCharts(tmp_path / "none").prune("web", (), {}, ENDED) == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_disk_that_refuses_is_told(charts: ProposalCharts, tmp_path: Path) -> None:
    """The sentence says what to do."""
    (tmp_path / "charts").chmod(0o500)
    with pytest.raises(StateError, match="could not be written"):
        charts.write("web-20261101T12Z", SVG)


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    """As above, for every user."""
    (tmp_path / "charts").write_bytes(b"")
    with pytest.raises(StateError, match="could not be written"):
        ProposalCharts(tmp_path / "charts").write(ID, SVG)

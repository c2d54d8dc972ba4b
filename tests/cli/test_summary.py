"""The step summary: whole, drawn, inert, and never longer than the host takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import an_episode
from hostile import hostile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inertness import complaints
from infested import infested_result
from predictions import SAVING, a_prediction

from ai_ops.cli.summary import MOST_BYTES, MOST_DRAWN, append_summary
from ai_ops.domain.cycle import CycleResult, Delivery, DeliveryStatus
from ai_ops.domain.tuning import Decision
from ai_ops.redact import Redactor, redact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HELD = CycleResult(an_episode(), Delivery(DeliveryStatus.NOTHING_TO_DO, "nothing to change"))


def summary(path: Path, results: Sequence[CycleResult], failures: Sequence[tuple[str, str]] = ()) -> str:
    """What stands in the summary after one run."""
    append_summary(path, results, failures, redact)
    return path.read_text()


def of_service(number: int, reason: str = "it costs too much", diff: str = "-a\n+b") -> CycleResult:
    """The result of one of many services."""
    episode = an_episode(service=f"service-{number}", decision=Decision(SAVING.changes, (reason,) * 30))
    return CycleResult(episode, Delivery(DeliveryStatus.COMMITTED, reason, diff))


def test_a_decision_is_a_table_and_a_drawing(tmp_path: Path) -> None:
    """What the replay said of today's and of the proposed settings, drawn by the host (S001-08)."""
    text = summary(tmp_path / "s.md", [infested_result("plain words")])
    for words in (
        "### plain words: raise cpu",
        "| measured | CPU 45 %",
        "| expected | cost 2 (1.6",
        "| pull request |",
    ):
        assert words in text, words
    assert text.count("```mermaid") == 2
    assert 'title "Replayed cost"' in text
    assert 'x-axis ["left alone", "this change", "safer", "cheaper"]' in text


def test_without_a_replay_the_expectation_is_drawn_and_without_one_the_cost(tmp_path: Path) -> None:
    """Whatever is at hand; and nothing where nothing was measured."""
    expecting = an_episode(prediction=a_prediction(), if_unchanged=a_prediction())
    blind = an_episode(reward=replace(HELD.episode.reward, cost=None))
    said = [summary(tmp_path / f"{n}.md", [replace(HELD, episode=one)]) for n, one in enumerate((expecting, blind))]
    assert 'title "Expected SLO minutes"' in said[0]
    assert "mermaid" not in said[1]
    assert "bar [0.54, 0.41]" in summary(tmp_path / "cost.md", [HELD])


@pytest.mark.parametrize(
    ("count", "has_diffs", "has_reasons"), [(10, True, True), (100, False, True), (2_000, False, False)]
)
def test_many_services_with_much_to_say_fit(tmp_path: Path, count: int, *, has_diffs: bool, has_reasons: bool) -> None:
    """A few keep their diffs, a hundred their reasons, thousands a row each; none is missing."""
    results = [of_service(number, "xy " * 300, "+y\n" * 6_000) for number in range(count)]
    text = summary(tmp_path / "s.md", results, [("api", "boom " * 9_000)])
    assert len(text.encode()) <= MOST_BYTES
    assert ("```diff" in text, "xy xy" in text) == (has_diffs, has_reasons)
    assert all(f"service-{number}" in text for number in range(count))
    assert "boom boom" in text
    assert text.index("api") < text.index("service-0")


def test_what_finds_no_room_is_counted(tmp_path: Path) -> None:
    """A hundred thousand services need more than there is."""
    text = summary(tmp_path / "s.md", [HELD] * 100_000)
    assert MOST_BYTES - 100 <= len(text.encode()) <= MOST_BYTES
    rows = text.count("| web | hold | nothing to do |")
    assert rows > 30_000
    assert text.endswith(f"\n\n- and {100_000 - rows} more services\n\n")


def test_what_stands_there_already_counts(tmp_path: Path) -> None:
    """Two runs share one file, and one limit: a long one leaves a row to the next, a full one nothing."""
    path = tmp_path / "s.md"
    path.write_text("x" * (MOST_BYTES - 200))
    assert summary(path, [HELD]).endswith("| web | hold | nothing to do |\n\n")
    path.write_text("x" * MOST_BYTES)
    assert summary(path, [HELD]) == "x" * MOST_BYTES


def test_drawings_are_few(tmp_path: Path) -> None:
    """Each is a page of its own for the browser."""
    assert summary(tmp_path / "s.md", [HELD] * 30).count("```mermaid") == MOST_DRAWN


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """In every field of the episode, of the delivery and of a failure (H01, H20)."""
    for number, (name, text) in enumerate(hostile().items()):
        said = summary(tmp_path / f"{number}.md", [infested_result(text)], [(text[:100], "no")])
        assert (name, complaints(said)) == (name, [])


@given(text=st.text(max_size=120))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_at_all_stays_text(tmp_path: Path, text: str) -> None:
    """Also what nobody has thought of (H01, H20)."""
    path = tmp_path / "s.md"
    path.unlink(missing_ok=True)
    assert complaints(summary(path, [infested_result(text)], [(text, text)])) == []


def test_no_secret_is_told(tmp_path: Path) -> None:
    """Whole, or with something hidden in its middle (H09)."""
    path = tmp_path / "s.md"
    for text in ("correct-horse-battery", "correct-\u200bhorse-battery"):
        append_summary(path, [infested_result(text)], [(text, "no")], Redactor(["correct-horse-battery"]))
    assert "correct-horse-battery" not in path.read_text()

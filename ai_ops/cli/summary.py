"""The decisions as Markdown, for the step summary of a CI run: a table and a drawing for each service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.pull_request_body.charts import options_chart, prediction_chart
from ai_ops.apply.pull_request_body.parts import Pen
from ai_ops.cli.words import decision_in_words, headline_figures, promise_in_words
from ai_ops.markdown import bar_chart, bullets, cut, fenced, table, table_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from ai_ops.domain.cycle import CycleResult, Episode

    Failures = Sequence[tuple[str, str]]

MOST_BYTES = 1_048_576
"""GitHub drops the whole summary of a step that is longer."""

MOST_REASONS, BRIEF_REASONS, MOST_DRAWN = 20, 3, 5
_LONGEST_BLOCK = 20_000
_ENDING = 60  # bytes of the last line, and of the empty ones around it

_SIMULATED = (
    "> Simulated: no service of yours was measured. Set `PROMETHEUS_URL` or `GRAFANA_URL`; "
    "until then no decision is committed, unless the settings ask for the simulation by name."
)


def append_summary(
    path: Path, results: Sequence[CycleResult], failures: Failures, redact: Callable[[str], str]
) -> None:
    """Append one section per service to `path`, every text of it without secrets, as detailed as there is room.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    with path.open("a", encoding="utf-8") as file:
        room, pen = MOST_BYTES - file.tell(), Pen(redact)
        text = _whole(_sections(results, failures, pen, is_brief=False), room)
        text = text or _whole(_sections(results, failures, pen, is_brief=True), room)
        file.write(text or _overview(results, failures, pen, room))


def _whole(parts: Iterable[str], room: int) -> str:
    """All parts, or nothing where they need more bytes than there is room; then no more of them are made."""
    kept: list[str] = []
    for part in parts:
        kept.append(f"{part}\n\n")
        room -= len(kept[-1].encode())
        if room < 0:
            return ""
    return "".join(kept)


def _sections(results: Sequence[CycleResult], failures: Failures, pen: Pen, *, is_brief: bool) -> Iterator[str]:
    for name, error in failures:
        said = cut(pen.redact(error), BRIEF_REASONS * 300 if is_brief else _LONGEST_BLOCK)
        yield f"### {pen.words(name, 80)}: failed\n\n{fenced('text', said)}"
    for number, result in enumerate(results):
        yield from _section(result, pen, is_brief=is_brief)
        if not is_brief and number < MOST_DRAWN:
            yield from _drawing(result.episode)


def _section(result: CycleResult, pen: Pen, *, is_brief: bool) -> Iterator[str]:
    """Decision, figures and reasons of one service; and its diff."""
    episode, delivery = result.episode, result.delivery
    simulated = " (simulated)" if episode.is_simulated else ""
    yield f"### {pen.words(episode.service, 80)}: {pen.words(decision_in_words(episode.decision))}{simulated}"
    if episode.is_simulated:
        yield _SIMULATED
    yield table(("what", "figure"), _rows(result, pen))
    most = BRIEF_REASONS if is_brief else MOST_REASONS
    reasons = [pen.words(reason, 500) for reason in episode.decision.reasons[:most]]
    yield bullets([*reasons, *_more(len(episode.decision.reasons) - most, "reasons")])
    if delivery.diff and not is_brief and len(delivery.diff) <= _LONGEST_BLOCK:
        yield fenced("diff", pen.redact(delivery.diff))


def _rows(result: CycleResult, pen: Pen) -> Iterator[tuple[str, str]]:
    episode, delivery = result.episode, result.delivery
    yield "measured", pen.words(headline_figures(episode.measured))
    yield "promise", pen.words(promise_in_words(episode.reward))
    yield "anomalies", str(len(episode.findings) or "none")
    if episode.prediction is not None:
        yield "expected", pen.words(episode.prediction.headline)
    if episode.if_unchanged is not None:
        yield "otherwise", pen.words(episode.if_unchanged.headline)
    for outcome in episode.outcomes[-BRIEF_REASONS:]:
        yield "expected before", pen.words(outcome.in_words)
    yield "outcome", pen.words(f"{delivery.status}: {delivery.reason}", 500)
    if delivery.url:
        yield "pull request", pen.code(delivery.url)
    yield "episode", pen.code(episode.id)


def _drawing(episode: Episode) -> Iterator[str]:
    """What the replay says of the settings, or what is expected of them, or what was spent."""
    drawn = options_chart(episode.rationale) or prediction_chart(episode.prediction, episode.if_unchanged)
    cost, budget = episode.reward.cost, episode.reward.budget
    if not drawn and cost is not None and budget is not None:
        drawn = bar_chart("Cost of this window", "money", {"spent": cost, "what the budget allows": budget})
    if drawn:
        yield drawn


def _overview(results: Sequence[CycleResult], failures: Failures, pen: Pen, room: int) -> str:
    """A row for each service, the failed ones first, and the number of those that find no room."""
    lines = [table(("service", "decision", "outcome"), ())]
    room -= len(lines[0]) + _ENDING
    for row in _overview_rows(results, failures, pen):
        line = table_row(row)
        room -= len(line.encode()) + 1
        if room < 0:
            break
        lines.append(line)
    if len(lines) == 1:
        return ""
    more = _more(len(results) + len(failures) + 1 - len(lines), "services")
    return "\n".join([*lines, *(f"\n- {one}" for one in more)]) + "\n\n"


def _overview_rows(results: Sequence[CycleResult], failures: Failures, pen: Pen) -> Iterator[tuple[str, str, str]]:
    for name, error in failures:
        yield pen.words(name, 80), "failed", pen.words(error, 80)
    for one in results:
        decision = decision_in_words(one.episode.decision)
        yield pen.words(one.episode.service, 80), pen.words(decision, 120), pen.words(one.delivery.status, 40)


def _more(count: int, what: str) -> list[str]:
    return [f"and {count} more {what}"] if count > 0 else []

"""The decision as Markdown, for the step summary of a CI run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.cli.words import decision_in_words, headline_figures, promise_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ai_ops.domain.cycle import CycleResult

_SIMULATED = (
    "> Simulated: no service of yours was measured. Set `PROMETHEUS_URL` or `GRAFANA_URL`; "
    "until then no decision is committed, unless the settings ask for the simulation by name."
)


def append_summary(path: Path, results: Sequence[CycleResult], failures: Sequence[tuple[str, str]]) -> None:
    """Append one section per service to `path`."""
    lines = [line for result in results for line in _section(result)]
    lines += [f"### {name}: failed\n\n```text\n{error}\n```\n" for name, error in failures]
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _section(result: CycleResult) -> Iterator[str]:
    episode, delivery = result.episode, result.delivery
    simulated = " (simulated)" if episode.is_simulated else ""
    yield f"### {episode.service}: {decision_in_words(episode.decision)}{simulated}"
    yield ""
    if episode.is_simulated:
        yield _SIMULATED
        yield ""
    yield "| what | figure |"
    yield "| --- | --- |"
    yield f"| measured | {_cell(headline_figures(episode.measured))} |"
    yield f"| promise | {_cell(promise_in_words(episode.reward))} |"
    yield f"| anomalies | {len(episode.findings) or 'none'} |"
    yield f"| outcome | {_cell(f'{delivery.status}: {delivery.reason}')} |"
    yield f"| episode | `{episode.id}` |"
    yield ""
    for reason in episode.decision.reasons:
        yield f"- {_cell(reason)}"
    if delivery.diff:
        yield f"\n```diff\n{delivery.diff.rstrip()}\n```"
    yield ""


def _cell(text: str) -> str:
    """Text that cannot become markup: no table bar, no tag, no mention, one line."""
    plain = " ".join(text.split())
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("@", "&#64;"), ("`", "&#96;")):
        plain = plain.replace(sign, entity)
    return plain

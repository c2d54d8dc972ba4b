"""The decision as Markdown, for the step summary of a CI run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.cli.words import decision_in_words, headline_figures, promise_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ai_ops.domain.cycle import CycleResult

_SIMULATED = (
    "> Simulated: no service of yours was measured. Set `PROMETHEUS_URL` or `GRAFANA_URL`; "
    "until then no decision is committed, unless the settings ask for the simulation by name."
)


def append_summary(
    path: Path, results: Sequence[CycleResult], failures: Sequence[tuple[str, str]], redact: Callable[[str], str]
) -> None:
    """Append one section per service to `path`, every text of it without secrets.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    lines = [line for result in results for line in _section(result, redact)]
    lines += [f"### {name}: failed\n\n{_fenced('text', redact(error))}\n" for name, error in failures]
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _section(result: CycleResult, redact: Callable[[str], str]) -> Iterator[str]:
    def cell(text: str) -> str:
        return _inert(redact(text))

    episode, delivery = result.episode, result.delivery
    simulated = " (simulated)" if episode.is_simulated else ""
    yield f"### {episode.service}: {decision_in_words(episode.decision)}{simulated}"
    yield ""
    if episode.is_simulated:
        yield _SIMULATED
        yield ""
    yield "| what | figure |"
    yield "| --- | --- |"
    yield f"| measured | {cell(headline_figures(episode.measured))} |"
    yield f"| promise | {cell(promise_in_words(episode.reward))} |"
    yield f"| anomalies | {len(episode.findings) or 'none'} |"
    if episode.prediction is not None:
        yield f"| expected | {cell(episode.prediction.headline)} |"
    if episode.if_unchanged is not None:
        yield f"| otherwise | {cell(episode.if_unchanged.headline)} |"
    for outcome in episode.outcomes:
        yield f"| expected before | {cell(outcome.in_words)} |"
    yield f"| outcome | {cell(f'{delivery.status}: {delivery.reason}')} |"
    yield f"| episode | `{episode.id}` |"
    yield ""
    for reason in episode.decision.reasons:
        yield f"- {cell(reason)}"
    if delivery.diff:
        yield f"\n{_fenced('diff', redact(delivery.diff))}"
    yield ""


def _inert(text: str) -> str:
    """Text that cannot become markup: no table bar, no tag, no mention, one line."""
    plain = " ".join(text.split())
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("@", "&#64;"), ("`", "&#96;")):
        plain = plain.replace(sign, entity)
    return plain


def _fenced(kind: str, text: str) -> str:
    """Text as it is, between fences that nothing inside of it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text.rstrip()}\n{fence}"

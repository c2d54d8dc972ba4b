"""The text of a first ops_config.yaml: what differs from the defaults, and why, line by line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ai_ops.domain.key_path import in_words
from ai_ops.domain.one_line import one_line
from ai_ops.domain.tuning import MAX_INSTANCES, MIN_INSTANCES, SCALE_IN, SCALE_OUT, Knob, KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ai_ops.domain.adoption import KnobFile, KnobGuess, ServiceGuess

DEFAULT_KNOB_FILE = "infrastructure/terraform/terraform.tfvars"

_HEAD = """\
# What NeuroPilot needs to know of this repository; every key that is left out has its default. The agent's
# docs/ai_ops/CONFIGURATION.md explains each, and `neuropilot doctor` tries them. No secret ever stands here.

# Watch, score and report; nothing is changed. Next steps: `propose` opens pull requests, `commit` pushes.
mode: observe

# Percent of the requests that must be good, and money per month. These two are yours to decide.
sla_target: 99.95
cost_budget: 50.0

services:
"""
_PRICE = (
    "    # What an instance costs per hour. Until you say so the cost is unknown, and nothing is saved.",
    "    # cost: {source: instances, price_per_instance_hour: 0.05}",
)
_WORDS_PER_LINE = 110


def settings_text(service: ServiceGuess, knobs: KnobFile | None, defaults: Mapping[str, Knob]) -> str:
    """Write the settings of one service.

    Parameters
    ----------
    service
        What the metrics told.
    knobs
        Where the knobs stand; None where no file of the repository holds any.
    defaults
        The knobs as they are without a word in the settings, by name.
    """
    parts = (_service_lines(service), _PRICE, _knob_lines(knobs, defaults))
    return _HEAD + "".join(f"{line}\n" if line else "\n" for lines in parts for line in lines)


def _service_lines(service: ServiceGuess) -> Iterator[str]:
    yield f"  - name: {service.name}"
    if not service.is_seen:
        yield "    # Not guessed: no Prometheus was asked, or it told nothing. Say here what finds the service."
        yield f"    preset: {service.preset}"
        yield f"    selector: {_quoted(service.selector)}"
        return
    yield "    # Found in Prometheus: these queries answer with this selector."
    yield f"    preset: {service.preset}"
    yield f"    selector: {_quoted(service.selector.replace('$', '$$'))}"
    if service.variables:
        yield "    # Where the preset looks for what runs the service."
        values = (f"{name}: {_quoted(value)}" for name, value in service.variables.items())
        yield f"    variables: {{{', '.join(values)}}}"
    if service.latency_ms is not None:
        yield "    # A request is good when it succeeds within this: a bucket of its histogram, which 400 ms is not."
        yield f"    slo: {{latency_ms: {service.latency_ms:.12g}}}"
    if service.silent:
        yield "    # Queries without an answer. Give your own, or take the metric out with an empty one:"
        empty = ", ".join(f'{metric}: ""' for metric in service.silent)
        yield f"    # queries: {{{empty}}}"
    if service.others:
        yield from _comment(
            f"Other values of this label, each perhaps a service of its own: {', '.join(service.others)}."
        )


def _knob_lines(knobs: KnobFile | None, defaults: Mapping[str, Knob]) -> Iterator[str]:
    if knobs is None:
        yield "    # No file here holds a number of instances or a threshold, so nothing can be moved. Name yours with"
        yield f"    # tfvars: {{file: {DEFAULT_KNOB_FILE}}} and take this line away."
        yield "    knobs: {}"
        return
    if knobs.file != DEFAULT_KNOB_FILE:
        yield "    # The file that holds the thresholds."
        yield f"    tfvars: {{file: {_quoted(knobs.file)}}}"
    sure = [one for one in knobs.knobs if not one.doubt]
    if _is_default(sure, defaults):
        return
    yield "    # The only values that may move, and how far; `path` is what your file calls them."
    bounds = _bounds(sure, defaults)
    yield "    knobs:" if sure else "    knobs: {}"
    yield from (f"      {_knob(one, bounds[one.knob])}" for one in sure)
    for one in (one for one in knobs.knobs if one.doubt):
        yield from _comment(f"{in_words(one.path)} may be {one.knob}, but {one_line(one.doubt)}", "      ")
        yield f"      # {_knob(one, defaults[one.knob])}"


def _is_default(sure: list[KnobGuess], defaults: Mapping[str, Knob]) -> bool:
    """Whether the file calls everything as the agent does, within the usual bounds."""
    named = {one.knob for one in sure if one.path == (one.knob,)}
    numbers = {name for name, knob in defaults.items() if knob.kind is KnobKind.NUMBER}
    return (
        numbers <= named
        and len(named) == len(sure)
        and all(
            one.value is None or defaults[one.knob].minimum <= one.value <= defaults[one.knob].maximum for one in sure
        )
    )


def _bounds(sure: Iterable[KnobGuess], defaults: Mapping[str, Knob]) -> dict[str, Knob]:
    """The usual bounds, wide enough for what stands in the file, and such that each pair stays in its order."""
    from dataclasses import replace

    bounds = {}
    for one in sure:
        knob = defaults[one.knob]
        if one.value is not None:
            knob = replace(knob, minimum=min(knob.minimum, one.value), maximum=max(knob.maximum, one.value))
        bounds[one.knob] = knob
    if SCALE_IN in bounds and SCALE_OUT in bounds:
        low, high = bounds[SCALE_IN], bounds[SCALE_OUT]
        bounds[SCALE_IN] = replace(low, minimum=min(low.minimum, high.minimum - 1))
        bounds[SCALE_OUT] = replace(high, maximum=max(high.maximum, low.maximum + 1))
    if MIN_INSTANCES in bounds and MAX_INSTANCES in bounds:  # never none: so the most is lifted
        low, high = bounds[MIN_INSTANCES], bounds[MAX_INSTANCES]
        bounds[MAX_INSTANCES] = replace(
            high, minimum=max(high.minimum, low.minimum + 1), maximum=max(high.maximum, low.maximum + 1)
        )
    return bounds


def _knob(guess: KnobGuess, knob: Knob) -> str:
    """One knob as the settings write it."""
    if knob.kind is KnobKind.CHOICE:
        said = [f"words: [{', '.join(knob.words)}]"]
    else:
        said = [f"unit: {knob.unit}", f"min: {knob.minimum:.12g}", f"max: {knob.maximum:.12g}"]
        if knob.kind is KnobKind.SCHEDULE:
            said.append(f"most_entries: {knob.most_entries}")
        else:
            said += [f"max_step: {knob.max_step:.12g}", f"costs_money: {knob.costs_money}"]
    if guess.written_in:
        said.append(f"written_in: {guess.written_in}")
    if guess.path != (guess.knob,):
        said.append(f"path: {_quoted(in_words(guess.path))}")
    return f"{guess.knob}: {{{', '.join(said)}}}"


def _quoted(text: str) -> str:
    """Write `text` so that YAML reads it back as it is; plain where that is safe."""
    if re.fullmatch(r"[A-Za-z_][\w./-]*", text, re.ASCII) and text.lower() not in {
        "true",
        "false",
        "null",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
    }:
        return text
    return f"'{text}'" if "'" not in text and text.isprintable() else json.dumps(text)


def _comment(text: str, indent: str = "    ") -> Iterator[str]:
    """Break a sentence into comment lines."""
    import textwrap

    yield from (f"{indent}# {line}" for line in textwrap.wrap(one_line(text, 600), _WORDS_PER_LINE))

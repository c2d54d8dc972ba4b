"""Which values of a settings file are knobs, told by what teams call them.

A name is read word by word: `asg_max_size` says "max" and "size", and "asg" says nothing. What a name leaves open, or a
value contradicts, is a doubt, and a doubt is for a person to settle.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from ai_ops.domain.adoption import KnobGuess
from ai_ops.domain.file_unit import counts_seconds, from_file
from ai_ops.domain.tuning import KnobKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_ops.domain.key_path import KeyPath
    from ai_ops.domain.tuning import Knob

_COUNTED = {
    *("size", "capacity", "count", "number"),
    *("replica", "replicas", "instance", "instances", "task", "tasks"),
}
_COUNTED |= {"node", "nodes", "pod", "pods", "machines", "servers", "workers"}
_FEWEST, _MOST = {"min", "minimum"}, {"max", "maximum"}
_CPU, _MEMORY, _LATENCY = {"cpu"}, {"memory", "mem"}, {"latency"}
_LIMIT = {*("threshold", "target", "utilization", "utilisation", "percent", "percentage", "pct"), *("scale", "scaling")}
_OUT, _IN = {"high", "upper", "out", "up", "max"}, {"low", "lower", "in", "down", "min"}
_SILENT = {
    *("asg", "ecs", "hpa", "autoscaling", "autoscaler", "auto", "scaling", "scale", "service", "app", "web", "aws")
}
_SILENT |= {"group", "of", "the", "alarm", "average", "avg", "policy", "value", "api", "backend", "fargate", "k8s"}
_MINUTES, _MILLISECONDS = {"minutes", "mins"}, {"ms", "milliseconds", "millis"}
_SECONDS = {"seconds", "secs", "sec"}
_PERIOD = {"cooldown"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_IN_TIME = {"latency_scale_out_ms": ("ms", _MILLISECONDS), "cooldown_minutes": ("minutes", _MINUTES)}
_PERCENT_MAX, _MINUTES_MAX = 100, 60
"""Above them, a percentage is none, and a pause between two scalings counts seconds."""


def guess_knobs(values: Mapping[KeyPath, float | None], own: Mapping[str, Knob], service: str) -> tuple[KnobGuess, ...]:
    """Find the knobs of one service among the values of a file.

    Where several objects of the file hold knobs, the one that bears the service's name counts, else that with most.

    Parameters
    ----------
    values
        Every value by its path: a number, or None for what is none.
    own
        The agent's knobs by their names: a file that uses these leaves no doubt.
    service
        The service's name.
    """
    guesses = [guess for path, value in values.items() if (guess := _guess(path, value, own))]
    parents = Counter(guess.path[:-1] for guess in guesses if not guess.doubt) or Counter(
        guess.path[:-1] for guess in guesses
    )
    if not parents:
        return ()
    home = max(parents, key=lambda parent: (service in parent, parents[parent], -len(parent)))
    return tuple(_without_rivals([guess for guess in guesses if guess.path[:-1] == home]))


def _guess(path: KeyPath, value: float | None, own: Mapping[str, Knob]) -> KnobGuess | None:
    """Say which knob a value may be; None where its name speaks of something else."""
    name = str(path[-1])
    if name in own:
        is_readable = value is not None or own[name].kind is not KnobKind.NUMBER
        return KnobGuess(name, path, value, doubt="" if is_readable else "it is no plain number")
    if value is None:
        return None
    words = set(re.split(r"[_\W]+", _CAMEL.sub("_", name).lower())) - {""}
    for knob, meant, sayings in _readings(words):
        if meant:
            rest = sorted(words - sayings - _SILENT)
            return _weighed(KnobGuess(knob, path, value), words, rest)
    return None


def _readings(words: set[str]) -> Iterable[tuple[str, bool, set[str]]]:
    """Each knob, whether the words may mean it, and which of them it explains; the first one that fits counts."""
    is_count, is_limit = bool(words & _COUNTED), bool(words & (_LIMIT | _OUT | _IN))
    is_load = bool(words & (_CPU | _MEMORY))
    yield "min_instances", bool(words & _FEWEST) and is_count and not is_load, _FEWEST | _COUNTED
    yield "max_instances", bool(words & _MOST) and is_count and not is_load, _MOST | _COUNTED
    is_cpu, is_in = bool(words & _CPU) and is_limit, bool(words & _IN)
    yield "cpu_scale_in_percent", is_cpu and is_in, _CPU | _LIMIT | _IN
    yield "cpu_scale_out_percent", is_cpu, _CPU | _LIMIT | _OUT
    yield "memory_scale_out_percent", bool(words & _MEMORY) and is_limit and not is_in, _MEMORY | _LIMIT | _OUT
    times = _MILLISECONDS | _SECONDS
    yield "latency_scale_out_ms", bool(words & _LATENCY), _LATENCY | _LIMIT | _OUT | times | {"p95"}
    yield "cooldown_minutes", bool(words & _PERIOD), _PERIOD | _MINUTES | _SECONDS


def _weighed(guess: KnobGuess, words: set[str], rest: list[str]) -> KnobGuess:
    """Say in which unit the value is, and why it may be no such knob although its name says so."""
    value = guess.value or 0.0
    if counts_seconds(str(guess.path[-1])) and guess.knob in _IN_TIME:
        unit, known = _IN_TIME[guess.knob]
        guess = replace(guess, value=from_file(Decimal(repr(value)), unit, "seconds"), written_in="seconds")
        words = words | known
    elif guess.knob.endswith("_percent") and 0 < value <= 1:
        guess = replace(guess, value=100 * value, written_in="ratio", doubt=f"is {value:g} a share of 1?")
    if rest:
        return replace(guess, doubt=f"what does `{', '.join(rest)}` in its name say?")
    return guess if guess.doubt else replace(guess, doubt=_doubt(guess.knob, words, guess.value or 0.0))


def _doubt(knob: str, words: set[str], value: float) -> str:
    if knob.endswith("_percent"):
        return "" if 1 < value < _PERCENT_MAX else f"{value:g} is no percentage that anything could be scaled at"
    if knob.endswith("_instances"):
        return "" if value >= 1 and value % 1 == 0 else f"{value:g} is no number of instances above 0"
    if knob == "latency_scale_out_ms":
        return "" if words & _MILLISECONDS and value >= 1 else "is it in milliseconds?"
    return "" if words & _MINUTES and 0 < value <= _MINUTES_MAX else "is it in minutes?"


def _without_rivals(guesses: list[KnobGuess]) -> Iterable[KnobGuess]:
    """Doubt the values that could be the same knob, unless one of them has its very name."""
    for guess in guesses:
        rivals = [one for one in guesses if one.knob == guess.knob and one is not guess and not one.doubt]
        if guess.doubt or not rivals or guess.path[-1] == guess.knob:
            yield guess
        else:
            names = ", ".join(f"`{one.path[-1]}`" for one in rivals)
            yield replace(guess, doubt=f"{names} could be it as well")

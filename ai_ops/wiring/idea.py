"""A person's idea on the command line, `cpu_scale_in_percent=50`, as settings that can be replayed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import ConfigError
from ai_ops.domain.schedule import NO_SCHEDULE, schedule_of
from ai_ops.domain.tuning import (
    BY_TARGET,
    BY_THRESHOLD,
    MAX_INSTANCES,
    MIN_INSTANCES,
    SCALE_IN,
    SCALE_OUT,
    SCALING_MODE,
    SCALING_MODES,
    SCHEDULED_MINIMUM,
    Change,
    value_in_words,
)
from ai_ops.settings.problems import nearest
from ai_ops.tune.changes import changes_between, thresholds_of
from ai_ops.tune.search.limits import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ai_ops.domain.tuning import Knob
    from ai_ops.tune.advice import Question
    from ai_ops.tune.search.limits import Settings

KNOBS = (*BOUNDS, SCALING_MODE, SCHEDULED_MINIMUM)
"""Everything that a replay can move."""

_RANGES = {"percent": (1.0, 100.0), "ms": (1.0, 600_000.0), "instances": (1.0, 100_000.0), "minutes": (0.0, 1440.0)}
"""What can be meant at all, by the knob's unit; what a team allows is narrower, and only labelled."""

_WHOLE = frozenset({"instances", "minutes"})
_AN_EXAMPLE = '[{"from_minute_of_week": 420, "to_minute_of_week": 1140, "min_instances": 6}]'


@dataclass(frozen=True, slots=True)
class Idea:
    """What somebody wants to know about.

    Parameters
    ----------
    settings
        The knobs that were named, as a replay takes them.
    changes
        What differs from today's settings; empty as long as these are not known.
    labels
        Why the agent itself would not propose it, or not at once.
    """

    settings: Mapping[str, Any]
    changes: tuple[Change, ...] = ()
    labels: tuple[str, ...] = ()


def idea_of(assignments: Sequence[str], knobs: Mapping[str, Knob], question: Question | None) -> Idea:
    """Read assignments, each `knob=value`; a name may be as short as it is unmistakable.

    Parameters
    ----------
    knobs
        Those of the service.
    question
        What a decision would rest on; None only checks what can be checked without it.

    Raises
    ------
    ConfigError
        When a knob is unknown, a value cannot be meant, or the settings would contradict each other.
    """
    settings: dict[str, Any] = {}
    for assignment in assignments:
        name, is_given, text = assignment.partition("=")
        if not is_given:
            raise ConfigError(f"{assignment!r} is no idea; write knob=value, such as cpu_scale_in_percent=50")
        knob = _named(name.strip())
        if knob in settings:
            raise ConfigError(f"{knob} is given twice; which value is meant?")
        settings[knob] = _value(knob, text.strip())
    if question is None:
        return Idea(settings)
    whole = {**question.thresholds, **settings}
    _check_together(whole)
    today = thresholds_of({**_defaults(settings), **question.thresholds})
    changes = changes_between(today, thresholds_of(whole))
    if not changes:
        raise ConfigError(f"{', '.join(settings)}: that is what runs today; name another value")
    return Idea(settings, changes, tuple(_labels(changes, knobs, question, whole)))


def _named(name: str) -> str:
    """The knob that is meant."""
    meant = [knob for knob in KNOBS if knob == name] or [knob for knob in KNOBS if name and knob.startswith(name)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise ConfigError(f"{name} may mean {' or '.join(meant)}; write more of it")
    raise ConfigError(f"there is no knob {name!r}{nearest(name, KNOBS)}; there are {', '.join(KNOBS)}")


def _value(knob: str, text: str) -> Any:  # noqa: ANN401  # a word, a number or a list
    if knob == SCALING_MODE:
        if text not in SCALING_MODES:
            raise ConfigError(f"{knob}={text}: must be {' or '.join(SCALING_MODES)}{nearest(text, SCALING_MODES)}")
        return text
    return _schedule(text) if knob == SCHEDULED_MINIMUM else _number(knob, text)


def _number(knob: str, text: str) -> float:
    unit = knob.rpartition("_")[2]
    low, high = _RANGES[unit]
    try:
        value = float(text)
    except ValueError as error:
        raise ConfigError(f"{knob}={text}: {text!r} is no number") from error
    if not isfinite(value) or not low <= value <= high:
        raise ConfigError(f"{knob}={text}: must lie between {low:g} and {high:g} {unit}")
    if unit in _WHOLE and value % 1:
        raise ConfigError(f"{knob}={text}: there are only whole {unit}")
    return value


def _schedule(text: str) -> list[dict[str, int]]:
    if text in ("", "[]", NO_SCHEDULE):
        return []
    try:
        blocks = json.loads(text)
        if not isinstance(blocks, list):
            raise TypeError("it is no list")  # noqa: TRY301  # one refusal for all that is no schedule
        return [asdict(block) for block in schedule_of(blocks)]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{SCHEDULED_MINIMUM}: {error}; write none, or a list such as {_AN_EXAMPLE}") from error


def _defaults(settings: Settings) -> Settings:
    """What holds where the settings file does without a knob."""
    return {name: BY_THRESHOLD if name == SCALING_MODE else [] for name in settings if name not in BOUNDS}


def _check_together(whole: Settings) -> None:
    """Refuse settings that no autoscaler could follow."""
    least, most = whole[MIN_INSTANCES], whole[MAX_INSTANCES]
    if least > most:
        raise ConfigError(f"{MIN_INSTANCES} {least:g} is above {MAX_INSTANCES} {most:g}")
    asked = max((block["min_instances"] for block in whole.get(SCHEDULED_MINIMUM) or ()), default=0)
    if asked > most:
        raise ConfigError(f"{SCHEDULED_MINIMUM} asks for {asked}, above {MAX_INSTANCES} {most:g}")
    if whole.get(SCALING_MODE) != BY_TARGET and whole[SCALE_IN] >= whole[SCALE_OUT]:
        raise ConfigError(
            f"{SCALE_IN} {whole[SCALE_IN]:g} must be below {SCALE_OUT} {whole[SCALE_OUT]:g}, or it would never settle"
        )


def _labels(changes: Sequence[Change], knobs: Mapping[str, Knob], question: Question, whole: Settings) -> Iterator[str]:
    """What of the idea lies beyond what the agent may do."""
    allowed = question.limits.kept(whole, question.thresholds)
    for change in changes:
        name, knob = change.knob, knobs.get(change.knob)
        said = f"{name} {value_in_words(change.after)}"
        if name not in question.thresholds:
            yield f"{said}: the settings file does without it, and nobody has made the platform follow it yet"
        elif knob is None:
            yield f"{said}: is no knob of this service; only a person can set it"
        elif not knob.allows(change.after):
            yield f"{said}: outside of {knob.bounds_in_words()}; the agent would never propose it"
        elif allowed[name] != whole[name]:
            yield f"{said}: further than the agent may go at once"

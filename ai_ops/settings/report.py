"""From what the validation found to sentences a person can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from ai_ops.settings.environment import SECRETS
from ai_ops.settings.problems import Problem, nearest, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import ValidationError

    from ai_ops.settings.problems import Place
    from ai_ops.settings.yaml_file import Document

_MARK = re.compile(r"\[[a-z]+\]")  # pydantic's "[key]", and the tags of what may have one of several forms

Sections = tuple[type[BaseModel], ...]
"""What may stand at one place; more than one where the kind of a knob decides."""

_KINDS = {
    "float_type": "a number",
    "int_type": "a whole number",
    "finite_number": "a finite number",
    "string_type": "a text; put it between quotes",
    "tuple_type": "a list: [first, second]",
    "dict_type": "a section: `key: value` lines below it",
    "model_type": "a section: `key: value` lines below it",
}
"""By pydantic's name of a complaint, what it wants."""


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Every problem a validation of `model` found."""
    found: list[Problem] = []
    for detail in error.errors(include_url=False):
        path = tuple(step for step in detail["loc"] if not _MARK.fullmatch(str(step)))
        if detail["type"] == "refusal":
            found += [Problem((*path, *below), says) for below, says in detail["ctx"]["problems"].items()]
        elif detail["type"] == "extra_forbidden":
            found.append(Problem(path, f"unknown key{_elsewhere(path, model)}"))
        else:
            found.append(Problem(path, _says(detail["type"], detail["msg"], detail.get("ctx", {}), detail["input"])))
    return found


def report(
    in_file: Sequence[Problem], in_values: Sequence[Problem], document: Document, origins: Mapping[str, str]
) -> str:
    """All problems, one line each, in the order of the file; then what to do.

    Parameters
    ----------
    in_file
        Problems of what stands in the file.
    in_values
        Problems of the values that count, some of which the environment gave.
    origins
        By key, the environment variable that gave its value.
    """
    rows = [_row(problem, document.lines, {}) for problem in in_file]
    rows += [_row(problem, document.lines, origins) for problem in in_values]
    count = "1 problem" if len(rows) == 1 else f"{len(rows)} problems"
    body = "\n".join(f"  {text}" for _, text in sorted(rows))
    return f"{count} in the settings ({document.name}):\n{body}\nCorrect this, then run `neuropilot doctor --offline`."


def every_key(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of `model` and of the sections in it, written as `services[].slo.latency_ms`."""
    for name, (sections, container) in _keys((model,)).items():
        yield f"{prefix}{name}"
        below = (key for section in sections for key in every_key(section, f"{prefix}{name}{container}."))
        yield from dict.fromkeys(below)


def _keys(models: Sections) -> dict[str, tuple[Sections, str]]:
    """By key as the file writes it, the sections that may stand below it, and what leads to them: `[]` or `.<name>`."""
    fields = (field for model in models for field in model.model_fields.items())
    return {field.alias or name: _sections(field.annotation) for name, field in fields}


def _sections(annotation: Any) -> tuple[Sections, str]:  # noqa: ANN401  # any type annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,), ""
    container = {"tuple": "[]", "dict": ".<name>"}.get(getattr(get_origin(annotation), "__name__", ""), "")
    parts = [found for part in get_args(annotation) if (found := _sections(part))[0]]
    sections = tuple(section for part, _ in parts for section in part)
    return sections, container + parts[0][1] if parts else ""


def _elsewhere(path: Place, model: type[BaseModel]) -> str:
    """The nearest key at this place, or the same one at another place."""
    here: Sections = (model,)
    for step in path[:-1]:
        here = (_keys(here)[str(step)][0] or here) if step in _keys(here) else here
    key = str(path[-1])
    if key in _keys(here):
        return " for a knob of this kind"
    homes = [known for known in every_key(model) if known.rpartition(".")[2] == key]
    return nearest(key, _keys(here)) or (f" (did you mean '{homes[0]}'?)" if homes else "")


def _says(kind: str, message: str, context: Mapping[str, Any], given: object) -> str:
    """Pydantic's complaint in our words; only numbers are quoted back, since a text may be a secret."""
    if kind == "missing":
        return "is missing"
    if given is None or kind == "string_too_short":
        return "is empty; give it a value, or take the line away"
    if kind == "literal_error":
        expected = str(context["expected"])
        hint = nearest(given, re.findall(r"'([^']*)'", expected)) if isinstance(given, str) else ""
        return f"must be {expected}{hint}"
    if kind == "timezone_aware":
        return 'needs a time zone, like "2026-12-24T00:00Z"'
    wanted = f"must be {_KINDS[kind]}" if kind in _KINDS else message.replace("Input should", "must")
    if isinstance(given, str):
        return f"{wanted}, without quotes" if kind in {"float_type", "int_type"} else wanted
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return f"{wanted}, is {given:g}" if is_number and kind != "string_type" else wanted


def _row(problem: Problem, lines: Mapping[Place, int], origins: Mapping[str, str]) -> tuple[int, str]:
    """Line of the value, or of the nearest section above it, and the sentence; line 0 when it stands in no file."""
    if origin := origins.get(str(problem.path[0])):
        return 0, f"{origin}: {problem.says}"
    ends = range(len(problem.path), 0, -1)
    line = next((lines[problem.path[:end]] for end in ends if problem.path[:end] in lines), 0)
    # The mark keeps a redactor, which every message passes, from taking the first word behind the colon for the secret.
    mark = " (secret)" if problem.path[0] in SECRETS else ""
    sentence = f"{written(problem.path)}{mark}: {problem.says}"
    return line, f"line {line}: {sentence}" if line else sentence

"""All values of a file of settings, for whoever does not know yet which of them are knobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ai_ops.apply import json_values, tfvars, yaml_values
from ai_ops.domain.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ai_ops.domain.key_path import KeyPath

_DEEPEST = 5
"""Objects inside of objects: no knob of anybody's lies deeper."""


def values_in(text: str, name: str) -> Mapping[KeyPath, float | None]:
    """Every value of Terraform's settings by its path: its number, or None where it is none.

    Parameters
    ----------
    text
        The whole file.
    name
        The file's name: `.json` is read as JSON, anything else as HCL.

    Raises
    ------
    EditError
        When the file cannot be read.
    """
    if name.endswith(".json"):
        return {path: _number(json_values, text, path, name) for path in _paths(_json(text, name))}
    return {path: _number(tfvars, text, path, name) for path in tfvars.paths_in(text, name)}


def numbers_at(text: str, paths: Iterable[KeyPath], name: str) -> Mapping[KeyPath, float]:
    """Find the numbers of a YAML file that stand at some of the `paths`; those without one are left out."""
    found = {path: _number(yaml_values, text, path, name) for path in paths}
    return {path: value for path, value in found.items() if value is not None}


def _number(language: Any, text: str, path: KeyPath, name: str) -> float | None:  # noqa: ANN401  # one of three modules
    try:
        return float(language.read_value(text, path, name).value)
    except EditError:
        return None


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (RecursionError, ValueError) as error:
        raise EditError(f"{name}: no readable JSON ({error}); mend the file") from error


def _paths(value: object, above: KeyPath = ()) -> Iterator[KeyPath]:
    """Where something stands, objects before what is in them; lists are not entered."""
    if not isinstance(value, dict) or len(above) > _DEEPEST:
        return
    for key, inner in value.items():
        yield (*above, key)
        yield from _paths(inner, (*above, key))

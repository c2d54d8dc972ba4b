"""Reading JSON that may be anything: what is not exactly as it was written is refused, with the reason."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np


def checked_keys(what: str, form: object, names: set[str], schema: int) -> Mapping[str, Any]:
    """Return `form` when it is an object of this schema with exactly these keys.

    Raises
    ------
    ValueError
        Otherwise; the message names `what`.
    """
    if not isinstance(form, Mapping):
        raise ValueError(f"the {what} is no JSON object")  # noqa: TRY004  # wrong content, not a wrong call
    if form.get("schema") != schema or isinstance(form.get("schema"), bool):
        raise ValueError(f"the {what} has schema {form.get('schema')!r}, this program reads {schema}")
    return same_keys(what, form, names)


def same_keys(what: str, form: object, names: set[str]) -> Mapping[str, Any]:
    """Return `form` when it is an object with exactly these keys; ValueError otherwise."""
    if not isinstance(form, Mapping):
        raise ValueError(f"the {what} is no JSON object")  # noqa: TRY004  # see above
    if set(form) != names:
        missing, odd = sorted(names - set(form)), sorted(map(str, set(form) - names))
        raise ValueError(f"the {what} has the wrong keys: missing {missing}, unknown {odd}")
    return form


def array_of(
    what: str, form: Mapping[str, Any], name: str, shape: tuple[int | None, ...], *, may_be_unknown: bool = False
) -> np.ndarray:
    """Numbers of `form[name]` in the wanted shape.

    Parameters
    ----------
    shape
        Lengths; None where any will do.
    may_be_unknown
        Whether None may stand in the place of a number; it becomes NaN.

    Raises
    ------
    ValueError
        When they are no numbers, not finite, or of another shape.
    """
    numbers = _numbers(f"the {what}'s {name}", form[name], len(shape), may_be_unknown=may_be_unknown)
    if numbers.ndim != len(shape) or not all(
        want in (None, have) for want, have in zip(shape, numbers.shape, strict=True)
    ):
        raise ValueError(f"the {what}'s {name} has the shape {numbers.shape}, not {shape}")
    return numbers


def number_of(what: str, form: Mapping[str, Any], name: str) -> float:
    """One finite number; ValueError otherwise."""
    return float(array_of(what, form, name, ()))


def _numbers(where: str, nested: object, depth: int, *, may_be_unknown: bool) -> np.ndarray:
    """Lists nested at most `depth` times as an array. Only numbers count: JSON's true is none, and "1" is none."""
    if isinstance(nested, list):
        if not depth:
            raise ValueError(f"{where} is nested too deeply")
        inner = [_numbers(where, one, depth - 1, may_be_unknown=may_be_unknown) for one in nested]
        if len({one.shape for one in inner}) > 1:
            raise ValueError(f"{where} is ragged")
        return np.stack(inner) if inner else np.zeros(0)
    if nested is None and may_be_unknown:
        return np.array(np.nan)
    if isinstance(nested, bool) or not isinstance(nested, int | float):
        raise ValueError(f"{where} holds something that is no number")  # noqa: TRY004  # see above
    if not abs(nested) <= sys.float_info.max:  # an integer may be greater than any float
        raise ValueError(f"{where} has a number that is not finite")
    return np.array(float(nested))

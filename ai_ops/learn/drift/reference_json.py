"""The reference as `statistics.json`: readable, and read only as it was written."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ai_ops.learn.drift.profile import SLOTS
from ai_ops.learn.drift.reference import LEVELS, FeatureReference, Reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEMA = 1

WHOLE = {"schema", "rows", "threshold", "alarm_share", "features"}
NUMBERS = ("mean", "std", "autocorrelation_rows")
LISTS = ("profile", "quantiles", "edges", "shares")
PART = {"name", "rows", *NUMBERS, *LISTS}


def reference_to_json(reference: Reference) -> dict[str, Any]:
    """Readable form: numbers, strings, lists."""
    return {
        "schema": SCHEMA,
        "rows": reference.rows,
        "threshold": reference.threshold,
        "alarm_share": reference.alarm_share,
        "features": [_part_to_json(one) for one in reference.features],
    }


def reference_from_json(form: object) -> Reference:
    """Read what `reference_to_json` wrote.

    Raises
    ------
    ValueError
        When it is anything else; nothing is guessed or filled in.
    """
    whole = _keyed(form, WHOLE, "the statistics")
    if type(whole["schema"]) is not int or whole["schema"] != SCHEMA:
        raise ValueError(f"the statistics have schema {whole['schema']!r}, this program reads {SCHEMA}")
    features = tuple(_part_from_json(part) for part in _list(whole["features"], "the features of the statistics"))
    if len({one.name for one in features}) != len(features):
        raise ValueError("a feature of the statistics comes twice")
    share = _number(whole["alarm_share"], "alarm_share")
    _require(0.0 <= share <= 1.0, f"alarm_share is {share}, not a share")
    return Reference(_count(whole["rows"], least=0), _number(whole["threshold"], "threshold"), share, features)


def _part_to_json(one: FeatureReference) -> dict[str, Any]:
    return {
        "name": one.name,
        "rows": one.rows,
        **{name: getattr(one, name) for name in NUMBERS},
        **{name: list(getattr(one, name)) for name in LISTS},
    }


def _part_from_json(form: object) -> FeatureReference:
    part = _keyed(form, PART, "a feature of the statistics")
    name = part["name"]
    if not isinstance(name, str) or not name:
        raise ValueError(f"a feature of the statistics is named {name!r}")
    mean, std, autocorrelation = (_number(part[key], f"{key} of {name}") for key in NUMBERS)
    profile, quantiles, edges, shares = (_numbers(part[key], f"{key} of {name}") for key in LISTS)
    _require(std >= 0.0, f"std of {name} is negative")
    _require(autocorrelation >= 1.0, f"autocorrelation_rows of {name} is below 1")
    _require(len(profile) == SLOTS, f"profile of {name} has {len(profile)} values, not {SLOTS}")
    _require(len(quantiles) == LEVELS.size, f"quantiles of {name} are {len(quantiles)}, not {LEVELS.size}")
    _require(_is_rising(quantiles), f"quantiles of {name} fall")
    _require(_is_rising(edges) and len(set(edges)) == len(edges) > 0, f"edges of {name} do not rise")
    _require(len(shares) == len(edges) + 1, f"shares of {name} do not fit its edges")
    _require(all(0.0 <= share <= 1.0 for share in shares), f"shares of {name} are no shares")
    rows = _count(part["rows"], least=1)
    return FeatureReference(name, rows, mean, std, autocorrelation, profile, quantiles, edges, shares)


def _keyed(form: object, keys: set[str], what: str) -> Mapping[str, Any]:
    if not isinstance(form, dict) or set(form) != keys:
        raise ValueError(f"{what} must have exactly the keys {', '.join(sorted(keys))}")
    return form


def _count(value: object, *, least: int) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"rows must be a whole number of at least {least}, not {value!r}")
    return value


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{what} is {value!r}, not a finite number")
    return float(value)


def _numbers(values: object, what: str) -> tuple[float, ...]:
    return tuple(_number(value, what) for value in _list(values, what))


def _list(values: object, what: str) -> list[object]:
    if not isinstance(values, list):
        raise ValueError(f"{what} is no list")  # noqa: TRY004  # a file with another content, not a wrong call
    return values


def _is_rising(values: Sequence[float]) -> bool:
    return all(before <= after for before, after in pairwise(values))


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # reads as a sentence
    if not holds:
        raise ValueError(otherwise)

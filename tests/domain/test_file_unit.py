"""A file may count in another unit than the knob."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.file_unit import FILE_UNITS, counts_seconds, from_file, takes_whole_numbers, to_file


@pytest.mark.parametrize(
    ("number", "unit", "written_in", "value"),
    [
        ("300", "minutes", "seconds", 5.0),
        ("90", "minutes", "seconds", 1.5),
        ("0.35", "ms", "seconds", 350.0),
        ("0.725", "percent", "ratio", 72.5),
        ("72.5", "percent", "", 72.5),
    ],
)
def test_numbers_are_converted_both_ways(number: str, unit: str, written_in: str, value: float) -> None:
    """Exactly, so that nothing seems to have changed meanwhile."""
    assert from_file(Decimal(number), unit, written_in) == value
    assert to_file(value, unit, written_in) == Decimal(number)


@given(st.integers(0, 10**7), st.integers(0, 6), st.sampled_from([*FILE_UNITS, ("ms", "")]))
def test_every_number_of_a_file_comes_back(digits: int, places: int, units: tuple[str, str]) -> None:
    """Also a third of a minute, which no binary fraction is: a rollback writes what stood there."""
    number = Decimal(digits).scaleb(-places)

    assert to_file(from_file(number, *units), *units) == number


@pytest.mark.parametrize(
    ("key", "is_seconds"),
    [
        ("stabilizationWindowSeconds", True),
        ("periodSeconds", True),
        ("cooldown_seconds", True),
        ("cooldown_sec", True),
        ("cooldownPeriod", True),
        ("pollingInterval", True),
        ("second", True),
        ("cooldown_minutes", False),
        ("secondary", False),
        ("parsec", False),
        ("value", False),
    ],
)
def test_names_of_seconds_are_known(*, key: str, is_seconds: bool) -> None:
    """So that minutes are never written there in silence."""
    assert counts_seconds(key) is is_seconds


def test_fields_of_whole_numbers_are_known() -> None:
    """A fraction there stops the whole manifest."""
    assert all(map(takes_whole_numbers, ["minReplicas", "maxReplicaCount", "averageUtilization", "periodSeconds"]))
    assert not any(map(takes_whole_numbers, ["threshold", "value", "cpu_scale_out_percent"]))

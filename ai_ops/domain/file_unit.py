"""Numbers that a file writes in another unit than the knob has: 5 minutes as 300 seconds, 70 percent as 0.7."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_UNITS: Mapping[tuple[str, str], Fraction] = {
    ("minutes", "seconds"): Fraction(60),
    ("ms", "seconds"): Fraction(1, 1000),
    ("percent", "ratio"): Fraction(1, 100),
}
"""By unit of the knob and unit in the file: the number that 1 becomes."""

_FINEST = Decimal("1e-9")  # finer than any setting; rounds away what binary makes of a third of a minute
_SECONDS = re.compile(r"seconds?$|_secs?$", re.IGNORECASE)
_SECONDS_BY_DEFINITION = frozenset({"cooldownPeriod", "initialCooldownPeriod", "pollingInterval"})
_WHOLE = frozenset(
    {
        *("minReplicas", "maxReplicas", "averageUtilization", "targetCPUUtilizationPercentage", "replicas"),
        *("minReplicaCount", "maxReplicaCount", "idleReplicaCount"),
    }
)
"""Fields of the type int32 in https://kubernetes.io/docs/reference/kubernetes-api/ and
https://keda.sh/docs/latest/reference/scaledobject-spec/, which also says what counts seconds."""


def from_file(number: Decimal, unit: str, written_in: str) -> float:
    """What a number of the file is in the knob's unit; `written_in` is empty where the two are the same.

    >>> from_file(Decimal("300"), "minutes", "seconds")
    5.0
    """
    if not written_in:
        return float(number)
    return float(Fraction(number) / FILE_UNITS[unit, written_in])


def to_file(value: float, unit: str, written_in: str) -> Decimal:
    """What a value of the knob is in the file's unit.

    >>> to_file(72.5, "percent", "ratio")
    Decimal('0.725')
    """
    number = Decimal(repr(float(value)))
    if not written_in:
        return number
    factor = FILE_UNITS[unit, written_in]
    return (number * factor.numerator / factor.denominator).quantize(_FINEST).normalize()


def counts_seconds(key: str) -> bool:
    """Whether a key's name says that its number counts seconds.

    >>> counts_seconds("stabilizationWindowSeconds"), counts_seconds("cooldown_minutes")
    (True, False)
    """
    return key in _SECONDS_BY_DEFINITION or bool(_SECONDS.search(key))


def takes_whole_numbers(key: str) -> bool:
    """Whether Kubernetes refuses a fraction under this key, as it does for every count, percentage and second.

    >>> takes_whole_numbers("averageUtilization"), takes_whole_numbers("threshold")
    (True, False)
    """
    return key in _WHOLE or counts_seconds(key)

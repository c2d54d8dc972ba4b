"""How much may be asked or sent in an hour, counted over all runs and processes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import BudgetSpent
from ai_ops.store import state_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

VERSION = 1
HOUR = timedelta(hours=1)

_UNTRUSTED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What reading strange content may raise."""


class HourlyBudget:
    """At most `limit` in any 60 minutes, whoever spends.

    Parameters
    ----------
    path
        State file; several budgets share one.
    name
        The setting that holds the limit: `rate_limits.<name>_per_hour`.
    limit
        At least 0.
    clock
        Now, aware. When it is turned back, what was spent counts as spent now: the limit still holds.
    """

    def __init__(self, path: Path, name: str, limit: int, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._name = name
        self._limit = limit
        self._clock = clock

    def spend(self) -> None:
        """Take one; it stays taken even when what it was for fails.

        Raises
        ------
        BudgetSpent
            When the hour's share is used up; nothing is taken.
        StateError
            When the state file cannot be trusted or written; nothing may be asked or sent then.
        """
        with state_file.locked(self._path):
            now = self._clock().astimezone(UTC)
            spent = self._read()
            recent = [min(time, now) for time in spent.get(self._name, []) if now - time < HOUR]
            has_room = len(recent) < self._limit
            spent[self._name] = [*recent, now] if has_room else recent
            # Saved on a refusal too: a time ahead of a corrected clock ends an hour from now, not from every look.
            state_file.save(self._path, VERSION, _form(spent))
        if not has_room:
            raise BudgetSpent(self._refusal(recent))

    def left(self) -> int:
        """How many may still be spent now; another process may spend them first.

        Raises
        ------
        StateError
            When the state file cannot be trusted.
        """
        now = self._clock().astimezone(UTC)
        recent = [time for time in self._read().get(self._name, []) if now - time < HOUR]
        return max(0, self._limit - len(recent))

    def _refusal(self, recent: list[datetime]) -> str:
        setting = f"rate_limits.{self._name}_per_hour"
        if self._limit <= 0:
            return f"{setting} is {self._limit}, so none is allowed: raise it to allow some"
        free_at = sorted(recent)[-self._limit] + HOUR
        return (
            f"all {self._limit} of this hour are spent; the next is free at {free_at:%Y-%m-%d %H:%M:%S} UTC. "
            f"Wait, or raise {setting}"
        )

    def _read(self) -> dict[str, list[datetime]]:
        content = state_file.load(self._path, VERSION) or {"spent": {}}
        try:
            return _spent(content)
        except _UNTRUSTED as err:
            raise state_file.corrupt(self._path, "it does not list times") from err


def merged(here: bytes | None, there: bytes | None) -> bytes | None:
    """Bring two copies of the file together: what was spent in either is spent.

    A copy that cannot be trusted is not repaired: `there` stays as it is, and `here` counts for nothing.
    """
    if here is None or here == there:
        return there
    try:
        ours = _spent(json.loads(here))
    except _UNTRUSTED:
        return there
    if there is None:
        return here
    try:
        theirs = _spent(json.loads(there))
    except _UNTRUSTED:
        return there
    # Of two copies that share a past each time counts as often as in the one that has it more often.
    both = {name: Counter(ours.get(name, ())) | Counter(theirs.get(name, ())) for name in {*ours, *theirs}}
    if all(times == Counter(theirs.get(name, ())) for name, times in both.items()):
        return there
    return state_file.to_bytes(VERSION, _form({name: sorted(times.elements()) for name, times in both.items()}))


def _spent(content: Any) -> dict[str, list[datetime]]:  # noqa: ANN401  # whatever stands in the file
    return {str(name): [_time(text) for text in texts] for name, texts in content["spent"].items()}


def _form(spent: Mapping[str, list[datetime]]) -> dict[str, Any]:
    return {"spent": {name: _texts(times) for name, times in spent.items()}}


def _time(text: Any) -> datetime:  # noqa: ANN401  # whatever stands in the file
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    return time


def _texts(times: list[datetime]) -> list[str]:
    return [time.astimezone(UTC).isoformat().replace("+00:00", "Z") for time in times]

"""How much may be asked or sent in an hour, counted over all runs and processes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import BudgetSpent
from ai_ops.store import state_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

VERSION = 1
HOUR = timedelta(hours=1)

_UNTRUSTED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What reading strange content may raise."""


@dataclass(frozen=True, slots=True)
class Share:
    """One limit on how much may be spent in an hour.

    Parameters
    ----------
    name
        The setting that holds the limit: `rate_limits.<name>_per_hour`.
    limit
        At least 0.
    whose
        Of whom, where each of several has as much; "" where all share it.
    """

    name: str
    limit: int
    whose: str = ""

    @property
    def place(self) -> str:
        """Under which name it is counted."""
        return f"{self.name}/{self.whose}" if self.whose else self.name


class HourlyBudget:
    """At most `limit` in any 60 minutes, whoever spends.

    Parameters
    ----------
    path
        State file; several budgets share one.
    name, limit
        As those of a `Share`.
    clock
        Now, aware. When it is turned back, what was spent counts as spent now: the limit still holds.
    """

    def __init__(self, path: Path, name: str, limit: int, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._share = Share(name, limit)
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
        spend(self._path, [self._share], self._clock)

    def left(self) -> int:
        """How many may still be spent now; another process may spend them first.

        Raises
        ------
        StateError
            When the state file cannot be trusted.
        """
        return left(self._path, self._share, self._clock)


def spend(path: Path, shares: Sequence[Share], clock: Callable[[], datetime]) -> None:
    """Take one of each share, or of none. Raises as `HourlyBudget.spend` does."""
    with state_file.locked(path):
        now, before = clock().astimezone(UTC), _read(path)
        spent = _recent(before, {share.place for share in shares}, now)
        refused = next((share for share in shares if len(spent.get(share.place, ())) >= share.limit), None)
        if refused is None:
            spent |= {share.place: [*spent.get(share.place, ()), now] for share in shares}
        # On a refusal too: a time ahead of a corrected clock ends an hour from now, not from every look.
        if spent != before:
            state_file.save(path, VERSION, _form(spent))
    if refused is not None:
        raise BudgetSpent(_refusal(refused, spent.get(refused.place, [])))


def left(path: Path, share: Share, clock: Callable[[], datetime]) -> int:
    """How much of a share may still be spent now. Raises as `HourlyBudget.left` does."""
    now = clock().astimezone(UTC)
    recent = [time for time in _read(path).get(share.place, []) if now - time < HOUR]
    return max(0, share.limit - len(recent))


def _recent(spent: Mapping[str, list[datetime]], wanted: set[str], now: datetime) -> dict[str, list[datetime]]:
    """What counts still; of what is wanted nothing is later than now, and what nobody spent from has no entry."""
    kept = {name: [time for time in times if now - time < HOUR] for name, times in spent.items()}
    return {
        name: [min(time, now) for time in times] if name in wanted else times for name, times in kept.items() if times
    }


def _refusal(share: Share, recent: list[datetime]) -> str:
    setting = f"rate_limits.{share.name}_per_hour"
    if share.limit <= 0:
        return f"{setting} is {share.limit}, so none is allowed: raise it to allow some"
    free_at = sorted(recent)[-share.limit] + HOUR
    whose = f" for {share.whose}" if share.whose else ""
    return (
        f"all {share.limit} of this hour{whose} are spent; the next is free at {free_at:%Y-%m-%d %H:%M:%S} UTC. "
        f"Wait, or raise {setting}"
    )


def _read(path: Path) -> dict[str, list[datetime]]:
    content = state_file.load(path, VERSION) or {"spent": {}}
    try:
        return _spent(content)
    except _UNTRUSTED as err:
        raise state_file.corrupt(path, "it does not list times") from err


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

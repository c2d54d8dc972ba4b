"""How the agent fails: many random starts in which every dependency breaks at random, at random moments.

Each start is a world of its own, made from its number alone: a real git remote, a metric source, a Slack that holds to
its limits. A few periods go wrong (metrics, git, Slack, disk, death, another run), then one goes right. After each, the
ledger must be whole, every change recorded before it was made, nothing done or said twice, every value inside of its
bounds; and the healthy run must succeed. `tests/chaos.py` has the faults and the promises.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Start:
    """What one start came to."""

    seed: int
    store: str
    endings: Counter[str]
    struck: Counter[str]
    seconds: float
    broken_promise: str = ""


@dataclass(slots=True)
class Tally:
    """All starts together."""

    starts: int = 0
    seconds: float = 0.0
    endings: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    broken: dict[int, str] = field(default_factory=dict)

    def add(self, start: Start) -> None:
        """Count one start."""
        self.starts += 1
        self.seconds += start.seconds
        self.endings += start.endings
        self.struck += start.struck
        if start.broken_promise:
            self.broken[start.seed] = start.broken_promise


def main() -> None:
    """Run the starts, print the table, write the JSON; exit code 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="accepted by every benchmark; this one makes its own data")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--starts", metavar="N", type=int, default=500, help="how many (default 500)")
    parser.add_argument("--first", metavar="SEED", type=int, default=0, help="number of the first one (default 0)")
    wish = parser.parse_args()
    tally = Tally()
    for start in run_all(range(wish.first, wish.first + wish.starts)):
        tally.add(start)
    print(table(tally))
    if wish.json:
        wish.json.write_text(json.dumps(figures(tally), indent=2) + "\n", encoding="utf-8")
    sys.exit(1 if tally.broken else 0)


def run_all(seeds: Iterable[int]) -> Iterable[Start]:
    """Run every start, as many at once as there are processors."""
    with ProcessPoolExecutor(initializer=_prepare) as pool:
        yield from pool.map(run_one, seeds)


def run_one(seed: int) -> Start:
    """Let one world live; what it broke is text, so that the others go on."""
    from chaos import World

    began, broken = time.monotonic(), ""
    with tempfile.TemporaryDirectory(prefix="neuropilot-chaos-") as folder, World(Path(folder), seed) as world:
        try:
            world.live()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what we look for
            place = traceback.extract_tb(error.__traceback__)[-1]
            broken = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {error}"[:300]
        return Start(seed, world.store, world.endings, world.struck, time.monotonic() - began, broken)


def _prepare() -> None:
    """Keep this machine's git configuration out of it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")


def by_fault(tally: Tally) -> Counter[str]:
    """How often each fault struck, at whatever moment."""
    count: Counter[str] = Counter()
    for name, times in tally.struck.items():
        count[name.partition(", ")[0]] += times
    return count


def figures(tally: Tally) -> dict[str, Any]:
    """Everything the table shows, and each fault at each moment."""
    return {
        "starts": tally.starts,
        "seconds_per_start": tally.seconds / max(1, tally.starts),
        "endings": dict(tally.endings),
        "faults": dict(by_fault(tally)),
        "struck": dict(tally.struck),
        "broken_promises": {str(seed): words for seed, words in tally.broken.items()},
    }


def table(tally: Tally) -> str:
    """The figures for a person."""
    runs, faults = sum(tally.endings.values()), by_fault(tally)
    each = tally.seconds / max(1, tally.starts)
    rows = [
        f"{tally.starts} starts of {each:.1f} s, {runs} runs in bad weather, {faults.total()} faults",
        "",
        *_rows("how a run ended", {_ending(name): count for name, count in tally.endings.items()}),
        *_rows("fault", faults),
        *_rows("promises", {"broken": len(tally.broken)}),
        *(f"  start {seed}: {words}" for seed, words in sorted(tally.broken.items())),
    ]
    return "\n".join(rows)


def _rows(title: str, counts: Mapping[str, int]) -> Iterable[str]:
    yield f"  {title:<46} times"
    yield from (f"  {name:<45} {count:>6}" for name, count in sorted(counts.items()))
    yield ""


def _ending(name: str) -> str:
    words = {"0": "done, held or degraded", "2": "no data, or a damaged memory", "4": "not delivered"}
    return f"exit code {name}: {words[name]}" if name in words else name


if __name__ == "__main__":
    main()

"""What must hold after any run, however it ended."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from repositories import TFVARS, git

from ai_ops.store.ledger import Ledger

if TYPE_CHECKING:
    from agents import Agent
    from fakes.slack import FakeSlack
    from repositories import Site

    from ai_ops.domain.cycle import Episode

_HALF_WRITTEN = re.compile(r"\..+\.[a-z0-9_]{8}")  # the names that `files.replace_atomically` writes under
_KEY = re.compile(r"NeuroPilot (\S+)")


class Traces(NamedTuple):
    """What a run can leave behind."""

    commit: str
    lines: int
    cards: int


def traces(agent: Agent, site: Site, slack: FakeSlack) -> Traces:
    """Take down what is there now."""
    return Traces(site.tip(), len(agent.ledger), len(slack.cards))


def episodes(agent: Agent) -> tuple[Episode, ...]:
    """Read the ledger; fails unless it is whole."""
    return Ledger(agent.state, warn=lambda _: None).episodes()


def commits(site: Site) -> Counter[str]:
    """How many commits of the remote carry each episode."""
    shown = git(site.remote, "log", "--format=%(trailers:key=Episode,valueonly,separator=)", site.branch)
    return Counter(line for line in shown.splitlines() if line)


def told(slack: FakeSlack) -> Counter[str]:
    """How many cards speak of each episode."""
    contexts = (block["elements"][0]["text"] for card in slack.cards for block in card["blocks"][-1:])
    return Counter(match[1] for context in contexts if (match := _KEY.search(context)))


def check(agent: Agent, site: Site, slack: FakeSlack | None = None, *, may_litter: bool = False) -> None:
    """Hold the promises: a ledger that is whole, no half-written file, nothing done or said twice.

    `may_litter` allows what a run leaves that was killed while it wrote: a file under a name that nobody reads.
    """
    assert Ledger(agent.state, warn=lambda _: None).verify() == ()
    names = Counter(episode.id for episode in episodes(agent))
    assert set(names.values()) <= {1}, names
    half_written = [path for path in agent.clone.rglob(".*") if _HALF_WRITTEN.fullmatch(path.name)]
    assert may_litter or half_written == []
    for file in (agent.clone / "ai_ops").rglob("*.json"):
        json.loads(file.read_text())
    assert set(commits(site).values()) <= {1}, commits(site)
    assert set(told(slack).values() if slack else ()) <= {1}, told(slack) if slack else ""
    assert re.search(rb"cpu_scale_in_percent\s*= \d+\b", site.content(TFVARS))

"""A world in which each dependency fails at random at each step, and the promises that hold all the same."""

from __future__ import annotations

import random
import re
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Self

from aftermath import check, commits, episodes, told
from agents import Agent, make_agent_site
from fakes.canned import LEVELS, canned
from fakes.flaky import FlakyServer
from fakes.slack import FakeSlack
from faults import KNOB, STATE_BRANCH, Death, faults_between, faults_within
from repositories import TFVARS, git

from ai_ops.domain.errors import OpsError
from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.ops_brain import run_until_it_lands
from ai_ops.wiring import open_session, wire
from ai_ops.wiring.session import finish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ai_ops.domain.cycle import Cycle

BEGIN = datetime(2026, 11, 2, 0, 3, tzinfo=UTC)
PERIOD = timedelta(hours=6)
PERIODS, RARELY, OFTEN = 3, 0.12, 0.4
"""How many periods go wrong before a healthy one; how likely a fault strikes at a moment of a run, and between two."""

HOOKS = ("pre-receive", "update")
LOWEST, HIGHEST, MAX_STEP = 20, 70, 5

_QUERIES = "\n".join(f"      {name}: '{name if name in LEVELS else ''}'" for name in CANONICAL_METRICS)
SETTINGS = f"""\
mode: commit
cost_budget: 20.0
state: {{store: %(store)s}}
metrics: {{history_days: 3, deadline_seconds: 20}}
tuning: {{policy: rules, cooldown_hours: 0, safety_cooldown_hours: 0}}
services:
  - name: web
    preset: none
    queries:
{_QUERIES}
    cost: {{source: instances, price_per_instance_hour: 0.0208}}
"""


@dataclass
class World:
    """One start: a remote, a checkout, a metric source, a Slack; and a generator that decides what breaks.

    Parameters
    ----------
    folder
        An empty folder.
    seed
        Decides everything.

    Attributes
    ----------
    struck
        Which faults have struck, and how often.
    endings
        How runs ended: exit codes, or "died".
    """

    folder: Path
    seed: int
    struck: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.store = self.rng.choice(["folders", "branch"])
        self.site = make_agent_site(self.folder, self.store, SETTINGS)
        self.now = BEGIN
        self._kept: dict[Path, bytes] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.metrics = self._open.enter_context(FlakyServer(canned()))
        self.slack = self._open.enter_context(FakeSlack())
        self.agent = self.newcomer()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def newcomer(self) -> Agent:
        """Another checkout of the same repository."""
        clone = self.site.clone(f"checkout-{len(list(self.folder.iterdir()))}", "--depth=1")
        return Agent(clone, {"PROMETHEUS_URL": self.metrics.url, "SLACK_WEBHOOK_URL": self.slack.url})

    # -- living ---------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Let a few periods go wrong and one go right; every promise is checked on the way."""
        for _ in range(PERIODS):
            for _ in range(self.rng.choice([1, 1, 2])):
                self._maybe("between two runs", faults_between(self), OFTEN)
                self.endings[str(self.run(partial(self._maybe, faults=faults_within(self))))] += 1
                self.now += timedelta(minutes=20)
            self.now = BEGIN + ((self.now - BEGIN) // PERIOD + 1) * PERIOD
            if self.rng.random() < OFTEN:
                self.heal()
                self.check()
                self.agent = self.newcomer() if self.store == "branch" else self.agent
        self.heal()
        before = {episode.id for episode in self.ledger()}
        assert self.run(lambda _moment: None) == 0
        self.check()
        (newest,) = {episode.id for episode in self.ledger()} - before
        assert told(self.slack)[newest] == 1

    def run(self, at: Callable[[str], None], agent: Agent | None = None) -> int | str:
        """Run once, told each moment between two steps; the exit code, or "died"."""
        here = agent or self.agent
        try:
            with open_session(here.place(self.now), is_writing=True) as session:
                wired = wire(session, session.settings.services[0])
                run_until_it_lands(_observed(wired.cycle, at), wired.window)
                finish(session)
                return 2 if wired.doubt() else 0
        except OpsError as error:
            return error.exit_code
        except Death:
            return "died"

    def _maybe(self, moment: str, faults: Mapping[str, Callable[[], object]], likelihood: float = RARELY) -> None:
        if self.rng.random() < likelihood:
            name = self.rng.choice(sorted(faults))
            self.struck[f"{name}, {moment}"] += 1
            faults[name]()

    # -- judging --------------------------------------------------------------------------------------------------

    def ledger(self):
        """Read what is on record; fails unless the ledger is whole."""
        if self.store == "branch" and self.site.tip(STATE_BRANCH):
            with open_session(self.agent.place(self.now), is_writing=True):
                pass  # takes over the memory of the branch
        return episodes(self.agent)

    def check(self) -> None:
        """Hold the promises: recorded before applied, at most once each, inside of bounds and steps."""
        check(self.agent, self.site, self.slack)
        assert set(commits(self.site)) <= {episode.id for episode in self.ledger()}
        for commit in git(self.site.remote, "log", "--author=neuropilot", "--format=%H", "main").split():
            before, after = (self._knob(revision) for revision in (f"{commit}^", commit))
            assert LOWEST <= after <= HIGHEST
            assert abs(after - before) <= MAX_STEP

    def _knob(self, revision: str) -> float:
        text = git(self.site.remote, "show", f"{revision}:{TFVARS}")
        return float(re.search(rf"{KNOB}\s*= (\d+)", text)[1])

    # -- breaking and mending -------------------------------------------------------------------------------------

    def damage(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Change a state file behind the agent's back, where there is one."""
        file = self.agent.state / name
        if file.is_file() and (content := file.read_bytes()):
            self._kept.setdefault(file, content)
            file.write_bytes(change(content))

    def tear(self) -> None:
        """Leave half a line at the end of the ledger; nobody has to mend that."""
        if self.agent.ledger:
            with (self.agent.state / "episodes.jsonl").open("ab") as file:
                file.write(b'{"episode":{"deci')

    def move_remote(self) -> None:
        """Take the remote away."""
        if self.site.remote.exists():
            self.site.remote.rename(self.site.remote.with_suffix(".gone"))

    def colleague(self, path: str, change: Callable[[bytes], bytes]) -> None:
        """Let a person push, if nothing is in their way."""
        hooks = [self.site.remote / "hooks" / name for name in HOOKS]
        if self.site.remote.exists() and not any(hook.exists() for hook in hooks):
            before = self.site.content(path)
            if (after := change(before)) != before:
                self.site.human_pushes(path, after)

    def heal(self) -> None:
        """Let a person mend everything that only a person can."""
        if (gone := self.site.remote.with_suffix(".gone")).exists():
            gone.rename(self.site.remote)
        self.unhook()
        self.metrics.behave(canned())
        self.slack._answers.clear()
        for file, content in self._kept.items():
            file.write_bytes(content)
        self._kept.clear()
        (self.agent.state / "paused.json").unlink(missing_ok=True)

    def unhook(self) -> None:
        """Let every push through again."""
        for name in HOOKS:
            (self.site.remote / "hooks" / name).unlink(missing_ok=True)


def _observed(cycle: Cycle, at: Callable[[str], None]) -> Cycle:
    """Give back the same cycle, which calls `at` before and after each step."""

    def around(name, step):
        def take(*arguments):
            at(f"before {name}")
            result = step(*arguments)
            at(f"after {name}")
            return result

        return take

    return replace(cycle, **{one.name: around(one.name, getattr(cycle, one.name)) for one in fields(cycle)})

"""A team whose world is full of secrets, personal data and traps: its decisions, its reports, and who hears of them."""

from __future__ import annotations

import io
import json
import re
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from agents import NOW, Agent, make_agent_site
from canaries import IN_DOTENV, PASSWORD, SHAPED, left_in, left_on
from examples import NOON, a_finding, an_episode
from fakes.canned import LEVELS, canned
from fakes.flaky import FlakyServer, answer
from fakes.github import FakeGitHub
from fakes.github_state import APP_TOKEN
from fakes.relay import only_for, relay
from listeners import KEYS, Everybody
from proposing import environment
from repositories import git

from ai_ops.cli.main import app, exit_code_of
from ai_ops.cli.report_run import Request, run_report
from ai_ops.domain.message import MessageKind
from ai_ops.domain.metrics import Gap
from ai_ops.store.ledger import Ledger
from ai_ops.wiring.judge import record
from ai_ops.wiring.kill_switch import pause
from ai_ops.wiring.session import STATE, open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from fakes.flaky import Behaviour
    from listeners import Listeners
    from repositories import Site

STATE_BRANCH = "neuropilot/state"

GRAFANA_KEY = "glsa_Yw72canaryYw72canaryYw72canary_1badcafe"
SIGNING_KEY = "c2lnbmluZ2NhbmFyeXNpZ25pbmdjYW5hcnlzaWduMDE="
SECRETS = (*KEYS, PASSWORD, IN_DOTENV, SHAPED, APP_TOKEN, GRAFANA_KEY, SIGNING_KEY)
"""Every secret of this world, whether the agent was told of it or it came with the data."""

PERSONAL = (
    "zebulon@quartermain.example",
    "+44 7700 900123",
    "4556 7375 8689 9855",
    "DE44 5001 0517 5407 3249 31",
    "078-05-1120",
    "93.184.215.14",
    "2a00:1450:4001:81b::200e",
    'user="Quartermain"',
    "customer_name=Zebulon",
    "zebu\u200blon@quarter\u200bmain.example",
)
PERSONAL_PARTS = re.compile(
    r"(?i:zebulon|quartermain)|7700.?900|4556.?7375|5001.?0517|078-05|93\.184\.215|2a00.?1450|81b::200e"
)
"""What would be left of them if a text were cut, escaped or grouped otherwise."""

TRAPS = "\x1b[31m\u202e\n::error::x <script>alert(1)</script> @everyone <!channel> fixes #1 [skip ci] ![x](https://evil.example/x.png)"

GAP, PAGE, LABEL, QUIET_LABEL, WARNING, TITLE, PAUSE, JUDGED, FOUND, REFUSED = (
    f"{place}word"
    for place in ("gap", "page", "label", "quietlabel", "warning", "title", "pause", "judged", "found", "refused")
)
"""Where foreign text comes from; each place begins its text with its own word, by which it is followed."""

SETTINGS = {
    "mode": "propose",
    "cost_budget": 20.0,
    "tuning": {"policy": "rules", "cooldown_hours": 0},
    "state": {"store": "branch"},
    "approval": {"autonomy": "granted"},
    "metrics": {"history_days": 3},
    "log": {"level": "debug"},
    "services": [
        {
            "name": "web",
            "preset": "none",
            "queries": {metric: metric for metric in (*LEVELS, "memory_percent", "db_latency_ms")},
            "cost": {"source": "instances", "price_per_instance_hour": 0.5},
        }
    ],
}


def cargo(place: str) -> str:
    """What somebody plants at a place: its word, all that must not be told, and what must not act."""
    return f"{place}: {' and '.join((*PERSONAL, *SECRETS))}; {TRAPS}"


@dataclass
class Morning:
    """One team, and everything that its agent has left anywhere.

    Parameters
    ----------
    said
        What was printed, by run and stream.
    exit_codes
        By run.
    """

    folder: Path
    site: Site
    agent: Agent
    prometheus: FlakyServer
    calm_url: str
    github: FakeGitHub
    listeners: Listeners
    now: list[datetime]
    said: dict[str, str] = field(default_factory=dict)
    exit_codes: dict[str, int] = field(default_factory=dict)

    @property
    def outputs(self) -> Mapping[str, str]:
        """Every place where somebody can read what the agent wrote, as text."""
        files = sorted((self.folder / "out").glob("*"))
        return {
            **self.said,
            **{f"out {path.suffix}": path.read_text() for path in files},
            "summary": (self.folder / "summary.md").read_text(),
            "warnings": "\n".join(self.agent.warnings),
            **self.listeners.heard,
            "pull request": "\n".join(str((one.body, one.branch, one.labels)) for one in self.github.pulls),
            "comments": "\n".join(one.body for one in self.github.comments),
            **{place: without_planted(text) for place, text in left_in(self.agent.clone, ".env").items()},
            **{place: without_planted(text) for place, text in left_on(self.site).items()},
        }

    def kept(self, name: str) -> str:
        """A file on the state branch, or every file of a folder there."""
        return "\n".join(self.site.content(path, STATE_BRANCH).decode() for path in self._files(name))

    @property
    def kept_reports(self) -> list[str]:
        """Reports on the state branch, in JSON."""
        return [path for path in self._files("ai_ops/reports") if path.endswith(".json")]

    def _files(self, name: str) -> list[str]:
        return git(self.site.remote, "ls-tree", "-r", "--name-only", STATE_BRANCH, name).split()

    def heard_in(self, run: str, command: Callable[[], int], later: timedelta = timedelta()) -> None:
        """Run something of the command line, and keep what it prints."""
        self.now[0] += later
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            self.exit_codes[run] = exit_code_of(lambda **_: command(), [])
        self.said |= {f"{run} on stdout": out.getvalue(), f"{run} on stderr": err.getvalue()}

    def asked(self, *words: str) -> None:
        """Give a command by which somebody looks at what is kept, in a shell that holds no key."""
        command = [*words, "--root", str(self.agent.clone)]
        self.heard_in(" ".join(words), lambda: exit_code_of(app, command))

    def report(self, **wishes: Any) -> int:
        """Make a report as the command line does."""
        return run_report(self.agent.place(self.now[0]), Request(MessageKind.DAILY_REPORT, 1, **wishes))


def lived(morning: Morning) -> Morning:
    """Let everything happen: an older release's past, a decision, words of people, a report, one that nobody takes."""
    clock, agent, listeners = morning.now, morning.agent, morning.listeners
    remember_unredacted(agent)
    seen = {"as_json": True, "summary": morning.folder / "summary.md", "is_debugging": True}
    morning.heard_in("the cycle that proposes", lambda: agent.run(clock[0]))
    (pull,) = morning.github.pulls
    pull.title = cargo(TITLE)
    morning.prometheus.behave(metrics(morning.calm_url))
    morning.heard_in("the cycle", lambda: agent.run(clock[0], **seen), timedelta(hours=6))
    morning.heard_in("words of people", partial(speak, agent, clock[0]))
    keeping = {"is_keeping": True, "out": morning.folder / "out"}
    morning.heard_in("the report", lambda: morning.report(**seen, **keeping), timedelta(hours=3))
    morning.heard_in("the report for people", morning.report)
    del agent.environment["SLACK_BOT_TOKEN"]
    agent.configure(channels={**listeners.settings["channels"], "webhook": {"quiet_hours": "00:00-23:59"}})
    listeners.refuse_everything(cargo(REFUSED))
    morning.heard_in("the cycle that nobody hears of", lambda: agent.run(clock[0]), timedelta(hours=9))
    morning.heard_in("the report that nobody takes", lambda: morning.report(is_keeping=True), timedelta(hours=15))
    for verb in (("notify", "history"), ("notify", "history", "--json"), ("history",), ("ledger", "verify")):
        morning.asked(*verb)
    return morning


def without_planted(text: str) -> str:
    """What stands in a file apart from what `remember_unredacted` has put there."""
    return text.replace(json.dumps(cargo(FOUND), ensure_ascii=False)[1:-1], "")


def remember_unredacted(agent: Agent) -> None:
    """Let the memory hold a decision of a release that knew fewer secrets, and nothing of personal data."""
    text = cargo(FOUND)
    past = an_episode(
        hours_ago=(NOON - NOW) / timedelta(hours=1) + 6,
        findings=(a_finding("cpu_percent", reason=text, since=NOW - timedelta(hours=9), at=NOW - timedelta(hours=8)),),
        warnings=(text,),
        gaps=(Gap("db_latency_ms", text),),
    )
    with open_session(agent.place(), is_writing=True) as session:
        Ledger(session.memory / STATE, warn=agent.warnings.append, redact=str).append(past)
        session.keep("what an older release remembered")


def speak(agent: Agent, now: datetime) -> int:
    """Judge the newest decision, and pause."""
    with open_session(agent.place(now), is_writing=True) as session:
        newest = session.ledger.last("web")
        record(session, newest.id, is_good=False, by="ada", because=cargo(JUDGED))
    pause(agent.place(now), cargo(PAUSE), "ada")
    return 0


def metrics(url: str) -> Behaviour:
    """A Prometheus that fails for two metrics, and labels, warns and rises for others."""
    refused = {"status": "error", "errorType": "execution", "error": cargo(GAP)}
    failing = answer(422, json.dumps(refused).encode())
    page = answer(404, cargo(PAGE).encode(), content_type="text/html")
    several = relay(url, partial(labelled, LABEL, 2))
    usual = only_for("requests_per_second", several, relay(url, partial(labelled, QUIET_LABEL, 1)))
    return only_for("memory_percent", failing, only_for("db_latency_ms", page, usual))


def labelled(place: str, copies: int, document: dict[str, Any]) -> None:
    """Give every series labels, and let it rise ninefold in its last two hours; warn of it."""
    document["warnings"] = [cargo(WARNING)]
    one = document["data"]["result"][:1]
    for series in one:
        series["metric"] = {"path": cargo(place), "user": "Quartermain"}
        risen = [[time, str(9 * float(value))] for time, value in series["values"][-12:]]
        series["values"] = series["values"][:-12] + risen
    others = [
        {**series, "metric": {**series["metric"], "copy": str(number)}} for series in one for number in range(1, copies)
    ]
    document["data"]["result"] = one + others


@contextmanager
def morning_of(folder: Path) -> Iterator[Morning]:
    """Put the team into its world; nothing has happened yet."""
    now = [NOW]
    everybody = Everybody(folder, lambda: now[0].timestamp())  # noqa: PLW0108  # the time goes on
    with FlakyServer(canned()) as calm, FlakyServer(relay(calm.url)) as prometheus, everybody as listeners:
        site = make_agent_site(folder, settings=json.dumps(SETTINGS | listeners.settings))
        with FakeGitHub(site.remote, clock=lambda: now[0]) as github:
            agent = Agent(site.clone("checkout", "--depth=1"), {})
            agent.environment = {
                **environment(github),
                **listeners.environment,
                "PROMETHEUS_URL": prometheus.url,
                "PROMETHEUS_USERNAME": "ada",
                "PROMETHEUS_PASSWORD": PASSWORD,
                "GRAFANA_API_KEY": GRAFANA_KEY,
                "NEUROPILOT_SIGNING_KEY": SIGNING_KEY,
            }
            (agent.clone / ".env").write_text(f"RAILWAY_TOKEN={IN_DOTENV}\n")
            yield Morning(folder, site, agent, prometheus, calm.url, github, listeners, now)

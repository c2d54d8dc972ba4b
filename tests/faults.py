"""Everything that can go wrong in the world of `chaos.py`, by name."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from collisions import before_push
from fakes.canned import LEVELS, canned
from fakes.flaky import answer, truncated, web_page
from fakes.slack import Answer
from repositories import TFVARS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chaos import World

    Faults = dict[str, Callable[[], object]]

KNOB = "cpu_scale_in_percent"
STATE_BRANCH = "neuropilot/state"

_THEIRS = 'git update-ref "$1" "$(git -c user.name=a -c user.email=a@b.c commit-tree -p "$1" -m theirs "$1^{tree}")"'
"""A commit of somebody else that changes nothing, but is there first."""

_BUSY = Answer(429, "rate_limited", {"Retry-After": "0"})


class Death(BaseException):
    """The process ends here."""


def faults_within(world: World) -> Faults:
    """What can go wrong between two steps of a run, by name."""
    another = {"another run": partial(_another_run, world)} if world.store == "branch" else {}
    return {**_metric_faults(world), **_git_faults(world), **_slack_faults(world), **another, "death": _die}


def faults_between(world: World) -> Faults:
    """What can go wrong between two runs: on the disk, or, where the memory lives elsewhere, anything else."""
    if world.store == "folders":
        return _disk_faults(world)
    return {**_metric_faults(world), **_git_faults(world), **_slack_faults(world)}


def _metric_faults(world: World) -> Faults:
    behave = world.metrics.behave
    refuse = answer(422, b'{"status":"error","errorType":"execution","error":"too heavy"}')
    partial_answer = answer(
        200, b'{"status":"success","warnings":["partial"],"data":{"resultType":"matrix","result":[]}}'
    )
    fewer = {name: level for name, level in LEVELS.items() if name != "cpu_percent"}
    return {
        "metrics: 401": partial(behave, answer(401, b"Unauthorized", content_type="text/plain")),
        "metrics: 422": partial(behave, refuse),
        "metrics: a login page": partial(behave, web_page(200)),
        "metrics: cut off once": partial(behave, truncated, canned()),
        "metrics: empty": partial(behave, canned({})),
        "metrics: one is missing": partial(behave, canned(fewer)),
        "metrics: NaN": partial(behave, canned({**LEVELS, "cpu_percent": float("nan")})),
        "metrics: partial": partial(behave, partial_answer),
        "metrics: an incident": partial(behave, canned({**LEVELS, "slo_good_ratio": 0.98, "latency_p95_ms": 900.0})),
        "metrics: back": partial(behave, canned()),
    }


def _git_faults(world: World) -> Faults:
    def refuse() -> None:
        if world.site.remote.exists():
            world.site.refuse_pushes("GH006: protected branch")

    def race(branch: str) -> None:
        if world.site.remote.exists():
            before_push(world.site, branch, _THEIRS)

    return {
        "git: every push refused": refuse,
        "git: the remote is gone": world.move_remote,
        "git: a colleague edits a file": lambda: world.colleague("README.md", lambda old: old + b"more\n"),
        "git: a colleague edits the knob": lambda: world.colleague(TFVARS, partial(_edited, world.rng.randint(25, 60))),
        "git: a colleague pushes first": lambda: race("main"),
        "git: the state moves first": lambda: race(STATE_BRANCH),
        "git: back": world.unhook,
    }


def _slack_faults(world: World) -> Faults:
    say = world.slack.answer_next
    return {
        "slack: 429": partial(say, _BUSY, _BUSY, _BUSY),
        "slack: gone": partial(say, Answer(404, "no_service")),
        "slack: nonsense": partial(say, Answer(200, "<html>")),
        "slack: hangs up": world.slack.hang_up_next,
    }


def _disk_faults(world: World) -> Faults:
    """What a crash, a person or a bad disk leaves; `World.heal` restores what the agent does not mend by itself."""
    return {
        "disk: a line is torn": world.tear,
        "disk: a line is edited": partial(world.damage, "episodes.jsonl", lambda old: old.replace(b"rules", b"vibes")),
        "disk: the head is gone": partial(world.damage, "ledger_head.json", lambda _: b"{"),
        "disk: the outbox is damaged": partial(world.damage, "sent.json", lambda old: old[:-9] or b"{"),
        "disk: the budgets are damaged": partial(world.damage, "budgets.json", lambda _: b"[]"),
        "disk: the history is damaged": partial(world.damage, "../models/metrics_history.json", lambda old: old[:-99]),
        "disk: the pause is unreadable": partial(_write, world.agent.state / "paused.json", b"\xff"),
    }


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _another_run(world: World) -> None:
    if world.site.remote.exists():
        world.run(lambda _moment: None, world.newcomer())


def _edited(value: int, tfvars: bytes) -> bytes:
    return re.sub(rb"(%s\s*= )\d+" % KNOB.encode(), rb"\g<1>%d" % value, tfvars)


def _die() -> None:
    raise Death

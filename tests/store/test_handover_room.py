"""Nothing that one job hands to the next may be as large as somebody likes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from examples import NOON, a_finding, a_reward, an_observation
from hostile import hostile
from infested import infested_rationale
from predictions import SAVING, an_outcome

from ai_ops.domain.errors import StateError
from ai_ops.domain.finding import Finding
from ai_ops.domain.foresight import Foresight
from ai_ops.domain.metrics import Gap
from ai_ops.domain.tuning import Change, Decision, Thresholds
from ai_ops.redact import redact
from ai_ops.store.handover import (
    Collected,
    Decided,
    Failure,
    Seen,
    Thought,
    collected_in,
    collected_to_bytes,
    decided_in,
    decided_to_bytes,
)
from ai_ops.store.handover_room import Room

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = "x" * 4_001
FORESIGHT = Foresight(NOON, outcomes=(an_outcome(1.0),), rationale=infested_rationale("plain words"))
USUAL = Thought("web", NOON, (a_finding(),), a_reward(), replace(SAVING, foresight=FORESIGHT))


def raw_of(thought: Thought) -> bytes:
    """A document with one thought, as the job that thinks writes it."""
    return decided_to_bytes(Decided("17.3.0", "0" * 64, NOON, (thought,)), str)


def deciding(**changes: object) -> Thought:
    """The usual thought with something else in its decision."""
    return replace(USUAL, decision=replace(USUAL.decision, **changes))


def knowing(**changes: object) -> Thought:
    """The usual thought with something else in its foresight."""
    return deciding(foresight=replace(FORESIGHT, **changes))


TOO_MUCH = {
    "a reason": deciding(reasons=(LONG,)),
    "many reasons": deciding(reasons=("x",) * 1_001),
    "reasons that are too much together": deciding(reasons=("x" * 3_000,) * 100),
    "a knob": deciding(changes=(Change(LONG, 1.0, 2.0),)),
    "a value": deciding(changes=(Change("scaling_mode", "threshold", LONG),)),
    "a reward's reason": replace(USUAL, reward=a_reward(reason=LONG)),
    "a reward's terms": replace(USUAL, reward=a_reward(terms={f"term {n}": 1.0 for n in range(1_001)})),
    "the name of a term": replace(USUAL, reward=a_reward(beside={LONG: 1.0})),
    "a finding's reason": replace(USUAL, findings=(a_finding(reason=LONG),)),
    "a finding's detectors": replace(USUAL, findings=(a_finding(detectors=("z",) * 1_001),)),
    "many findings": replace(USUAL, findings=(a_finding(),) * 1_001),
    "an outcome's reason": knowing(outcomes=(an_outcome(1.0, reason=LONG),)),
    "grounds": knowing(rationale=infested_rationale(LONG)),
    "many grounds": knowing(rationale=replace(FORESIGHT.rationale, what_would_change=("x",) * 1_001)),
    "letters of four bytes": deciding(reasons=("\U0001f600" * 1_001,)),
    "a failure": Thought("web", NOON, failure=Failure(LONG, 2)),
}


@pytest.mark.parametrize("thought", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_decision_with_too_much_in_it_is_neither_written_nor_read(thought: Thought) -> None:
    """What is decided stands in the ledger for years: each text, list and the whole has its bound (H15)."""
    with pytest.raises(StateError, match="are allowed"):
        raw_of(thought)
    with pytest.raises(StateError, match="are allowed"):
        decided_in(forged(thought), "decided")


def forged(thought: Thought) -> bytes:
    """The same document as somebody writes it who keeps to no bound."""
    from pydantic import TypeAdapter

    from ai_ops.store.ledger_lines import canonical, portable

    document = json.loads(raw_of(USUAL))
    names = {"findings": tuple[Finding, ...], "reward": object, "decision": Decision | None}
    fields = {name: getattr(thought, name) for name in names}
    failure = thought.failure and {"words": thought.failure.words, "exit_code": thought.failure.exit_code}
    form = {name: TypeAdapter(type(value)).dump_python(value) for name, value in fields.items()}
    document["services"][0] |= portable(form, str) | {"failure": failure}
    return canonical(document)


def test_a_usual_decision_is_read_as_it_was_written() -> None:
    """The bounds are far from what honest runs hand over; the forger of these tests is no better than the agent."""
    assert forged(USUAL) == raw_of(USUAL)
    assert decided_in(raw_of(USUAL), "decided").services == (USUAL,)
    assert len(raw_of(USUAL)) < 20_000


def test_whatever_telemetry_says_a_decision_can_be_handed_over() -> None:
    """Reasons quote labels and errors; each of them is cut where it enters, well below the bound (H20)."""
    for text in hostile().values():
        said = redact(text)[:300]
        assert raw_of(deciding(reasons=(said,)))


@pytest.mark.parametrize(
    "change",
    [
        {"gaps": (Gap("cpu_percent", "x" * 20_001),)},
        {"gaps": (Gap("cpu_percent", "x"),) * 10_001},
        {"minute_gaps": (Gap("x" * 20_001, "x"),)},
        {"warnings": ("x",) * 10_001},
        {"notes": ("x" * 19_000,) * 53},
        {"live": {f"knob {n}": 1.0 for n in range(10_001)}},
        {"thresholds": Thresholds({"scaling_mode": "x" * 20_001})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_observation_with_too_much_beside_its_numbers_is_refused(change: dict[str, object]) -> None:
    """A server decides how long its warnings are, and not how long the ledger's lines get (H15)."""
    observation = replace(an_observation(), **change)
    seen = Seen("web", observation.window, observation=observation)
    whole = Collected("17.3.0", "acme/shop", "0" * 64, "prometheus", NOON + timedelta(minutes=3), None, {}, (seen,))
    with pytest.raises(StateError, match="are allowed"):
        collected_to_bytes(whole)
    usual = replace(whole, services=(replace(seen, observation=an_observation()),))
    assert collected_in(collected_to_bytes(usual), "collected").services[0].observation is not None


@pytest.mark.parametrize("part", ["x" * 11, ["x"] * 4, {"a": 1, "b": 1, "c": 1, "d": 1}, [[["xxxxxxx"] * 3] * 3]])
def test_room_is_counted_in_bytes_entries_and_all_together(part: object) -> None:
    """Each of the three bounds refuses by itself."""
    room: Callable[[object], object] = Room(text=10, items=3, whole=50)
    assert room([{"a": "x" * 10}, 1, None]) == [{"a": "x" * 10}, 1, None]
    with pytest.raises(ValueError, match="are allowed"):
        room(part)

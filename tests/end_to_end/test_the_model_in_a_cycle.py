"""The policy `model` in whole cycles: two weeks of minutes in a real Prometheus, a real git remote, its own past."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aftermath import episodes
from agents import Agent, make_agent_site
from measured import exposed, numbers, settings_for
from modelled import make_service

from ai_ops.domain.prediction import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fakes.slack import FakeSlack
    from running import RunningServer

LATE = timedelta(minutes=3)
HOURS_SEEN = 30
"""The change is seen live after six hours, and its prediction is due a day later."""

SETTINGS = settings_for(
    mode="commit",
    approval={
        "autonomy": "granted",
        "knobs": ["cpu_scale_out_percent", "cpu_scale_in_percent", "min_instances", "cooldown_minutes"],
    },
    state={"store": "folders"},
)


def moved(before: bytes, after: bytes) -> dict[str, tuple[str, str]]:
    """By knob, what stood there and what stands there, of lines that differ in nothing but their number."""
    pairs = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if len(set(pair)) > 1]
    assert all(re.sub(rb"\d+", b"", old) == re.sub(rb"\d+", b"", new) for old, new in pairs)
    return {old.split()[0].decode(): (old.split()[2].decode(), new.split()[2].decode()) for old, new in pairs}


@pytest.mark.slow
def test_a_saving_lands_and_its_prediction_is_judged(
    tmp_path: Path, slack: FakeSlack, start_prometheus: Callable[..., RunningServer], capsys: pytest.CaptureFixture[str]
) -> None:
    """One commit of proven lines, a ledger line with what is expected; a day later the outcome (S001-01, -96, -97).

    The price is nowhere written: it is read from the cost that was measured.
    """
    site = make_agent_site(tmp_path, settings=SETTINGS)
    simulated, standing = make_service("weekly", 6, days=2, **numbers(site))
    end, before = simulated.now, site.content()

    def measured() -> dict[str, str]:
        return {"PROMETHEUS_URL": start_prometheus(exposed(simulated.history(16))).url, "SLACK_WEBHOOK_URL": slack.url}

    agent = Agent(site.clone("checkout"), measured())

    assert agent.run(end + LATE) == 0
    changed = moved(before, site.content())
    (first,) = episodes(agent)
    assert len(changed) > 1
    assert changed == {one.knob: (f"{one.before:g}", f"{one.after:g}") for one in first.decision.changes}
    expected = first.prediction
    assert expected.cost_per_hour.expected < first.if_unchanged.cost_per_hour.expected
    assert "Expected: cost " in site.message()
    assert "Otherwise: cost " in site.message()
    card = json.dumps(slack.cards[0], ensure_ascii=False)
    for words in ("*Expected*", "*Otherwise*", expected.headline):
        assert words in card
    assert f"Expected: {expected.headline}" in capsys.readouterr().out

    simulated.apply(standing | numbers(site))
    simulated.advance(60 * HOURS_SEEN)
    agent.environment = measured()
    assert agent.run(end + timedelta(hours=6) + LATE) == 0
    assert agent.run(end + timedelta(hours=HOURS_SEEN) + LATE) == 0
    _, second, third = episodes(agent)
    assert "the next look is due a day after it" in second.decision.reasons[0]
    assert second.looked is None
    (outcome,) = third.outcomes
    assert outcome.made_at == expected.made_at
    assert outcome.is_live_change
    assert outcome.verdict is not Verdict.NOT_JUDGEABLE, outcome.reason
    assert (outcome.verdict is Verdict.HIT) is (
        outcome.burn <= expected.burn.high and outcome.cost_per_hour <= expected.cost_per_hour.high
    )
    assert third.looked.observed_burn is not None
    assert f"Outcome: {outcome.in_words}" in capsys.readouterr().out

"""The guide's section "Your own reward": what it shows is written down somewhere and run."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from agents import Agent, make_agent_site
from repositories import isolate
from rewards import a_past

from ai_ops.domain.slo import Slo
from ai_ops.reward.trial import try_out
from ai_ops.settings import load_settings
from ai_ops.wiring.reward import own_formula
from ai_ops.wiring.session import open_session

GUIDE = (Path(__file__).parents[2] / "docs/ai_ops/NEUROPILOT_V17_3_GUIDE.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("## Your own reward\n")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
(MODULE,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
(FILE,) = re.findall(r"`(\w+\.py)`", SECTION)


def test_there_is_an_example_of_each_way():
    """Weights, factors, a function (S001-132, S001-133)."""
    assert [re.search(r"formula: \"?([\w:]+)", one)[1] for one in EXAMPLES] == [
        "weighted",
        "linear",
        "team_rewards:calculate_reward",
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split()[2])
def test_every_example_counts_the_past(tmp_path, monkeypatch, example):
    """Written down as the guide says, it is loaded, tried and found good enough to count."""
    isolate(monkeypatch)
    agent = Agent(make_agent_site(tmp_path, settings=f"state: {{store: folders}}\n{dedent(example)}").clone("team"), {})
    (agent.clone / FILE).write_text(MODULE)
    with open_session(agent.place(), is_writing=False) as session:
        own = own_formula(session)
    past = a_past([0.2 * place for place in range(8)], [0.1 * place for place in range(8)])
    trial = try_out(own, past, Slo(99.95, 400, 1000))
    assert (len(trial.tried), trial.doubt) == (8, None)


def test_the_function_and_the_factors_say_the_same(tmp_path):
    """They are two ways to write one formula."""
    factors = load_settings(_file(tmp_path, EXAMPLES[1]), root=tmp_path, environment={}).reward.terms
    names: dict[str, object] = {}
    exec(MODULE, names)  # the guide's own text
    said = names["calculate_reward"](1.0, 0.4, {"error_percent": 0.5})
    assert said == pytest.approx(sum(factors[k] * v for k, v in zip(factors, (1.0, 0.4, 0.5), strict=True)))


def _file(folder: Path, text: str) -> Path:
    file = folder / "ops_config.yaml"
    file.write_text(text, encoding="utf-8")
    return file

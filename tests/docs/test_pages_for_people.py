"""The pages for reviewers, for the first weeks and about security say what the code and the workflow really do."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from ai_ops.apply.pull_request_body.comments import live_comment
from ai_ops.apply.pull_request_body.facts import Facts
from ai_ops.apply.pull_request_body.pull_request_body import body
from ai_ops.domain.chance import loss_of_chance
from ai_ops.domain.pull_request import STOP_LABEL
from ai_ops.domain.training_record import Learning
from ai_ops.learn.loss import learning
from ai_ops.settings import DEFAULT_FILE, load_settings
from ai_ops.store.ledger import Ledger
from ai_ops.tune.autonomy.rollout import advice
from ai_ops.wiring.checks_passed import checks_passed
from ai_ops.wiring.stop_file import STOP_FILE

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs/ai_ops"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((ROOT / "infrastructure").glob("[gp]*/*.md"))]
REVIEWING, ROLLOUT, SECURITY = (
    (DOCS / f"{name}.md").read_text("utf-8") for name in ("REVIEWING", "ROLLOUT", "SECURITY")
)
AGENT = yaml.safe_load((ROOT / ".github/workflows/neuropilot.yml").read_text("utf-8").replace("\non:", "\n'on':"))
JOBS = re.findall(r"^\| \*\*(\w+)\*\* \|(.*)\|$", SECURITY, re.MULTILINE)


def test_the_shown_body_is_what_the_demo_would_ask(demo_made):
    """Whoever learns to read a body learns it on a real one, and can make it with `make run`."""
    ledger = Ledger(demo_made / "ai_ops/state", warn=pytest.fail)
    (episode,) = ledger.episodes()
    (service,) = load_settings(demo_made / DEFAULT_FILE, root=demo_made, environment={}).services
    expires_at = episode.decided_at + timedelta(days=14)
    facts = Facts(episode, service.knobs, "", (), checks_passed(episode), expires_at, None, ledger.hash_of(episode.id))
    merged = datetime(2026, 11, 19, 19, 40, tzinfo=UTC)
    real = {*body(facts, str).splitlines(), *live_comment(episode, merged, merged + timedelta(hours=24)).splitlines()}

    shown = [line[2:] for line in REVIEWING.splitlines() if line.startswith("> ")]
    assert len(shown) == 6
    assert [line for line in shown if line not in real] == []


def test_every_part_of_a_body_is_explained():
    """A reviewer who meets a heading finds it on the page."""
    parts = (ROOT / "ai_ops/apply/pull_request_body").glob("*.py")
    headings = {found for part in parts for found in re.findall(r'f?"\*\*([A-Z][\w ,]+)\*\*', part.read_text("utf-8"))}
    assert len(headings) >= 6
    assert [one for one in headings if one not in REVIEWING] == []


def test_the_brakes_have_their_real_names():
    """In a hurry nobody looks for them twice (H26)."""
    for page in (REVIEWING, ROLLOUT):
        assert f"`{STOP_LABEL}`" in page
        assert f"`{STOP_FILE}`" in page


def test_the_weeks_are_those_that_the_tool_advises():
    """The page and `neuropilot autonomy` say the same (S001-135, S001-136, S001-137)."""
    for day in (1, 8, 15):
        known = advice(day)
        (section,) = re.findall(rf"^## {known.weeks.capitalize()}:.*?(?=^## )", ROLLOUT, re.MULTILINE | re.DOTALL)
        wanted = re.findall(r"mode: (?:observe|propose|commit)(?=`)|\{[^}]*\}|neuropilot \w+", known.text)
        assert wanted
        assert [one for one in wanted if one not in section] == []


def test_every_job_stands_in_the_table_of_tokens_with_its_rights():
    """A job that is added, or that gets another right, is weighed there first (H14)."""
    assert [name for name, _ in JOBS] == list(AGENT["jobs"])
    for name, row in JOBS:
        rights = AGENT["jobs"][name]["permissions"]
        assert re.findall(r"`([\w-]+: \w+)`", row) == [f"{what}: {how}" for what, how in rights.items()], name


def test_every_secret_of_the_workflow_is_weighed():
    """What somebody could do with it, and how little it needs to be able to."""
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", SECURITY))
    assert AGENT["on"]["workflow_call"]["secrets"].keys() - named == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_heading_finds_it(page):
    """Whoever follows a reference in a hurry lands where it is said, as GitHub names headings."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([\w-]+)\)", page.read_text("utf-8")):
        text = (page.parent / target if target else page).read_text("utf-8")
        headings = [one.lower() for one in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
        assert anchor in [re.sub(r"[^\w\- ]", "", one).replace(" ", "-") for one in headings], f"{target}#{anchor}"


def test_the_losses_of_the_first_weeks_are_those_of_chance():
    """What a perfect model shows on so many rows, and no promise beyond it (R27, S001-118, S001-119, S001-120)."""
    losses = re.findall(r"^\| week \d \| ([\d.]+) to ([\d.]+).*?\| ([\d,]+) to ([\d,]+) rows \|", ROLLOUT, re.MULTILINE)
    assert len(losses) == 3
    for low, high, fewest, most in losses:
        assert f"{loss_of_chance(int(fewest.replace(',', ''))):.2f}" == high
        assert f"{loss_of_chance(int(most.replace(',', ''))):.2f}" == low
    assert [learning(float(low)) for low, *_ in losses] == [Learning.TRAINING, Learning.CONVERGING, Learning.CONVERGED]

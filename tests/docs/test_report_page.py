"""DAILY_REPORT_TEMPLATE.md and the README say what a report really says, and what they show can be typed along."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from golden import GOLDEN
from report_days import MORNINGS

import ai_ops
from ai_ops.report.pages.document import document_of
from ai_ops.report.renderings.html import html_of
from ai_ops.report.renderings.markdown import markdown_of
from ai_ops.report.renderings.text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo_morning import DemoMorning

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/ai_ops/DAILY_REPORT_TEMPLATE.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8").partition("## The morning report\n")[2].partition("\n## ")[0]
ROLLOUT = (ROOT / "docs/ai_ops/ROLLOUT.md").read_text("utf-8")
SCHEMA = json.loads((Path(ai_ops.__file__).parent / "config/schemas/daily_report.schema.json").read_text("utf-8"))
JQ = re.findall(r"^```sh jq\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(SECTION,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not on this machine")


def fields_of(name: str) -> list[str]:
    """What one kind of object in the JSON holds."""
    return list(SCHEMA["$defs"][name]["properties"])


def part(heading: str) -> str:
    """What the page says below one heading of the third level."""
    return PAGE.partition(f"### {heading}\n")[2].partition("\n### ")[0].partition("\n## ")[0]


def excerpt(text: str, mark: str = "") -> list[str]:
    """The lines of the excerpt with this mark, each without its indent."""
    (found,) = re.findall(rf"^```text{mark}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for line in found.splitlines() if line.strip()]


@pytest.mark.parametrize("text", [README, PAGE], ids=["README", "page"])
def test_the_shown_report_is_that_of_the_demo(demo_morning: DemoMorning, text: str) -> None:
    """Word for word what a reader gets, in the same order (S001-46)."""
    real = [line.strip().removeprefix("- ") for line in demo_morning.text.splitlines()]
    shown = [line.removeprefix("- ") for line in excerpt(text)]
    assert len(shown) >= 10
    assert [line for line in shown if line not in real] == []
    places = [real.index(line) for line in shown]
    assert places == sorted(places)


def test_the_picture_is_of_the_same_report(demo_morning: DemoMorning) -> None:
    """Whoever cannot see it is told the same figures; and it is small enough to be in a repository."""
    ((alt, name),) = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", PAGE)
    picture = (ROOT / "docs/ai_ops" / name).read_bytes()
    width, height = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG")
    assert (700 <= width <= 1400, height >= 1000, len(picture) < 200_000) == (True, True, True)
    told = " ".join(demo_morning.text.split())
    figures = re.findall(r"\d[\d.]* (?:%|ms)|\d+\.\d+", alt)
    assert len(figures) >= 4
    assert [one for one in figures if one not in told] == []


def test_the_checklist_of_the_first_weeks_is_told_as_shown(demo_morning: DemoMorning) -> None:
    """The excerpt in ROLLOUT.md, one line below the other (S001-118)."""
    (shown,) = re.findall(r"^```text checklist\n(.*?)^```$", ROLLOUT, re.MULTILINE | re.DOTALL)
    assert shown in demo_morning.text


def test_every_headline_of_the_table_was_said(demo_morning: DemoMorning) -> None:
    """Headlines that no report has are promises; these are those of the mornings that the tests keep."""
    cells = re.findall(r"^\| [^|`]+ \| (\w[^|]+\.) \|$", PAGE.partition("## How to read it")[2], re.MULTILINE)
    said = {json.loads(one.read_text("utf-8"))["headline"] for one in GOLDEN.glob("*/report.json")}
    said.add(json.loads(demo_morning.report.with_suffix(".json").read_text("utf-8"))["headline"])
    assert len(cells) >= 5
    assert [one for one in cells if one not in said] == []


def test_the_first_day_reads_as_shown() -> None:
    """The excerpt is from the report that is checked in for such a day."""
    real = (GOLDEN / "first-day/report.txt").read_text("utf-8").splitlines()
    assert [line for line in excerpt(PAGE, " first-day") if line not in real] == []


@pytest.mark.parametrize(
    ("name", "heading"),
    {
        "health": "Health",
        "slo": "Promise",
        "trend": "Trends",
        "alarm": "Alarms",
        "recommendation": "Recommendations",
        "forecast": "The next hours",
        "cost": "Cost",
        "scaling": "Scaling",
        "record": "The agent's own record",
        "learning": "AI learning",
        "checklist": "Roll-out",
        "need": "The whole",
        "service": "The whole",
        "evidence": "The whole",
    }.items(),
)
def test_every_field_is_explained(name: str, heading: str) -> None:
    """With its formula, below the heading of its section (S001-46)."""
    grouped = {"evidence"} | (set(fields_of("service")) & {*SCHEMA["$defs"], *LISTS} if name == "service" else set())
    assert part(heading)
    assert [one for one in fields_of(name) if one not in grouped and f"`{one}`" not in part(heading)] == []


LISTS = {"trends", "alarms", "recommendations"}
"""What a service has several of; each has a heading of its own."""


def test_every_field_of_the_whole_is_explained() -> None:
    """The same for what all services share, and for the lists inside of sections."""
    assert [one for one in SCHEMA["properties"] if f"`{one}`" not in part("The whole")] == []
    nested = {
        **SCHEMA["properties"]["span"]["properties"],
        **SCHEMA["$defs"]["scaling"]["properties"]["moves"]["items"]["properties"],
        **SCHEMA["$defs"]["record"]["properties"]["judged"]["items"]["properties"],
        **SCHEMA["$defs"]["checklist"]["properties"]["items"]["items"]["properties"],
    }
    assert [one for one in nested if f"`{one}`" not in PAGE] == []


def test_every_section_of_the_page_has_a_heading_there(demo_morning: DemoMorning) -> None:
    """A reader of the report finds what it is about."""
    titles = re.findall(r"^## (.+)$", demo_morning.report.with_suffix(".md").read_text("utf-8"), re.MULTILINE)
    known = {*re.findall(r"^### (.+)$", PAGE, re.MULTILINE), "Needs a person", "At a glance", "Evidence"}
    renamed = {"The next 24 hours": "The next hours"}
    assert [one for one in titles if renamed.get(one, one) not in known] == []


def test_every_need_of_the_table_is_one_that_is_said() -> None:
    """In the words of the report, with its urgency and its step."""
    source = (ROOT / "ai_ops/report/agent/needs.py").read_text("utf-8")
    rows = re.findall(r"^\| (\d\d) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert [int(urgency) for urgency, _, _ in rows] == sorted({int(urgency) for urgency, _, _ in rows}, reverse=True)
    assert {int(number) for number in re.findall(r"^    (\d\d),$", source, re.MULTILINE)} == {
        int(one) for one, *_ in rows
    }
    for _, what, step in rows:
        begun = re.match(r"(?:The|A) [\w ]+", what)
        assert begun is None or begun[0].split(" for ")[0].removesuffix(" or gone in three days") in source
        assert all(command.split()[1] in source for command in re.findall(r"`(\w[^`]+)`", step))


@needs_jq
def test_every_jq_command_works(demo_morning: DemoMorning) -> None:
    """On the file of a real morning, in the repository, by its documented name (S001-66)."""
    answers = [answer for block in JQ for answer in _asked(block, demo_morning.folder)]
    assert len(answers) == 6
    whole, words, healths, table, urgent, health = answers
    assert json.loads(whole)["version"] == 1
    assert words.splitlines()[0] in " ".join(demo_morning.text.split())
    assert json.loads(healths)["service"] == "web"
    assert table.startswith("web\t0.")
    assert urgent.strip() == "true"
    assert json.loads(health)["id"] == "web-health"


def _asked(block: str, folder: Path) -> Iterator[str]:
    for line in block.strip().splitlines():
        typed = line.replace("$(date +%Y%m%d)", "20261120")
        done = subprocess.run(
            ["bash", "-ec", typed], cwd=folder, capture_output=True, text=True, check=False, timeout=9
        )
        assert done.returncode == 0, f"{line}: {done.stderr}"
        yield done.stdout


def test_a_section_of_ones_own_is_one_function_and_one_line() -> None:
    """The example, as it stands there, is shown by every rendering, with what it rests on."""
    names: dict[str, object] = {}
    exec(SECTION, names)  # the page's own text
    morning = MORNINGS["bad-day"]()
    report = morning.report
    section = names["price_section"](report.services[0], morning.span)
    document = document_of(report)
    assert section.id not in {one.id for one in document.sections}
    longer = replace(document, sections=(*document.sections, section))
    (said,) = re.findall(r"it says \*([^*]+)\*", PAGE)
    for rendering in (text_of, markdown_of, html_of):
        assert said in rendering(longer).replace("\xa0", " "), rendering.__name__
    assert section.blocks[0].evidence in {one.id for one in document.evidence}
    assert names["price_section"](replace(report.services[0], trends=()), morning.span) is None


def test_the_line_of_the_example_stands_where_it_says() -> None:
    """Without the new line, the shown ones follow each other in the list that it names."""
    (shown,) = re.findall(r"^```text document\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    rest = [line for line in shown.splitlines(keepends=True) if "# the new one" not in line]
    assert len(rest) == 3
    assert "".join(rest) in (ROOT / "ai_ops/report/pages/document.py").read_text("utf-8")

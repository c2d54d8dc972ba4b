"""The page as one HTML file: strict, self-contained, with a way to every figure's evidence, and readable."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from importlib.resources import files
from itertools import cycle, pairwise

import pytest
from hostile import hostile
from html_pages import Page, read_page
from inertness import HIDDEN
from reports import REQUEST, bad, evidence, first, infested, quiet, report, several

from ai_ops.domain.document import Cell, Section, Table
from ai_ops.domain.errors import ConfigError
from ai_ops.markdown import one_visible_line
from ai_ops.report.pages.document import document_of
from ai_ops.report.renderings.html import LONGEST, STYLE, TEMPLATE, check_writable, html_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="cost" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
REPORTS = {"quiet": report(quiet()), "bad": report(bad()), "first": report(first()), "five": several(5)}
TEXTS = list(hostile().values())

LOADING = ("src", "srcset", "poster", "background", "action", "formaction", "ping", "manifest", "xlink:href", "style")


def page_of(name: str, **pictures: str) -> Page:
    """A page, read strictly."""
    return read_page(html_of(document_of(REPORTS[name]), pictures))


@pytest.mark.parametrize("name", REPORTS)
def test_every_link_of_a_figure_leads_to_its_evidence(name: str) -> None:
    """Ids are unique, and no fragment leads nowhere (H45)."""
    page, document = page_of(name), document_of(REPORTS[name])
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    links = [one["href"] for one in page.all("a")]
    assert {one.removeprefix("#") for one in links if one.startswith("#")} <= set(ids)
    assert {f"evidence_{one.id}" for one in document.evidence} <= {one.removeprefix("#") for one in links}
    labelled = {one for value in page.values("aria-labelledby") for one in value.split()}
    assert labelled <= set(ids)


@pytest.mark.parametrize("name", REPORTS)
def test_it_needs_no_network_and_runs_nothing(name: str) -> None:
    """The only address on it is that of the pull request, which a person may follow."""
    html = html_of(document_of(REPORTS[name]), {"web-cost": SVG})
    page = read_page(html)
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "object", "embed", "base", "form"}]
    assert not [one for name in LOADING for one in page.values(name)]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    policy = next(one for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    without = html.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(f'href="{REQUEST}"', "")
    assert not re.search(r"//[\w.]|@import|url\(", without)


@pytest.mark.parametrize("name", REPORTS)
def test_a_screen_reader_finds_its_way(name: str) -> None:
    """Language, landmarks, one first heading, none left out, and tables that name their rows and columns."""
    page = page_of(name)
    assert page.declarations == ["DOCTYPE html"]
    assert page.all("html") == [{"lang": "en"}]
    tags = [tag for tag, _ in page.tags]
    assert [tags.count(one) for one in ("header", "main", "nav", "footer", "h1", "title")] == [1] * 6
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(text.strip() for _, text in page.headings)
    assert tags.count("caption") == tags.count("table")
    assert {one.get("scope") for one in page.all("th")} == {"col", "row"}
    skip = next(one for one in page.all("a") if one.get("class") == "skip")
    assert skip["href"] == "#main"
    assert page.all("main")[0]["id"] == "main"


def test_tones_are_words_as_well() -> None:
    """Neither colour nor sign alone."""
    text = page_of("bad").text
    assert re.search(r"✗\s*bad:\s*web broke its promise", text)
    assert re.search(r"!\s*worth a look:\s*↗ increasing \+12", text)


def test_the_headline_is_the_first_heading_and_the_title() -> None:
    """What a browser shows on its tab, too."""
    page = page_of("bad")
    assert "web broke its promise" in page.headings[0][1]
    assert [text for level, text in page.headings if level == 2][:2] == ["Needs a person", "At a glance"]
    assert "Daily report: web: web broke its promise" in page.text


def test_pictures_are_put_in_as_they_are_and_others_left_out() -> None:
    """Their figures stand beside them."""
    html = html_of(document_of(report(bad())), {"web-cost": SVG, "web-unheard-of": "<b>never</b>"})
    assert html.count(SVG) == 1
    assert "never" not in html
    (figure,) = read_page(html).all("figure")
    assert figure["aria-label"] == "Cost of web this month"
    assert not read_page(html_of(document_of(report(bad())))).all("figure")


def test_a_figure_is_never_parted_from_its_unit() -> None:
    """Nor a word from a number before it that is no unit."""
    said = replace(quiet(), headline="160 ms, 99.9 % and 6 h where 12 hours of 3 services were left.")
    html = html_of(document_of(report(said)))
    assert "160\xa0ms, 99.9\xa0% and 6\xa0h where 12 hours of 3 services were left." in html


def test_an_option_of_a_command_stays_in_one_piece() -> None:
    """Nobody runs `history --` because a line ended there; what is far too long breaks all the same."""
    said = replace(quiet(), headline=f"run `neuropilot history --service a_b`, not `--{'x' * 900}`")
    html = html_of(document_of(report(said)))
    assert '<code>neuropilot history <span class="option">--service</span> a_<wbr>b</code>' in html
    assert html.count('<span class="option">') == 1


def test_a_row_of_all_services_leads_to_the_service_where_it_is_told() -> None:
    """And only there: of many services most have that row alone."""
    page = page_of("five")
    (table,) = [one for one in document_of(REPORTS["five"]).sections if one.id == "fleet"]
    names = [row[0].text for row in table.blocks[0].rows]
    assert {f"#service_{name}" for name in names} <= {one.get("href") for one in page.all("a")}
    many = html_of(document_of(several(9)))
    assert 'href="#service_shard-008"' not in many
    assert many.count('href="#service_') == 2 * 5, "in its row, and in the contents"


@pytest.mark.parametrize(
    ("rows", "breadth"),
    [
        ((("part", "mean"), ("latency", "160 ms")), "pairs"),
        ((("part", "mean", "score"), ("latency", "160 ms", "60")), "narrow"),
        ((("part", "mean", "score"), ("latency", "160 ms", "x" * 30)), "wide"),
    ],
)
def test_a_table_is_as_broad_as_what_it_says(rows: tuple[tuple[str, ...], ...], breadth: str) -> None:
    """A phone keeps a narrow one as it is, and shows each row of a wide one as a card."""
    header, row = rows
    table = Table("What it is made of", header, (tuple(map(Cell, row)),))
    page = read_page(html_of(replace(document_of(report(quiet())), sections=(Section("one", "One", (table,)),))))
    assert [one["class"] for one in page.all("table")] == [breadth]


def test_it_says_that_figures_are_made_up() -> None:
    """At the top, where nobody misses it (S001-17)."""
    simulated = html_of(document_of(report(replace(quiet(), is_simulated=True))))
    assert simulated.index("made up") < simulated.index("<h1>")
    assert "made up" not in html_of(document_of(report(quiet())))


def test_whatever_telemetry_says_is_shown_and_does_nothing() -> None:
    """The same tags whatever the words, and every visible letter of these on the page (H06, H20)."""
    calm = read_page(html_of(document_of(infested(report(bad()), cycle(["x"])))))
    allowed = {(tag, *attributes) for tag, attributes in calm.tags}
    for start in range(0, len(TEXTS), 25):
        some = TEXTS[start : start + 25]
        page = read_page(html_of(document_of(infested(report(bad()), cycle(some)))))
        assert {(tag, *attributes) for tag, attributes in page.tags if tag != "wbr"} <= allowed
        assert {one["href"] for one in page.all("a") if not one["href"].startswith("#")} == {REQUEST}
        assert not HIDDEN.search(page.text.replace("\n", ""))
        assert not any(HIDDEN.search(value) for _, one in page.tags for value in one.values())
        shown = page.text.replace("`", "").replace("\xa0", " ")  # names lose their quotes, figures keep their units
        for text in some:
            line = one_visible_line(text[:4_000]).replace("`", "")
            assert line[: LONGEST // 2].strip().replace("\xa0", " ") in shown


def test_two_services_never_share_an_anchor() -> None:
    """Names are built of dashes, and so are ids."""
    services = (
        replace(quiet(name), health=replace(quiet().health, evidence=evidence(name, "health")))
        for name in ("web", "web-health", "evidence")
    )
    ids = read_page(html_of(document_of(report(*services)))).values("id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ink_can_be_read_on_every_ground(scheme: str) -> None:
    """4.5 to 1, as WCAG 2.2 AA asks of small text."""
    css = (files("ai_ops") / "config" / "templates" / STYLE).read_text()
    first_of, second_of = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    colours = dict(re.findall(r"--(\w+): (#\w{6});", first_of))
    colours |= dict(re.findall(r"--(\w+): (#\w{6});", second_of)) if scheme == "dark" else {}
    for ground in ("paper", "raised"):
        for ink in ("ink", "quiet", "link", "good", "watch", "bad"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    """By WCAG: of relative luminances, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative, 0 to 1."""
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_style_is_small_enough_for_mail_programs() -> None:
    """Gmail ignores a style element of more than 16 kB."""
    html = html_of(document_of(report(quiet())))
    assert len(html[html.index("<style>") : html.index("</style>")]) < 16_000
    assert (files("ai_ops") / "config" / "templates" / TEMPLATE).is_file()


def test_without_jinja_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody gathers what the page would show."""
    monkeypatch.delitem(sys.modules, "jinja2", raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with pytest.raises(ConfigError, match=r"\[report\]"):
        check_writable()

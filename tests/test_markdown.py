"""Foreign text becomes Markdown in which it is nothing but text."""

from __future__ import annotations

import re

import pytest
from hostile import hostile
from hypothesis import given
from hypothesis import strategies as st
from inertness import complaints, structure
from markdown_it import MarkdownIt

from ai_ops.markdown import (
    LONGEST_LINE,
    bar_chart,
    bullets,
    code,
    cut,
    defused,
    fenced,
    folded,
    image,
    inert,
    one_visible_line,
    quieted,
    table,
)

HOSTILE = hostile()
ANYTHING = st.text(max_size=300) | st.sampled_from(sorted(HOSTILE.values()))
CHART = re.compile(
    r"```mermaid\nxychart-beta\n"
    r'    title "[A-Za-z0-9 ]+"\n'
    r'    x-axis \["[A-Za-z0-9 ]+"(?:, "[A-Za-z0-9 ]+")*\]\n'
    r'    y-axis "[A-Za-z0-9 ]+" 0 --> \d+(?:\.\d+)?\n'
    r"    bar \[\d+(?:\.\d+)?(?:, \d+(?:\.\d+)?)*\]\n```"
)
"""What Mermaid 12 was seen to parse, with every text of the corpus for title, axes and labels."""


def rendered(markdown: str) -> str:
    """The text that a reader of the Markdown sees."""
    (token,) = (one for one in MarkdownIt("commonmark").parse(markdown) if one.type == "inline")
    return "".join(child.content for child in token.children if child.type in {"text", "text_special", "code_inline"})


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("fixes #1, thanks @ops", "fixes no. 1, thanks (at)ops"),
        ("owner/repository#1", "owner/repository no. 1"),
        ("GH-12 and high-3", "GH 12 and high-3"),
        ("see https://evil.example/x", "see https: //evil.example/x"),
        ("www.evil.example, www. evil", "www .evil.example, www . evil"),
        ("[skip ci]", "(skip ci)"),
        ("from $5 to $6", "from (dollar)5 to (dollar)6"),
        (":shipit: at 07:30:15", ": shipit: at 07:30:15"),
        ("16c999e8c71134401a78d4d46435517b2271d6ac", "16c999…"),
        ("min_instances 2 -> 3 (50 %)", "min_instances 2 -> 3 (50 %)"),
        ("GHSA-jfh8-c2jp-5v3q CVE-2021-44228 cve-scanner", "GHSA jfh8-c2jp-5v3q CVE 2021-44228 cve-scanner"),
    ],
)
def test_letters_that_hosts_look_for_are_changed_and_others_are_not(text: str, seen: str) -> None:
    """In the words themselves, since no escape survives rendering (H20)."""
    assert defused(text) == seen


@given(ANYTHING)
def test_a_reader_sees_the_defused_text_letter_by_letter(text: str) -> None:
    """Nothing is lost, nothing becomes markup (H20)."""
    seen = defused(text, 300)
    if seen:
        assert rendered(f"so: {inert(text)}").removeprefix("so: ") == seen
        assert rendered(inert(text)) == seen


@given(ANYTHING)
def test_defusing_twice_changes_nothing_more(text: str) -> None:
    """A name that is compared later must stay the same (S001-143)."""
    assert defused(defused(text)) == defused(text)


@given(ANYTHING)
def test_a_text_is_as_long_as_allowed(text: str) -> None:
    """Also where defusing makes it longer."""
    assert len(defused(text)) <= LONGEST_LINE
    assert len(defused(text, 50)) <= 50
    assert len(cut(text, 50)) <= 50


@given(st.lists(ANYTHING, min_size=2, max_size=2), ANYTHING)
def test_texts_stay_in_their_cells_and_bullets(cells: list[str], text: str) -> None:
    """Whatever they say, a row has as many cells and a list as many lines as before (H20)."""
    plain = f"{table(('a', 'b'), [('x', '`x`')])}\n\n{bullets(['x', 'x'])}"
    full = [inert(cells[0]) or "x", code(cells[1])]
    said = f"{table(('a', 'b'), [full])}\n\n{bullets([inert(text) or 'x', 'x'])}"
    assert [kind for kind in structure(said) if "code" not in kind] == [
        kind for kind in structure(plain) if "code" not in kind
    ]
    assert complaints(said) == []


@given(ANYTHING)
def test_a_block_ends_where_we_end_it(text: str) -> None:
    """Backticks inside of it only make the fence longer; what is hidden shows its number (H20)."""
    said = f"{fenced('diff', text)}\n\nafter"
    assert structure(said)[:1] == ["fence code diff"]
    assert structure(said)[1:] == structure("after")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066\ufeff\ud800-\udfff\U000e0041]", said)


def test_a_diff_is_shown_as_it_is() -> None:
    """Its signs, its brackets and its tabs; only what a commit message would act upon gets a space."""
    diff = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n \t# ask @ops, see #12 [skip ci]\n-a = [1]\n+a = [2]\n"
    assert fenced("diff", diff) == f"```diff\n{diff}```"
    assert quieted(diff) == diff.replace("@ops", "@ ops").replace("#12", "# 12").replace("[skip", "[ skip")
    assert "+1 <U+202E>" in fenced("text", "+1 \u202e")


def test_a_secret_comes_to_light_before_it_is_looked_for() -> None:
    """Escape sequences and hidden characters inside of it are gone by then (H09)."""
    assert one_visible_line("hun\u200bter\x1b[1m2\u034f\x1b[0m\n x") == "hunter2 x"


@pytest.mark.parametrize(
    ("address", "is_shown"),
    [
        ("https://github.com/team/web/blob/neuropilot/state/charts/web.svg?raw=true", True),
        ("http://127.0.0.1:8080/web.svg", True),
        ("https://evil.example/a)b", False),
        ("https://evil.example/a b", False),
        ("https://me:password@evil.example/a", False),
        ("javascript:alert(1)", False),
        ("data:image/png;base64,AAAA", False),
        ("//evil.example/a", False),
    ],
)
def test_only_a_plain_web_address_becomes_a_picture(address: str, *, is_shown: bool) -> None:
    """A picture's address is asked for as soon as somebody looks (H06)."""
    assert image("what", address) == (f"![what]({address})" if is_shown else "")


@given(
    st.text(max_size=40) | st.sampled_from(sorted(HOSTILE.values())),
    st.dictionaries(
        st.text(max_size=20) | st.sampled_from(sorted(HOSTILE.values())),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        min_size=1,
        max_size=5,
    ),
)
def test_a_drawing_keeps_to_the_grammar(text: str, bars: dict[str, float]) -> None:
    """No text and no figure can end a string, a list or the block (H20)."""
    assert CHART.fullmatch(bar_chart(text, text, bars))


def test_a_folded_part_renders_its_markdown() -> None:
    """GitHub needs an empty line between the tag and what is inside."""
    said = folded("Method", bullets(["x"]))
    assert structure(said)[0].startswith("html_block")
    assert any(kind.startswith("bullet_list_open") for kind in structure(said))
    assert complaints(said) == []

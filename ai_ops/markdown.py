"""Foreign text as GitHub-flavoured Markdown in which nothing of it acts: the one place where that is made sure.

Two walls. `defused` changes the letters themselves, because hosts look for mentions, references and switches after
they have rendered the Markdown, in plain e-mail copies of it, and in commit messages made from it: no escape survives
that. `inert` then escapes what is left of Markdown and HTML. Secrets are the caller's business, between
`one_visible_line` and the rest: a secret with a hidden character in its middle is found only when that one is gone.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LONGEST, LONGEST_LINE = 300, 3_500
FARTHEST = 4_000  # nobody reads so far, however much of it is hidden
_ROOM = 8
_MARKS = 3  # combining marks on one letter; no script needs more, and a hundred paint over the lines around

_ESCAPE_SEQUENCES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?")
# Shown as nothing, although Unicode counts them as letters, marks or symbols: fillers and variation selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

_HEX = r"(?<![0-9A-Za-z])[0-9a-f]{%s}(?![0-9A-Za-z])"
_DEFUSED = (
    (re.compile("@"), "(at)"),  # mentions
    (re.compile(r"(?<=\w)#+(?=\w)"), " no. "),  # owner/repository#1
    (re.compile(r"(?<!#)#+(?=\w)"), "no. "),  # issues; "fixes #1" closes one
    (re.compile(r"(?<![A-Za-z0-9])(GH(?=-\d)|GHSA(?=-\w{4}-)|CVE(?=-\d{4}-))-", re.IGNORECASE), r"\1 "),  # the same
    (re.compile("://"), ": //"),  # links; "fixes https://host/issues/1" closes one
    (re.compile(r"(?<![A-Za-z0-9])(www)\.", re.IGNORECASE), r"\1 ."),  # links without a scheme, even "www. x"
    (re.compile(r"\["), "("),  # "[skip ci]" keeps the checks from running
    (re.compile(r"\]"), ")"),
    (re.compile(r"\$"), "(dollar)"),  # formulas
    (re.compile(r":(?=[\w+-]{0,80}[A-Za-z+_][\w+-]{0,80}(?::|$))|(?<!\d):(?=[\w+-]{1,80}:)"), ": "),  # :pictures:
    (re.compile(rf"({_HEX % 40})"), lambda found: found[0][:6] + "…"),  # commits
)
_SHORT_COMMIT = re.compile(rf"((?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f]){_HEX % '7,39'})")
_SIGNS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "\\|", "`": "\\`", "\\": "\\\\", "*": "\\*", "~": "\\~"}
)
_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?/[\w./~%?=&+-]*", re.ASCII)
_BLOCK_START = re.compile(r"^([#+=-]|\d{1,9}(?=[.)]))")

# What a host does with a commit message, in words that a diff survives: its "@@" and its brackets stay.
_QUIETED = (
    (re.compile(r"@(?=\w)"), "@ "),
    (re.compile(r"#(?=\w)"), "# "),
    (re.compile(r"(?<![A-Za-z0-9])(GH)-(?=\d)", re.IGNORECASE), r"\1 "),
    (re.compile("://"), ": //"),
    (re.compile(r"\[(?=(?:skip|ci|no|actions)\b)", re.IGNORECASE), "[ "),
)


def one_visible_line(text: str) -> str:
    r"""Put `text` on one line, without escape sequences and without what cannot be seen.

    >>> one_visible_line("fi\u200bxes\n\x1b[31m1\x1b[0m")
    'fixes 1'
    """
    if text.isascii() and text.isprintable():  # nearly every one: nothing to look at letter by letter
        return " ".join(text.split())
    spaced = " ".join(_ESCAPE_SEQUENCES.sub("", text).split())
    visible = "".join(char for char in _BLANK.sub("", spaced) if unicodedata.category(char)[0] != "C")
    return " ".join(_with_few_marks(visible).split())


def defused(text: str, longest: int = LONGEST_LINE) -> str:
    """One visible line in which nothing mentions, closes, links or skips anything, wherever it is put.

    Done twice it changes nothing more.

    >>> defused("cpu 93 %, fixes #12, thanks @ops, see https://evil.example [skip ci]")
    'cpu 93 %, fixes no. 12, thanks (at)ops, see https: //evil.example (skip ci)'
    """
    line = _without_effect(one_visible_line(text[:FARTHEST]))
    if len(line) <= longest:
        return line
    # A cut may join what a space kept apart, so it is made safe again, which may take a space or two.
    return _without_effect(cut(line, longest - _ROOM))


def inert(text: str, longest: int = LONGEST) -> str:
    r"""Write `text` as a sentence that Markdown shows letter by letter, in at most `longest` of them.

    >>> inert("a_b *bold* <img> `x` | y")
    'a_b \\*bold\\* &lt;img&gt; \\`x\\` \\| y'
    """
    pieces = _SHORT_COMMIT.split(defused(text, longest))
    escaped = "".join(f"`{piece}`" if number % 2 else _escaped(piece) for number, piece in enumerate(pieces))
    return _BLOCK_START.sub(_after_backslash, escaped)


def code(text: str, longest: int = LONGEST) -> str:
    """`text` as a code span, also inside of a table: for names, values and commands.

    >>> code("neuropilot explain web-20261120T06Z")
    '`neuropilot explain web-20261120T06Z`'
    """
    plain = defused(text, longest).translate({ord("`"): "'", ord("|"): "¦"})
    return f"`{plain or 'unnamed'}`"


def fenced(kind: str, text: str) -> str:
    """Text line by line as it is, between fences that it cannot close; what is hidden shows as its number."""
    shown = "\n".join("".join(map(_seen, line)) for line in re.split(r"\r\n|\r|\n", _ESCAPE_SEQUENCES.sub("", text)))
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{shown.rstrip()}\n{fence}"


def quieted(text: str) -> str:
    """A diff with a space in everything that a host would act upon, should somebody make a commit message of it."""
    for pattern, replacement in _QUIETED:
        text = pattern.sub(replacement, text)
    return text


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells that are Markdown already (`inert` or `code`), as a table."""
    return "\n".join(table_row(cells) for cells in (header, ["---"] * len(header), *rows))


def table_row(cells: Sequence[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def bullets(lines: Iterable[str]) -> str:
    """Lines that are Markdown already, as a list."""
    return "\n".join(f"- {line}" for line in lines)


def folded(summary: str, content: str) -> str:
    """Markdown that is shown after a click on `summary`, which is a word or two of ours."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def image(alt: str, address: str) -> str:
    """A picture at an address of ours; nothing where that is no plain web address."""
    return f"![{alt}]({address})" if _ADDRESS.fullmatch(address) else ""


def bar_chart(title: str, unit: str, bars: Mapping[str, float]) -> str:
    """Bars that the host draws from text (Mermaid), in a block.

    Parameters
    ----------
    title, unit
        Words; of anything else than letters, digits and spaces nothing is left.
    bars
        Finite height by label, at least one; below 0 it is drawn as 0.
    """
    heights = [abs(max(value, 0.0)) for value in bars.values()]  # a negative nothing is drawn as nothing
    labels = ", ".join(f'"{_plain_words(label)}"' for label in bars)
    lines = (
        "xychart-beta",
        f'    title "{_plain_words(title)}"',
        f"    x-axis [{labels}]",
        f'    y-axis "{_plain_words(unit)}" 0 --> {_plain_number(1.1 * max(heights) or 1.0)}',
        f"    bar [{', '.join(map(_plain_number, heights))}]",
    )
    return fenced("mermaid", "\n".join(lines))


def cut(text: str, longest: int) -> str:
    """At most `longest` characters, an ellipsis at the cut."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _without_effect(line: str) -> str:
    for pattern, replacement in _DEFUSED:
        line = pattern.sub(replacement, line)
    return " ".join(line.split())


def _plain_words(text: str) -> str:
    return " ".join(re.sub(r"[^A-Za-z0-9]+", " ", text).split())[:60] or "unnamed"


def _plain_number(value: float) -> str:
    """Without exponent, as the grammar of Mermaid wants it."""
    return format(Decimal(f"{value:.4g}"), "f")


def _escaped(text: str) -> str:
    return re.sub("_+", _escaped_underscores, text.translate(_SIGNS))


def _escaped_underscores(found: re.Match[str]) -> str:
    """Leave those inside of a word, where they mean nothing."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return found[0] if before.isalnum() and after.isalnum() else "\\_" * len(found[0])


def _after_backslash(found: re.Match[str]) -> str:
    """Keep the first characters of a line from making it a heading, a list or a rule."""
    first = found[0]
    return f"{first}\\" if first[0].isdigit() else f"\\{first}"


def _with_few_marks(text: str) -> str:
    """Leave at most a few combining marks in a row."""
    return "".join(
        "".join(list(run)[:_MARKS]) if is_mark else "".join(run)
        for is_mark, run in groupby(text, lambda char: unicodedata.category(char) in {"Mn", "Me"})
    )


def _seen(char: str) -> str:
    """The character, or its number where it would not be seen, or would end the line."""
    is_hidden = unicodedata.category(char)[0] == "C" or char in "\u2028\u2029" or _BLANK.match(char)
    return f"<U+{ord(char):04X}>" if is_hidden and char != "\t" else char

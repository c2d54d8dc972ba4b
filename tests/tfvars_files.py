"""Random `.tfvars` files that Terraform accepts, each with one number whose place is known."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_KEYS = ("cpu", "memory", "latency", "in", "if", "null_or_so", "a-b", "_x", "neuropilot")
_WORDS = st.sampled_from(
    ["cpu = 5", "neuropilot", "{", "}", "]", '"', "<<EOT", "/*", "ö漢🚀", "\u2028", "\t", "", "${x"]
)


@dataclass(frozen=True, slots=True)
class Generated:
    """A file in three pieces: `head`, the digits of the number at `path`, `tail`."""

    head: str
    literal: str
    tail: str
    path: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole file."""
        return self.head + self.literal + self.tail

    @property
    def value(self) -> Decimal:
        """The number as it stands."""
        return Decimal(self.literal.replace(" ", ""))


def values(places: int = 3) -> SearchStrategy[Decimal]:
    """Numbers that an agent may want to write."""
    return st.decimals(-10_000, 10_000, places=places).map(lambda value: value + 0)


@st.composite
def literals(draw: DrawFn) -> str:
    """A number as people write it."""
    digits = draw(st.integers(0, 99_999)).__str__()
    fraction = draw(st.sampled_from(["", ".5", ".250", ".0"]))
    exponent = draw(st.sampled_from(["", "", "", "e1", "E+2", "e-3"]))
    sign = draw(st.sampled_from(["", "", "", "-", "- "]))
    zeros = draw(st.sampled_from(["", "", "0"]))
    return f"{sign}{zeros}{digits}{fraction}{exponent}"


@st.composite
def comments(draw: DrawFn) -> str:
    """A comment of any kind, without the end of its line."""
    words = " ".join(draw(st.lists(_WORDS, max_size=3)))
    return draw(st.sampled_from([f"# {words}", f"// {words}", f"#{words}", "/* " + words.replace("/*", "") + " */"]))


@st.composite
def other_values(draw: DrawFn) -> str:
    """Any value but the number in question."""
    return draw(
        st.sampled_from(
            [
                "true",
                "null",
                "55",
                "-1.50",
                '"80"',
                '"cpu = 5 # { /* \\" \\\\ é"',
                '"$${not} %%{this}"',
                "40 * 2",
                "(3)",
                "[]",
                '[1, "two", { cpu = 3 },\n  # ]\n  4,\n]',
                "{}",
                "{ cpu = 5, memory : 6 }",
                '{\n  "cpu" = 5 # }\n  inner = {\n    cpu = 7\n  }\n}',
                "<<EOT\ncpu = 5\n# neuropilot: ignore\nEOT\n",
                "<<-EOT\n  cpu = 5 }\n  EOT\n",
            ]
        )
    )


@st.composite
def generated_files(draw: DrawFn) -> Generated:
    """A whole file: comments, blank lines and other values around one number, lines ended in one way or both."""
    keys = draw(st.lists(st.sampled_from(_KEYS), min_size=1, max_size=5, unique=True))
    target, *others = keys
    before = draw(st.integers(0, len(others)))
    depth = draw(st.integers(0, 2))
    is_marked = draw(st.booleans())
    above = "".join(draw(_definition(key)) for key in others[:before]) + draw(_padding())
    below = draw(_padding()) + "".join(draw(_definition(key)) for key in others[before:])
    head, tail, path = draw(_target(target, depth))
    quote = draw(st.sampled_from(["", "", '"']))
    head = ("\ufeff" if is_marked else "") + draw(_with_line_ends(above + head + quote))
    tail = draw(_with_line_ends(quote + tail + below))
    if draw(st.booleans()) and not tail.endswith("EOT\r\n") and not tail.endswith("EOT\n"):
        tail = tail.rstrip("\r\n")
    literal = draw(literals())
    return Generated(head, literal.replace(" ", "") if quote else literal, tail, path)


@st.composite
def _padding(draw: DrawFn) -> str:
    """Blank lines and comment lines."""
    lines = draw(st.lists(st.one_of(comments(), st.sampled_from(["", "  ", "\t"])), max_size=3))
    return "".join(f"{line}\n" for line in lines)


@st.composite
def _definition(draw: DrawFn, key: str) -> str:
    """One attribute at the top level, with what people write around it."""
    value = draw(other_values())
    space = draw(st.sampled_from(["", " ", "  ", "\t"]))
    end = "" if value.endswith("\n") else draw(_line_end())
    return f"{draw(_padding())}{space}{key}{space}={space}{value}{end}"


@st.composite
def _line_end(draw: DrawFn) -> str:
    """What may stand behind a value on its line."""
    return draw(st.one_of(st.just("\n"), comments().map(lambda comment: f" {comment}\n")))


@st.composite
def _target(draw: DrawFn, key: str, depth: int) -> tuple[str, str, tuple[str, ...]]:
    """What stands before and behind the number, and the path to it: an attribute, or an element of nested objects."""
    head, tail, path = f"{key} = ", draw(_line_end()), (key,)
    for level in range(depth):
        inner = draw(st.sampled_from(["cpu", "max", "two words", "a.b"]))
        written = f'"{inner}"' if not inner.isalpha() or draw(st.booleans()) else inner
        sign = draw(st.sampled_from([" = ", "=", " : "]))
        neighbour = draw(st.sampled_from(["", f"other{level} = 5\n", f'"other{level}" = {{ cpu = 6 }}\n']))
        head = f"{head}{{\n{neighbour}  {written}{sign}"
        tail = f"{draw(_line_end())}}}{tail}"
        path = (*path, inner)
    return head, tail, path


@st.composite
def _with_line_ends(draw: DrawFn, text: str) -> str:
    r"""The same text with `\n`, with `\r\n`, or with both."""
    pieces = text.split("\n")
    ends = draw(
        st.one_of(
            st.just(["\n"] * len(pieces)),
            st.just(["\r\n"] * len(pieces)),
            st.lists(st.sampled_from(["\n", "\r\n"]), min_size=len(pieces), max_size=len(pieces)),
        )
    )
    return "".join(f"{piece}{end}" for piece, end in zip(pieces[:-1], ends, strict=False)) + pieces[-1]

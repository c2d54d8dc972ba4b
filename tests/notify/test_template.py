"""A team may word its messages itself; whatever its template does, the message is sent and nothing gets out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from posting import a_message

from ai_ops.domain.document import Document, Tone
from ai_ops.domain.message import AlarmNotice, Level, Message, Picture, Property
from ai_ops.notify.template.process import render
from ai_ops.notify.template.template import MOST_BYTES, Broken, Template
from ai_ops.notify.template.values import values_of

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.notify.channel import Written

AT = datetime(2026, 11, 20, 9, 17, tzinfo=UTC)
PICTURE = Picture("latency", "p95 of a day", b"png")
MESSAGE = a_message(
    title="web: hold",
    facts=(("CPU", "47 %"), ("Cost", "3.10 EUR")),
    lines=("all is calm", "neuropilot explain web-1"),
    at=AT,
    level=Level.LOW,
    alarms=(AlarmNotice("web/p95", "slow", Level.HIGH),),
    properties=(Property("CPU %", 47.0), Property("Date", AT), Property("Services", ("web",))),
    document=Document("t", "s", "h", "w", "a", Tone.GOOD, is_simulated=False, sections=()),
    pictures=(PICTURE,),
    link="https://acme.example/report",
)

WHOLE = """\
{{ service|upper }} is {{ level }} ({{ kind }}, {{ at[:10] }})
{% for label, value in facts %}
  {{ label }}: {{ value }}
{% endfor %}

{{ lines|first }}; {{ alarms[0].summary }} since {{ properties["Date"] }}, {{ "%.1f"|format(properties["CPU %"]) }}
{{ link }}
"""


def worded(folder: Path, text: str, message: Message = MESSAGE, name: str = "ops/slack.j2", **limits: float) -> Written:
    """What becomes of a message by a template."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return Template(folder, name, os.environ, str, **limits)(message)


def test_the_first_line_is_the_title_and_the_others_are_lines(tmp_path: Path) -> None:
    """Each on a line of its own; pictures and alarms stay (S004-44)."""
    written = worded(tmp_path, WHOLE)
    assert written.problem == ""
    assert written.message.title == "WEB is low (cycle, 2026-11-20)"
    assert written.message.lines == (
        "  CPU: 47 %",
        "  Cost: 3.10 EUR",
        "all is calm; slow since 2026-11-20T09:17:00Z, 47.0",
        "https://acme.example/report",
    )
    assert (written.message.facts, written.message.document) == ((), None)
    assert (written.message.pictures, written.message.alarms) == (MESSAGE.pictures, MESSAGE.alarms)
    assert (written.message.key, written.message.level) == (MESSAGE.key, MESSAGE.level)


def test_a_page_is_escaped_and_its_title_is_not(tmp_path: Path) -> None:
    """What stands in a value is no markup (H20)."""
    message = a_message(title="web & <b>", lines=("<script>alert(1)</script>",))
    written = worded(tmp_path, "{{ title }}\n<p>{{ lines[0] }}</p>\n", message, "ops/mail.html")
    assert written.message.title == "web & <b>"
    assert written.message.html == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert written.message.lines == message.lines


def test_plain_text_is_not_escaped(tmp_path: Path) -> None:
    """Every channel escapes as it needs."""
    assert worded(tmp_path, "{{ title }}", a_message(title="a & b < c")).message.title == "a & b < c"


def test_no_value_forges_a_line(tmp_path: Path) -> None:
    """A title from telemetry cannot write the lines below itself (H20)."""
    message = a_message(title="web\nAll is well: go home", lines=("one\u2028two\x1b[31m",))
    written = worded(tmp_path, "{{ title }}\n{{ lines[0] }}", message)
    assert written.message.title == "web All is well: go home"
    assert written.message.lines == ("one two [31m",)


def test_secrets_are_taken_out_behind_the_template(tmp_path: Path) -> None:
    """Also those that only the template puts together (H09)."""
    (tmp_path / "t.j2").write_text("{{ 'hun' ~ 'ter2!' }}\n{{ 'hun' ~ 'ter2!' }}")
    written = Template(tmp_path, "t.j2", os.environ, lambda text: text.replace("hunter2!", "***"))(MESSAGE)
    assert (written.message.title, written.message.lines) == ("***", ("***",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fine\n{{ nope }}", "ops/slack.j2, line 2: 'nope' is undefined"),
        ("fine\n\n{% for %}", "ops/slack.j2, line 3: Expected an expression, got 'end of statement block'"),
        ("{{ 1 / 0 }}", "ops/slack.j2, line 1: division by zero"),
        ("\n \n", "ops/slack.j2 gives no first line, which would be the title"),
        ("x{% include 'ops/other.j2' %}", "ops/slack.j2, line 1: no loader for this environment specified"),
        ("{% for n in range(99999) %}{{ 'x' * 99 }}{% endfor %}", "ops/slack.j2: it gives more than 20000 characters"),
        ("{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}", "ops/slack.j2, line 1: it calls itself without end"),
        ("{{ 'x' * 10**10 }}", "ops/slack.j2, line 1: it needs too much memory"),
        ("x\n{{ ''.__class__ }}", "ops/slack.j2, line 2: access to attribute '__class__' of 'str' object is unsafe."),
    ],
)
def test_a_broken_template_costs_its_words_and_no_message(tmp_path: Path, text: str, problem: str) -> None:
    """The built-in text is sent, and the receipt says what is wrong, and where."""
    written = worded(tmp_path, text)
    assert written.problem == f"the built-in text was sent: {problem}"
    assert written.message == MESSAGE


def test_a_template_without_end_is_ended(tmp_path: Path) -> None:
    """It computes so long and no longer, whatever the clock on the wall says."""
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    written = worded(tmp_path, endless, cpu_seconds=1)
    assert written.problem == "the built-in text was sent: ops/slack.j2 computed for more than 1 s"
    written = worded(tmp_path, endless, seconds=0.2)
    assert written.problem == "the built-in text was sent: ops/slack.j2 took more than 0.2 s"


def test_the_process_of_a_template_knows_no_secret(tmp_path: Path) -> None:
    """Were there a way out of the sandbox, there would be nothing to find (H09)."""
    from ai_ops.notify.template.template import _PASSED_ON

    assert not [name for name in _PASSED_ON if any(part in name for part in ("TOKEN", "KEY", "SECRET", "URL", "CI"))]


def test_a_template_is_read_from_the_repository_alone(tmp_path: Path) -> None:
    """No link leads out of it, nor to the keys that git keeps inside."""
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / ".git/config").write_text("token = 1")
    (tmp_path / "outside.j2").write_text("secret")
    (root / "out.j2").symlink_to(tmp_path / "outside.j2")
    (root / "folder").symlink_to(tmp_path)
    (root / "git.j2").symlink_to(root / ".git/config")
    (root / "plain.j2").write_text("{{ title }}")
    (root / "in.j2").symlink_to(root / "plain.j2")
    for name in ("out.j2", "folder/outside.j2", "git.j2"):
        written = Template(root, name, os.environ, str)(MESSAGE)
        assert written.message == MESSAGE
        assert f"{name} leads out of the repository, or to what is hidden in it" in written.problem
    assert Template(root, "in.j2", os.environ, str).source() == "{{ title }}"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), (b"\xff\xfe", "no text in UTF-8"), (b"x" * (MOST_BYTES + 1), "more than 65536 bytes")],
    ids=["missing", "binary", "huge"],
)
def test_what_is_no_template_says_so(tmp_path: Path, content: bytes | None, says: str) -> None:
    """A file that is gone, or something else than text."""
    if content is not None:
        (tmp_path / "t.j2").write_bytes(content)
    with pytest.raises(Broken, match=says):
        Template(tmp_path, "t.j2", os.environ, str).source()


def test_a_folder_or_a_pipe_is_no_template(tmp_path: Path) -> None:
    """Nothing is waited for."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(Broken, match="cannot be read"):
            Template(tmp_path, name, os.environ, str).source()


ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ title|attr('__class__') }}",
    "{{ title['__cl' ~ 'ass__'] }}",
    "{{ (title|string).__class__ }}",
    "{{ title.__init__.__globals__ }}",
    "{{ lines.__class__.__base__ }}",
    "{{ lines.append('x') }}",
    "{{ properties.update({}) }}",
    "{{ properties.clear() }}",
    "{{ '{0.__class__.__mro__}'.format(title) }}",
    "{{ '{a.__init__}'.format(a=title) }}",
    "{{ '{a.__class__}'.format_map({'a': title}) }}",
    "{{ ('{0.__class__}'|string).format(1) }}",
    "{{ ['{0.__class__}']|map('format', title)|list }}",
    "{{ [title]|map(attribute='__class__')|first }}",
    "{{ [title]|selectattr('__class__')|list }}",
    "{{ ([title]|groupby('__class__'))[0][0] }}",
    "{{ [title]|sort(attribute='__class__.__name__') }}",
    "{{ [title]|sum(attribute='__class__') }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ dict.mro() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ range.__self__ }}",
    "{{ range.__globals__ }}",
    "{{ range(999999999) }}",
    "{{ request }}",
    "{{ config }}",
    "{{ loop }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ ().__reduce_ex__(2) }}",
    "{{ (1).__add__.__func__ }}",
    "{{ title.encode.__self__.__class__ }}",
    "{{ {}.items.__func__ }}",
    "{% set x = [] %}{{ x.append.__self__.__class__ }}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m.__init__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__code__ }}",
    "{% for x in lines %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{% import 'os' as os %}",
    "{% from 'os' import popen %}",
    "{% extends '/etc/passwd' %}",
    "{% include '/etc/passwd' %}",
    "{{ title|pprint }}",
    "{{ title|random }}",
    "{{ title|safe }}",
)


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_known_way_leads_out_of_the_sandbox(escape: str) -> None:
    """Each of them is refused; none gives a text, and none changes a value."""
    values = values_of(MESSAGE)
    with pytest.raises((SecurityError, UndefinedError, TemplateError, TypeError, OverflowError)):
        render(escape, values, is_html=False)
    assert values == values_of(MESSAGE)

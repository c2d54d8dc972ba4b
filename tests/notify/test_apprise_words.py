"""The words for services of every size: within the limit, whole, and inert."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hostile import hostile
from inertness import HIDDEN
from messages import DOCUMENT, MORNING, REVIEW, filled

from ai_ops.domain.message import Message
from ai_ops.notify.apprise.words import Form, words_for

SHORT_MESSAGE = Message("web-1", "web: hold", (("CPU", "47 %"),), ("all is calm",), review_url=REVIEW)
HUGE = Message("k" * 9000, "t\n" * 9000, (("a" * 900, "&" * 900),) * 20, ("<" * 900,) * 20, review_url=REVIEW)


@pytest.mark.parametrize(
    ("markup", "body"),
    [
        ("text", f"Review the pull request: {REVIEW}\nCPU: 47 %\n• all is calm"),
        ("markdown", f"[Review the pull request]({REVIEW})\n\nCPU: 47 %\n\n• all is calm"),
        ("html", f'<a href="{REVIEW}">Review the pull request</a><br>\nCPU: 47 %<br>\n• all is calm'),
    ],
)
def test_a_message_in_each_markup(markup: str, body: str) -> None:
    """Golden texts; a title stands in the body where the service has none."""
    form = Form(markup, 32_768, 250)  # type: ignore[arg-type]
    assert words_for(SHORT_MESSAGE, form, str) == ("web: hold", body)
    strong = {"text": "web: hold", "markdown": "**web: hold**", "html": "<b>web: hold</b>"}[markup]
    assert words_for(SHORT_MESSAGE, replace(form, title_max=0), str)[1].startswith(strong)


def test_a_report_leads_with_what_matters() -> None:
    """Headline, why and what to do come before the figures."""
    _, body = words_for(replace(MORNING, title="Daily report"), Form("text", 32_768, 250), str)
    assert "Do it" not in body  # which is the review
    assert body.splitlines()[:3] == [
        DOCUMENT.headline,
        f"Why: {DOCUMENT.why}",
        "To do: Review pull request 12, or run neuropilot pause",
    ]


@pytest.mark.parametrize("limit", [67, 160, 255, 640, 641, 1000, 4000, 32_768])
@pytest.mark.parametrize("markup", ["text", "markdown", "html"])
@pytest.mark.parametrize(
    "message", [SHORT_MESSAGE, MORNING, HUGE, Message("", "", (), ())], ids=["short", "report", "huge", "empty"]
)
def test_no_limit_is_passed(message: Message, markup: str, limit: int) -> None:
    """What is too long is left out line by line, so that no link and no markup stays open."""
    title, body = words_for(message, Form(markup, limit, 20, 5), str)  # type: ignore[arg-type]
    assert 0 < len(body) <= limit
    assert len(title) <= 20
    assert len(body.splitlines()) <= 5 * 2
    assert body.count("](") == body.count("[")
    assert body.count("<a ") == body.count("</a>")
    assert REVIEW in body or REVIEW[:30] not in body


def test_a_simulation_shows_in_every_size() -> None:
    """Also on a phone, and where there is no title (S001-84)."""
    message = replace(SHORT_MESSAGE, is_simulated=True)
    for form in (Form("text", 160), Form("text", 2000), Form("html", 2000, 250)):
        assert "(simulated)" in "".join(words_for(message, form, str))


def test_hostile_text_is_nothing_but_letters() -> None:
    """No mention, no link, no tag, no markup, nothing hidden; in each markup (H20)."""
    for name, text in hostile().items():
        for markup in ("text", "markdown", "html"):
            form = Form(markup, 8_000, 250)  # type: ignore[arg-type]
            message = replace(SHORT_MESSAGE, title=text, facts=((text[:900], text[:900]),), lines=(text[:900],))
            title, body = words_for(replace(message, review_url=""), form, str)
            plain = re.sub(r"<br>|</?b>", "", body) if markup == "html" else body
            assert not HIDDEN.search(f"{title}{plain}".replace("\n", "")), name
            assert not re.search(r"://|@\w|[<>`\\]|\]\(|\*|\|", title + plain), name
            assert not re.search(r"^\s*(?:[#>+=-]|\d+[.)])", body.partition("\n")[2], re.MULTILINE), name


def test_secrets_are_gone_before_anything_is_cut() -> None:
    """Half of one is one too many (H09)."""
    secret = "canary-7Q2mZ"

    def redact(text: str) -> str:
        return text.replace(secret, "***")

    for limit in (60, 160, 700, 2000):
        said = "".join(words_for(filled(f"{'x ' * 20}{secret}"), Form("text", limit), redact))
        assert "canary" not in said

"""Secrets leave every text; all else stays. What is personal has tests of its own."""

from __future__ import annotations

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ai_ops.redact import Redactor, redact

CANARY = "Kanarienvogel/17+ü&='<\""
SECRETS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=6, max_size=30)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgres://me:p@ss@db:5432/x", "postgres://***@db:5432/x"),
        ("GET http://token@prom:9090/api?query=up", "GET http://***@prom:9090/api?query=up"),
        ("https://x.io/a?api_key=1234abcd&step=60", "https://x.io/a?api_key=***&step=60"),
        ("https://x.io/a?sig=abc%2F&x=1", "https://x.io/a?sig=***&x=1"),
        ("Authorization: Bearer abc.def\r\nHost: x", "Authorization: ***\r\nHost: x"),
        ("{'Authorization': 'Basic YTpi'}", "{'Authorization': '***'}"),
        ("curl -H 'Cookie: session=1'", "curl -H 'Cookie: ***'"),
        ("sent Bearer AbC123dEf456 on", "sent Bearer *** on"),
        ("glsa_abcdefgh12345678_0badcafe!", "***!"),
        ("glc_eyJvIjoiMTIzNDU2In0=", "***"),
        ("ghp_abcdefghijklmnop123 gho_abcdefghijklmnop123 ghs_abcdefghijklmnop123", "*** *** ***"),
        ("github_pat_11ABCDEFG0123456789_abcdef", "***"),
        ("xoxb-1234567890-abcdef", "***"),
        ("https://hooks.slack.com/services/T01/B02/abcDEF123 failed", "https://hooks.slack.com/services/*** failed"),
        ("AKIAIOSFODNN7EXAMPLE is lost", "*** is lost"),
        ("eyJhbGciOi.eyJzdWIiOi.sig-nature_1", "***"),
        ("a -----BEGIN RSA PRIVATE KEY-----\nMII\nEow\n-----END RSA PRIVATE KEY----- b", "a *** b"),
        ("-----BEGIN PRIVATE KEY-----\\nMIIEow cut off", "***"),
        ("GRAFANA_API_KEY=abc SLACK_TOKEN='x y'", "GRAFANA_API_KEY=*** SLACK_TOKEN='*** y'"),
        ('{"password": "correct horse", "a": 1}', '{"password": "***", "a": 1}'),
        ("ask jane.doe+ops@example.co.uk now", "ask [e-mail] now"),
    ],
)
def test_what_looks_secret_is_removed(text: str, clean: str) -> None:
    """Secrets are recognised by their shape even where their value is not known (S001-127, H09, H10)."""
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        'sum(rate(http_requests_total{job="web",code=~"5.."}[5m])) / 2',
        "1:5: parse error: unexpected token: }",
        "max_tokens=4096",
        "basic authentication is required",
        "git@github.com:acme/infra.git",
        "cpu_scale_out_percent = 80  # neuropilot: ignore",
        "http://127.0.0.1:9090/api/v1/query_range?start=1&step=60",
        "task-force-of-many-people-in-one-place",
        "",
    ],
)
def test_innocent_text_is_untouched(text: str) -> None:
    """An error that a person must read keeps its words; expressions and addresses are not secrets."""
    assert redact(text) == text


@pytest.mark.parametrize(
    "spelled",
    [
        CANARY,
        quote(CANARY),
        quote(CANARY, safe=""),
        quote_plus(CANARY),
        html.escape(CANARY),
        html.escape(CANARY, quote=False),
        html.escape(CANARY).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        json.dumps(CANARY),
        repr(CANARY),
        base64.b64encode(CANARY.encode()).decode(),
        base64.urlsafe_b64encode(CANARY.encode()).decode(),
        base64.b64encode(f"user:{CANARY}".encode()).decode(),
        base64.b64encode(f"12:{CANARY}!".encode()).decode(),
    ],
)
def test_known_value_is_removed_in_every_spelling(spelled: str) -> None:
    """A canary does not come back out of a URL, a header, JSON or a traceback (H09)."""
    clean = Redactor([CANARY])(f"before {spelled} after")
    assert "Kanarien" not in clean
    assert base64.b64encode(CANARY.encode()).decode()[4:12] not in clean
    assert clean.startswith("before ")
    assert clean.endswith(" after")


def test_short_values_are_no_secrets() -> None:
    """Masking every "web" because somebody's password is "web" would make each message unreadable."""
    assert Redactor(["web", ""])("the service web is up") == "the service web is up"


@given(secret=SECRETS, before=st.text(), after=st.text())
def test_a_known_secret_never_survives(secret: str, before: str, after: str) -> None:
    """Whatever stands around it, a known value is gone (H09)."""
    assert secret not in Redactor([secret])(before + secret + after)


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\ufeff", "\u2060\u200d", "\u202e"])
def test_letters_that_nobody_sees_hide_nothing(unseen: str) -> None:
    """On a page the halves stand together again; innocent text keeps its joiners (H01, H09)."""
    half = len(CANARY) // 2
    hidden = f"{CANARY[:half]}{unseen}{CANARY[half:]} glsa_abc{unseen}defgh12345678 jane{unseen}@example.org"
    assert Redactor([CANARY])(f"ask {hidden} now") == "ask *** *** [e-mail] now"
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 and 12\u00a0%"
    assert Redactor([CANARY])(family) == family


PIECES = st.sampled_from(
    [
        "\u200b",
        "\u00ad",
        "://",
        "me:pw@",
        "host",
        "/",
        "?api_key=",
        "token=",
        "x",
        "Authorization: ",
        "Bearer abc12345",
        "\n",
        "password: ",
        "'",
        '"',
        "{",
        "}",
        ", ",
        "a@b.cd",
        "/services/T1/B2/c3",
        "glsa_12345678",
        "eyJaaaaa.bbbbb.c",
        "-----BEGIN PRIVATE KEY-----",
        "***",
        "cookie=",
        "&sig=",
        "secret_",
    ]
)


@example("a@b.cdsecret_a@b.cd")
@given(st.lists(PIECES, max_size=12).map("".join))
def test_removing_twice_changes_nothing_more(text: str) -> None:
    """A text may pass several doors, each of which removes secrets."""
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "://",
        "token=",
        "token",
        "eyJ-",
        "eyJa.",
        "a@a.",
        "Authorization:",
        "-----BEGIN PRIVATE KEY-----",
        "bearer ",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """The text may come from a stranger; a megabyte of it must not stop the agent (linear time)."""
    begin = time.perf_counter()
    redact(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - begin < 10

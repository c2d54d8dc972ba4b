"""No text of telemetry or of people gets into a model's files, which git keeps for ever (H12, H09)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from canaries import SHAPED
from hostile import hostile_lines
from model_cards import CARD
from model_versions import as_json, model_files, name_of

from ai_ops.domain.errors import ModelRefused
from ai_ops.learn.card import card_files
from ai_ops.learn.raw_text import LONGEST_LINE, raw_text_in
from ai_ops.learn.registry import Registry
from ai_ops.learn.signature import Signer, new_key_pair

if TYPE_CHECKING:
    from pathlib import Path

CANARIES = {
    "an e-mail address": "jane.doe@customer-17.example",
    "a token with a shape": SHAPED,
    "a token without one": "q7Zr0Kd81LmWx52VbTnH39",
    "a session": "c56a4180-65aa-42ec-a945-5fd21dec0538",
    "a line of a log": "2026-11-20 12:00:01,512 ERROR checkout failed for customer 4711",
    "a line of a log with pairs": "level=info msg=paid user=4711 amount=12.50",
    "a request": '10.0.0.3 - - [20/Nov/2026:12:00:01 +0000] "GET /account/4711 HTTP/1.1" 500',
    "an address": "upstream 2001:db8:85a3::8a2e:370:7334 is gone",
    "a traceback": "java.lang.NullPointerException at com.acme.Cart.pay(Cart.java:88)",
    "a syslog line": "Nov 20 12:00:01 web-1 sshd[4242]: Failed password for root",
    "a query": "see https://shop.example/orders?customer=4711",
    "a key": "-----BEGIN PRIVATE KEY-----MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v",
    "an escape": "\x1b[31mred\x1b[0m",
}
HARMLESS = (
    "It knows 9.5 days, so it has seen each weekday less than twice: what comes once a week may look abnormal to it.",
    "AUC 0.87 (0.81 to 0.92) at 12:30 UTC on 2026-11-20, above min_auc = 0.65.",
    "The GDPR (Article 22) and the FCRA (15 U.S.C. 1681 and following); `neuropilot model rollback`.",
    "| cpu_percent | 41.5 | 99.1 % | 20261120T0310Z-3f9c1a2b |",
    "It trained from 2026-11-06T03:10:00Z to 2026-11-20T03:10:00Z; 10-minute steps; 1:2:3.",
    "Model " + "3f9c1a2b" * 8 + " of web",
    "",
)


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
@pytest.mark.parametrize("name", ["anomaly_model.json", "statistics.json", "model_card.json", "MODEL_CARD.md"])
def test_planted_text_is_found_in_every_file(name: str, canary: str) -> None:
    """As a value, as a key, deep inside, inside a sentence; the complaint does not repeat it."""
    planted = [
        {"version": 1, "note": canary},
        {"version": 1, "nested": [{"deep": [0.5, canary]}]},
        {"version": 1, canary: 0.5},
        {"version": 1, "reason": f"It was refused: {canary}"},
    ]
    for form in planted:
        content = as_json(form) if name.endswith(".json") else f"# Model\n\nIt was refused: {canary}\n".encode()
        problem = raw_text_in(name, content, {"web"})
        assert problem
        assert canary not in problem


def test_a_value_hidden_behind_its_own_key_is_found() -> None:
    """Parsers keep the second of two equal keys; git keeps both."""
    content = b'{"kind": "jane.doe@customer-17.example", "kind": "warm"}'
    assert "kind" in raw_text_in("anomaly_model.json", content, ())


@pytest.mark.parametrize("line", HARMLESS)
def test_sentences_of_ours_pass_in_a_card(line: str) -> None:
    """A net that catches everything would be cut."""
    assert raw_text_in("model_card.json", as_json({"limits": [line]}), ()) == ""
    assert raw_text_in("MODEL_CARD.md", f"{line}\n".encode(), ()) == ""


@pytest.mark.parametrize("line", [line for line in HARMLESS if " " in line])
def test_no_sentence_at_all_passes_beside_numbers(line: str) -> None:
    """What a model computes with needs names and times; a sentence in it is somebody's."""
    assert "no name, time or digest" in raw_text_in("statistics.json", as_json({"note": line}), ())


@pytest.mark.parametrize(
    "word",
    [
        "latency_p95_ms",
        "http_5xx_ratio",
        "known_columns",
        "level shift",
        "warm",
        "rolled back",
        "2026-11-20",
        "0.25",
        "2026-11-20T03:10:00Z",
        "2026-11-20T03:10:00+00:00",
        "20261120T0310Z-3f9c1a2b",
        "3f9c1a2b" * 8,
        "scaler.json",
    ],
)
def test_names_pass_everywhere(word: str) -> None:
    """Metrics, kinds of fault, times, versions, digests."""
    assert raw_text_in("statistics.json", as_json({"kind": word, word: 1.5}), ()) == ""


def test_a_team_of_hostile_texts_gets_into_no_file_of_numbers() -> None:
    """Every line of the corpus that is more than a word (H01): single words are what names are made of."""
    lines = [line for line in hostile_lines() if not line.isalnum()]
    assert len(lines) >= 150
    for line in lines:
        assert raw_text_in("anomaly_model.json", as_json({"note": line}), ()), line


@pytest.mark.parametrize(
    "content", [b"\x80\x04K\x01.", b"{", b'{"a": NaN}', b'{"a": 1e999, "b": Infinity}', b"[" * 9999]
)
def test_what_is_not_json_is_not_kept_as_json(content: bytes) -> None:
    """A pickle under our name, and numbers that JSON does not have."""
    assert raw_text_in("scaler.json", content, ())


@pytest.mark.timeout(10)
@pytest.mark.parametrize("letter", ["a", "1a", "=", "a=", "0:", "a.", "/", " "])
def test_a_long_line_takes_no_time(letter: str) -> None:
    """Every pattern is bounded (H29)."""
    for length in (LONGEST_LINE, 1_000_000):
        line = (letter * length)[:length]
        raw_text_in("MODEL_CARD.md", line.encode(), ())
        raw_text_in("model_card.json", json.dumps([line] * 5).encode(), ())
        raw_text_in("anomaly_model.json", json.dumps([line] * 5).encode(), ())


def test_what_the_caller_knows_to_be_harmless_passes() -> None:
    """The name of a service has dashes and digits, as a token has."""
    name = "payments-eu-west-1-blue-2026"
    assert raw_text_in("MODEL_CARD.md", f"Model of {name}\n".encode(), ())
    assert raw_text_in("MODEL_CARD.md", f"Model of {name}\n".encode(), {name}) == ""
    assert raw_text_in("statistics.json", as_json({"service": name}), {name}) == ""


@pytest.mark.parametrize("file", model_files())
@pytest.mark.parametrize("canary", ["an e-mail address", "a token with a shape", "a line of a log"])
def test_nothing_is_written_when_one_file_holds_raw_text(tmp_path: Path, file: str, canary: str) -> None:
    """The check comes before the first byte; the error can be logged, the text is not in it."""
    files = model_files()
    version = name_of(files)
    planted = CANARIES[canary].encode()
    files[file] = as_json({"note": planted.decode()}) if file.endswith(".json") else files[file] + planted
    with pytest.raises(ModelRefused, match="git keeps them for ever") as refusal:
        Registry(tmp_path / "models").write("web", version, files)
    assert CANARIES[canary] not in str(refusal.value)
    assert not (tmp_path / "models").exists()


def test_the_public_half_of_the_key_may_stand_in_the_card(tmp_path: Path) -> None:
    """Who reads the card wants to know which key vouches for it; no other run of letters passes."""
    signer, other = Signer(new_key_pair().private), new_key_pair().public
    files = model_files()
    card = json.loads(files["model_card.json"])
    for public, passes in ((signer.verifier.public, True), (other, False)):
        files["model_card.json"] = as_json({**card, "signed_with": public})
        assert (raw_text_in("model_card.json", files["model_card.json"], {signer.verifier.public}) == "") is passes
    files["model_card.json"] = as_json({**card, "signed_with": signer.verifier.public})
    Registry(tmp_path).write("web", name_of(files), files, signer)


def test_a_real_card_passes() -> None:
    """All sentences that the agent writes itself, in both forms."""
    public = new_key_pair().public
    for name, content in card_files(replace(CARD, signed_with=public)).items():
        assert raw_text_in(name, content, {"web", public}) == "", name

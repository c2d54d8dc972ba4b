"""A model card tells a person what a version is worth and what it cannot see, and tells programs the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hostile import hostile
from inertness import complaints, structure
from model_cards import BEFORE, CARD, END, MEASURED, METRICS, TRAINING

from ai_ops.domain.errors import ModelRefused
from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.domain.model_version import DataQuality, Gate, TrainingKind, Verdict
from ai_ops.domain.self_test import Estimate
from ai_ops.learn.card import card_files, read_card
from ai_ops.learn.card_markdown import card_markdown
from ai_ops.learn.card_notes import limits
from ai_ops.learn.raw_text import raw_text_in

SECTIONS = [
    "Model details",
    "Intended use",
    "Factors",
    "Metrics",
    "Evaluation data",
    "Training data",
    "Quantitative analyses",
    "Ethical considerations",
    "Caveats and recommendations",
]
"""As Mitchell et al. (2019) name them."""

AUC = "AUC: faults told from quiet hours"
HOSTILE = list(hostile().values())


def _shown(**changes: object) -> str:
    return card_markdown(replace(CARD, **changes))


def _limits(**changes: object) -> str:
    return "\n".join(limits(replace(CARD, training=replace(TRAINING, **changes))))


def _form(raw: bytes) -> dict:
    """JSON as the standard has it: without NaN and infinity."""
    return json.loads(raw, parse_constant=pytest.fail)


def test_the_verdict_stands_first_and_the_figures_beside_those_of_the_version_before():
    """Whoever has a minute reads four lines and one table (S004-35)."""
    lines = _shown().splitlines()

    assert lines[:5] == [
        "# Model card: `web`, `20261120T0310Z-3f9c1a2b`",
        "",
        "**Promoted:** it passed every gate.",
        "",
        "It knows 14.0 days, until 2026-11-20 03:10 UTC: 1,498 rows of 10 metrics.",
    ]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[6:12]]
    assert rows == [
        ["", "this version", "before: `20261119T0310Z-77ab01c2`", "difference"],
        ["---"] * 4,
        [AUC, "0.934 (0.901 to 0.961)", "0.921 (0.884 to 0.950)", "+0.013 (-0.004 to +0.031)"],
        ["faults that raise an alarm", "81% (76% to 86%)", "79% (73% to 84%)", ""],
        ["false alarms a week", "0.8 (0.2 to 2.1)", "1.2 (0.4 to 2.6)", ""],
        ["loss", "0.031 (chance: 0.039)", "0.044 (chance: 0.039)", "-0.013 (-0.040 to +0.012)"],
    ]


def test_a_refusal_is_told_with_the_gate_that_it_failed():
    """A refused candidate leaves a record that says why (S004-03)."""
    gate = Gate("min_auc", is_passed=False, reason="the lower bound 0.61 of the AUC is below 0.65")
    shown = _shown(verdict=Verdict.REFUSED, reason="its AUC may be 0.61", gates=(gate,))

    assert shown.splitlines()[2] == "**Refused:** its AUC may be 0.61."
    assert "| `min_auc` | **no** | the lower bound 0.61 of the AUC is below 0.65 |" in shown


def test_the_sections_are_those_of_the_paper():
    """Whoever knows model cards finds what they look for (S004-35)."""
    assert [line[3:] for line in _shown().splitlines() if line.startswith("## ")] == SECTIONS


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_is_explained(metric):
    """In both files, in the words that are used everywhere."""
    assert f"| `{metric}` | {CANONICAL_METRICS[metric]} | 100% |" in _shown()
    assert _form(card_files(CARD)["model_card.json"])["features"][metric] == CANONICAL_METRICS[metric]


def test_how_far_a_baseline_moved_stands_beside_its_metric():
    """Since the last training, and since the last cold fit, where slow poisoning shows (H04)."""
    assert "| 100% | +0.08 sigmas, spread x 1.01 | +0.41 sigmas, spread x 1.04 |" in _shown()


@pytest.mark.parametrize(
    ("kind", "parent", "said"),
    [
        (TrainingKind.COLD, None, "on its history alone, with no model before it"),
        (TrainingKind.WARM, "20261119T0310Z-77ab01c2", "going on from `20261119T0310Z-77ab01c2`"),
        (TrainingKind.REBUILD, "20261119T0310Z-77ab01c2", "anew, on its history alone, in place of `20261119T0310Z-77"),
    ],
)
def test_it_says_how_it_was_trained(kind, parent, said):
    """Cold, warm or rebuilt, and from which version."""
    shown = _shown(training=replace(TRAINING, kind=kind, parent=parent))
    assert said in shown
    assert ("108 of them new to its parent; 100% of the movement" in shown) == (parent is not None)


@pytest.mark.parametrize("signed_with", [None, "5f70bf18"])
def test_it_says_who_vouches_for_it(signed_with):
    """The digest of the model, and the key or that there is none (S004-36)."""
    shown = _shown(signed_with=signed_with)
    assert f"`{CARD.model_sha256}`" in shown
    assert ("signed with the key `5f70bf18`" in shown) == (signed_with is not None)
    assert ("not signed: only the SHA-256 in the ledger" in shown) == (signed_with is None)


@pytest.mark.parametrize("words", ["GDPR Article 22", "FCRA", "not legal advice", "no group of people"])
def test_privacy_and_fairness_are_spoken_of(words):
    """In both files (S004-35, S004-38)."""
    files = card_files(CARD)
    assert words in files["MODEL_CARD.md"].decode()
    form = _form(files["model_card.json"])
    assert words in " ".join([*form["privacy"], *form["fairness"]])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_simulated": True}, "the made-up service: it says nothing about a real one"),
        ({"start": END - timedelta(days=3)}, "It knows 3.0 days, so it has not seen every weekday"),
        ({"start": END - timedelta(days=9)}, "It knows 9.0 days, so it has seen each weekday less than twice"),
        ({"metrics": METRICS[:-1]}, "It does not know cost_per_hour"),
        ({"quality": DataQuality(2_016, 2_016, {"cpu_percent": 0.8})}, "cpu_percent was missing in 20% of the rows"),
        ({"quality": DataQuality(2_016, 2_010, {})}, "2,016 rows and 2,010 different times"),
        ({"allowed_ratio": 0.4}, "40% of that was let through"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_training_lacked_is_a_limit(changes, said):
    """And is not one where it lacked nothing (S004-35)."""
    assert said in _limits(**changes)
    assert said not in _limits()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labelled_windows": 0}, "it was tried on injected ones alone"),
        ({"auc": Estimate(0.9, 0.7, 0.97)}, "the figures may well be different next week"),
        ({"recall_by_fault": {"ramp": Estimate(0.1, 0.05, 0.49)}}, "of the kind ramp it finds few: 10%, at best 49%"),
    ],
    ids=["no labels", "a wide interval", "a fault that it misses"],
)
def test_what_the_measuring_found_is_a_limit(changes, said):
    """A kind of fault that it mostly misses is named, not averaged away."""
    assert said in "\n".join(limits(replace(CARD, measured=replace(MEASURED, **changes))))
    assert said not in "\n".join(limits(replace(CARD, measured=replace(MEASURED, recall_by_fault={}))))


def test_a_version_that_nothing_is_known_of_says_so():
    """No measurement, no version before it, no gate: sentences in their places, no empty table."""
    card = replace(CARD, measured=None, previous=None, gates=())
    shown = card_markdown(card)

    assert "it is unknown what this version is worth" in shown
    assert "nobody knows what it is worth" in "\n".join(limits(card))
    assert read_card(card_files(card)["model_card.json"]) == card


def test_what_could_not_be_computed_is_called_unknown():
    """And the JSON stays JSON."""
    nan = float("nan")
    card = replace(CARD, measured=replace(MEASURED, auc=Estimate(nan, nan, nan), loss=float("inf")))
    files = card_files(card)

    assert "| unknown (unknown to unknown) | 0.921" in files["MODEL_CARD.md"].decode()
    assert _form(files["model_card.json"])["card"]["measured"]["auc"]["value"] == "nan"
    assert read_card(files["model_card.json"]).measured.loss == float("inf")


def test_a_card_is_read_as_it_was_written():
    """Every figure of it, exactly; and the same card gives the same bytes."""
    files = card_files(CARD)
    assert read_card(files["model_card.json"]) == CARD
    assert card_files(read_card(files["model_card.json"])) == files


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[1]", b"null", b'{"version": 1}', b'{"version": 2, "card": {}}', b'{"version": 1, "card": {}}'],
)
def test_what_is_no_card_is_refused(raw):
    """As an error that says which file (H32)."""
    with pytest.raises(ModelRefused, match=r"model_card\.json"):
        read_card(raw)


@pytest.mark.parametrize("cut", range(2, 6_000, 397))
def test_half_a_card_is_refused(cut):
    """A crash, or a disk that was full (H32)."""
    with pytest.raises(ModelRefused):
        read_card(card_files(CARD)["model_card.json"][:-cut])


def test_secrets_and_addresses_do_not_reach_a_card():
    """It stands on a branch that others read (H12)."""
    said = "asked https://ada:s3cr3t-Passw0rd@prometheus:9090 for ada.lovelace@example.com"
    files = card_files(replace(CARD, reason=said, gates=(Gate("history", is_passed=True, reason=said),)))
    for content in files.values():
        assert b"s3cr3t" not in content
        assert b"lovelace" not in content


@pytest.mark.parametrize("changes", [{}, {"previous": None, "signed_with": None}, {"measured": None, "previous": None}])
def test_nothing_in_a_card_looks_like_somebody_elses_text(changes):
    """The registry refuses a version that may hold a log line, and a card is all sentences (H12)."""
    files = card_files(replace(CARD, **changes))
    assert [raw_text_in(name, content, {"web"}) for name, content in files.items()] == ["", ""]


def test_no_reason_and_no_name_of_a_gate_does_anything():
    """All hostile texts at once, each in a row of its own (H12)."""
    gates = tuple(Gate(text, is_passed=False, reason=text) for text in HOSTILE)
    shown = card_files(replace(CARD, gates=gates))["MODEL_CARD.md"].decode()

    assert complaints(shown) == []
    assert sum("| **no** |" in line for line in shown.splitlines()) == len(gates)


@pytest.mark.parametrize("text", HOSTILE[::40], ids=list(hostile())[::40])
def test_text_from_outside_is_shown_and_does_nothing(text):
    """A service, a source, a reason or a version may be called anything (H12)."""
    plain, foreign = (_with_everywhere(one) for one in ("words", text))
    shown = card_files(foreign)["MODEL_CARD.md"].decode()

    assert complaints(shown) == []
    outline = structure(card_files(plain)["MODEL_CARD.md"].decode())
    assert [one for one in structure(shown) if "open" in one] == [one for one in outline if "open" in one]


def _with_everywhere(text: str):
    training = replace(
        TRAINING,
        service=text,
        source=text,
        parent=text,
        quality=replace(TRAINING.quality, lightened_days=(text,)),
    )
    previous = replace(CARD.previous, version=text, measured=BEFORE)
    gates = (Gate(text, is_passed=False, reason=text),)
    measured = replace(MEASURED, recall_by_fault={text: Estimate(0.1, 0.0, 0.2)})
    return replace(
        CARD,
        model_version=text,
        agent_version=text,
        training=training,
        measured=measured,
        gates=gates,
        reason=text,
        previous=previous,
        model_sha256=text,
        signed_with=text,
    )

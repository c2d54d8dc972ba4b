"""What was decided about models stands in the same chain as every other decision."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ledgers import an_episode, strict

from ai_ops.domain.errors import StateError
from ai_ops.domain.model_version import ModelDecision, TrainingKind, Verdict
from ai_ops.store.archived import NAME, Archived, ArchivedMonth
from ai_ops.store.ledger import Ledger
from ai_ops.store.ledger_files import LedgerFiles
from ai_ops.store.ledger_lines import GENESIS, Line, Unreadable, read_line, seal, seal_again
from ai_ops.store.ledger_retention import FEWEST_MONTHS, month_of


def a_decision(**changes: object) -> ModelDecision:
    """A champion of the service web."""
    fields = {
        "service": "web",
        "version": "20261120T0310Z-3f9c1a2b",
        "verdict": Verdict.PROMOTED,
        "at": datetime(2026, 11, 20, 3, 20, tzinfo=UTC),
        "by": "neuropilot",
        "manifest_sha256": "ab" * 32,
        "champion": None,
        "reason": "every gate is passed",
        "auc": 0.93,
        "auc_low": 0.9,
        "is_simulated": False,
        "kind": TrainingKind.COLD,
    }
    return ModelDecision(**{**fields, **changes})


def test_a_decision_about_a_model_comes_back_equal(tmp_path: Path) -> None:
    """S001-24: what is loaded later is what was promoted here."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append_model_decision(a_decision())
    ledger.append_model_decision(a_decision(service="api", auc=None, auc_low=None))
    assert ledger.model_decisions("web") == (a_decision(),)


def test_episodes_and_models_share_a_chain_and_do_not_mix(tmp_path: Path) -> None:
    """S004-36: nobody can exchange a champion without breaking the hashes of every decision since."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(an_episode())
    ledger.append_model_decision(a_decision())
    ledger.append(an_episode(id="web-20261121T00Z"))
    assert [one.id for one in ledger.episodes()] == [an_episode().id, "web-20261121T00Z"]
    assert len(ledger.model_decisions("web")) == 1
    assert ledger.verify() == ()


def test_an_altered_digest_is_found(tmp_path: Path) -> None:
    """H32: the champion's digest is as safe as any decision."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append_model_decision(a_decision())
    file = tmp_path / "episodes.jsonl"
    file.write_bytes(file.read_bytes().replace(b"abab", b"cdcd", 1))
    with pytest.raises(StateError, match="cannot be trusted"):
        ledger.model_decisions("web")


def test_the_turn_of_the_month_is_noticed_by_any_line(tmp_path: Path) -> None:
    """H33: a month that begins with a training gets its file as well."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(an_episode())
    ledger.append_model_decision(a_decision(at=datetime(2026, 12, 1, 3, 20, tzinfo=UTC)))
    ledger.append_model_decision(a_decision(at=datetime(2027, 1, 1, 3, 20, tzinfo=UTC)))
    names = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    assert names == ["episodes-2026-11.jsonl", "episodes-2026-12.jsonl", "episodes.jsonl"]
    assert len(ledger.model_decisions("web")) == 2
    assert len(ledger.episodes()) == 1


def test_an_agent_that_knows_no_models_is_told_the_version() -> None:
    """A line of another kind has another version, so that an older release says what it cannot read."""
    assert b'"version":2' in seal(a_decision(), 1, GENESIS).to_bytes()
    assert b'"version":1' in seal(an_episode(), 1, GENESIS).to_bytes()


# -- what stands is said again at the end of each month ----------------------------------------------------------------


def the_third(months_later: int) -> datetime:
    """The third of the month that is so many after November 2026."""
    years, month = divmod(10 + months_later, 12)
    return datetime(2026 + years, month + 1, 3, 6, tzinfo=UTC)


def month_by_month(ledger: Ledger, months: range) -> None:
    """Let one episode be decided in each of these months after November 2026."""
    for month in months:
        ledger.append(an_episode(id=f"web-{month}", decided_at=the_third(month)))


def names(ledger: Ledger, service: str = "web") -> list[tuple[str, Verdict]]:
    """Versions and what became of them, oldest first."""
    return [(one.version, one.verdict) for one in ledger.model_decisions(service)]


def forget(folder: Path, *, but: int) -> None:
    """Take all months but the newest complete ones out of the folder, as an archive does."""
    complete = sorted(folder.glob("episodes-*.jsonl"))
    left = complete[: len(complete) - but]
    ends = [json.loads(file.read_bytes().splitlines()[-1]) for file in left]
    months = [
        ArchivedMonth(month_of(file.name), end["sequence"], end["hash"]) for file, end in zip(left, ends, strict=True)
    ]
    (folder / NAME).write_bytes(Archived("neuropilot/archive", "0" * 16, tuple(months)).to_bytes())
    for file in left:
        file.unlink()


def test_a_champion_is_known_for_as_long_as_it_stands(tmp_path: Path) -> None:
    """H33, S004-26: its month has left long ago, and it and the one before are what they were to the last digit."""
    ledger = Ledger(tmp_path, warn=strict)
    before = a_decision(version="v1", at=the_third(0), auc=0.1 + 0.2, auc_low=None)
    champion = a_decision(version="v2", at=the_third(0), champion="v1", reason='it said "go" \u2028 → done')
    for one in (a_decision(version="v0"), before, champion, a_decision(version="v3", verdict=Verdict.REFUSED)):
        ledger.append_model_decision(one)
    month_by_month(ledger, range(1, 16))
    whole = ledger.model_decisions("web")
    assert [one.version for one in whole] == ["v0", "v1", "v2", "v3"], "each is told once"

    forget(tmp_path, but=FEWEST_MONTHS)
    assert ledger.verify() == ()
    assert ledger.model_decisions("web") == (before, champion)


def test_each_service_and_the_made_up_one_have_their_own(tmp_path: Path) -> None:
    """H33: what is said again of one hides none of another."""
    ledger = Ledger(tmp_path, warn=strict)
    for service in ("web", "api"):
        for is_simulated in (False, True):
            ledger.append_model_decision(a_decision(service=service, version="v1", is_simulated=is_simulated))
    month_by_month(ledger, range(1, 5))
    forget(tmp_path, but=1)
    for service in ("web", "api"):
        assert [one.is_simulated for one in ledger.model_decisions(service)] == [False, True]


def test_what_is_said_again_stands_before_what_was_decided_since(tmp_path: Path) -> None:
    """A month ends with the older of two champions, and nobody takes it for the newer one."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append_model_decision(a_decision(version="v1"))
    ledger.append_model_decision(a_decision(version="v2", at=the_third(1)))
    ledger.append_model_decision(a_decision(version="v3", at=the_third(1), verdict=Verdict.WAITING))
    ledger.append_model_decision(a_decision(version="v1", at=the_third(1), verdict=Verdict.ROLLED_BACK))
    everything = names(ledger)
    month_by_month(ledger, range(2, 4))
    assert names(ledger) == everything
    forget(tmp_path, but=1)
    assert names(ledger) == [("v2", Verdict.PROMOTED), ("v1", Verdict.ROLLED_BACK)]


def test_a_month_says_it_once(tmp_path: Path) -> None:
    """Two lines a month are all that it takes, and a month in which it was decided needs none."""
    ledger = Ledger(tmp_path, warn=strict)
    for version in ("v1", "v2"):
        ledger.append_model_decision(a_decision(version=version))
    month_by_month(ledger, range(1, 4))
    kinds = [[one.kind for one in lines_of(file)] for file in sorted(tmp_path.glob("episodes-*.jsonl"))]
    assert kinds == [["model", "model"], ["episode", "standing", "standing"], ["episode", "standing", "standing"]]
    repeats = lines_of(tmp_path / "episodes-2027-01.jsonl")[1:]
    assert [(one.said_first, one.sequence) for one in repeats] == [(1, 7), (2, 8)]


def lines_of(file: Path) -> list[Line]:
    """The lines of a file, each of which must be whole."""
    return [read_line(raw) for raw in file.read_bytes().splitlines()]


@pytest.mark.parametrize("written", [0, 1, 2])
def test_stopped_at_the_end_of_a_month_the_next_run_says_the_rest(tmp_path: Path, written: int) -> None:
    """H24: nothing is said twice in a month, and nothing is missing."""
    half = tmp_path / "half"
    ledger = Ledger(half, warn=strict)
    for version in ("v1", "v2"):
        ledger.append_model_decision(a_decision(version=version))
    month_by_month(ledger, range(1, 2))
    whole = Ledger(Path(shutil.copytree(half, tmp_path / "whole")), warn=strict)
    month_by_month(whole, range(2, 3))
    there = lines_of(tmp_path / "whole/episodes-2026-12.jsonl")[: 1 + written]
    (half / "episodes.jsonl").write_bytes(b"".join(line.to_bytes() for line in there))
    LedgerFiles(half).write_head(there[-1])

    month_by_month(ledger, range(2, 5))
    kinds = [one.kind for one in lines_of(half / "episodes-2026-12.jsonl")]
    assert kinds == ["episode", "standing", "standing"]
    assert ledger.verify() == ()
    assert names(ledger) == [("v1", Verdict.PROMOTED), ("v2", Verdict.PROMOTED)]


def test_an_altered_champion_is_not_said_again(tmp_path: Path) -> None:
    """H32, S004-36: an edited old line is no way to a fresh one that looks whole, and the month does not end."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append_model_decision(a_decision())
    month_by_month(ledger, range(1, 3))
    file = tmp_path / "episodes-2026-11.jsonl"
    file.write_bytes(file.read_bytes().replace(b"abab", b"cdcd"))
    before = (tmp_path / "episodes.jsonl").read_bytes()
    with pytest.raises(StateError, match=r"episodes-2026-11\.jsonl:1: edited"):
        month_by_month(ledger, range(3, 4))
    assert (tmp_path / "episodes.jsonl").read_bytes() == before


@pytest.mark.parametrize("month", ["episodes-2026-12.jsonl", "episodes-2027-01.jsonl"])
def test_a_champion_cannot_be_exchanged_where_it_is_said_again(tmp_path: Path, month: str) -> None:
    """S004-36: with a hash that fits the line itself, the line behind it gives it away."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append_model_decision(a_decision())
    month_by_month(ledger, range(1, 4))
    forget(tmp_path, but=2)
    lines = lines_of(tmp_path / month)
    real = lines[-1]
    forged = seal_again(a_decision(manifest_sha256="cd" * 32), real.said_first, real.sequence, real.previous)
    (tmp_path / month).write_bytes(b"".join(one.to_bytes() for one in [*lines[:-1], forged]))
    assert {one.kind for one in ledger.verify()} == {"inserted"}
    with pytest.raises(StateError, match="cannot be trusted"):
        ledger.model_decisions("web")


@pytest.mark.parametrize("line", [0, -1, 2, 3, "1", True, None])
def test_what_repeats_no_earlier_line_is_no_line(line: object) -> None:
    """H32: a repetition cannot claim to be newer than it is, and so take the place of what was decided since."""
    with pytest.raises(Unreadable):
        read_line(seal_again(a_decision(), line, 2, GENESIS).to_bytes()[:-1])
    assert read_line(seal_again(a_decision(), 1, 2, GENESIS).to_bytes()[:-1]).to_model_decision() == a_decision()


@pytest.mark.parametrize("field", [{"at": "2026-11-20T03:20:00"}, {"auc": "nan"}])
def test_a_decision_that_was_never_written_like_this_is_not_read(field: dict[str, object]) -> None:
    """H32: a chain that fits does not make it one of ours."""
    from ai_ops.store.ledger_lines import GENESIS, Unreadable, seal

    line = seal(a_decision(), 1, GENESIS)
    with pytest.raises(Unreadable, match="time without a zone, or a figure that is none"):
        replace(line, content={**line.content, **field}).to_model_decision()

"""A defect is told with its place, and without what must not be told, wherever that stands (H09, H11)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from canaries import IN_DOTENV, PASSWORD, SHAPED, leaks
from fakes.channel import FakeBudget, FakeChannel
from posting import NOON, PostOffice, a_report

from ai_ops.cli.main import exit_code_of
from ai_ops.notify.channel import Channel
from ai_ops.notify.notify import deliver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REFERRED = "quietbadger-under-eightlamps"
HELD = (PASSWORD, IN_DOTENV, REFERRED, SHAPED)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a secret in its environment, one in its `.env`, and one that only its settings name."""
    monkeypatch.setenv("PROMETHEUS_PASSWORD", PASSWORD)
    monkeypatch.setenv("HOOK_OF_OURS", f"https://hooks.example/{REFERRED}")
    (tmp_path / ".env").write_text(f"NOTION_API_KEY={IN_DOTENV}\n")
    config = tmp_path / "ai_ops/config"
    config.mkdir(parents=True)
    (config / "ops_config.yaml").write_text("webhook_url: ${HOOK_OF_OURS}\n")
    return tmp_path


def telling(folder: Path, words: str) -> Callable[..., None]:
    """A command whose channel raises what nobody has foreseen."""

    def command(**_: object) -> None:
        office = PostOffice(folder / "books", FakeChannel(failure=KeyError(words)))
        deliver(a_report(), [Channel(office.notifier, FakeBudget(), office.rules)], office.books, NOON)

    return command


@pytest.mark.parametrize("option", [["--root", "{}"], ["--root={}"]])
def test_a_channel_with_a_defect_leaks_nothing(
    root: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    """Whatever its error repeats: what the environment, `.env` and the settings hold, and who it was about."""
    words = f"{' '.join(HELD)} /{REFERRED} of jane@quartermain.example, +44 7700 900123"
    arguments = [*(part.format(root) for part in option), "--json"]
    assert exit_code_of(telling(root, words), arguments) == 5
    said = capsys.readouterr()
    assert "internal error: KeyError: " in said.err
    assert "send.py" in said.err
    assert "of [e-mail], [phone]" in said.err
    assert "of [e-mail], [phone]" in json.loads(said.out)["error"]
    assert leaks({"stdout": said.out, "stderr": said.err}, HELD) == []


def test_a_defect_in_the_settings_themselves_is_told_as_well(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the environment holds is known without them."""
    (root / "ai_ops/config/ops_config.yaml").write_text("webhook_url: [")
    assert exit_code_of(telling(root, f"no {PASSWORD} for {SHAPED}"), ["--root", str(root)]) == 5
    said = capsys.readouterr().err
    assert "no *** for ***" in said
    assert "Please report it." in said


def test_a_place_that_is_none_does_not_hide_the_defect(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The error that counts is the first one."""
    assert exit_code_of(telling(tmp_path, "words"), ["--root", str(tmp_path / "nowhere"), "--config"]) == 5
    assert "internal error: KeyError: 'words'" in capsys.readouterr().err

"""Settings come from the environment, `.env`, the file and the defaults, in this order."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from pydantic import ValidationError

import ai_ops
from ai_ops.settings import DEFAULT_FILE, load_settings
from ai_ops.settings.environment import SECRETS, VARIABLES
from ai_ops.settings.model import Settings
from ai_ops.settings.report import every_key

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = Path(ai_ops.__file__).parent / "config" / "ops_config.yaml"
SECRET = {name: f"canary-{name}" for key in sorted(SECRETS) for name in VARIABLES[key]}
SECRET["SLACK_WEBHOOK_URL"] = "https://hooks.slack.com/services/T0/B0/canary"
SECRET["HEARTBEAT_URL"] = "https://heartbeat.example/ping/canary"
SECRET["NEUROPILOT_SIGNING_KEY"] = "canary" * 7 + "A="
SECRET["SMTP_URL"] = "smtps://ops:canary@mail.example"
SECRET["PAGERDUTY_ROUTING_KEY"] = "canary" * 5 + "00"
SECRET["NEUROPILOT_WEBHOOK_URL"] = "https://hooks.example/canary"
del SECRET["PROMETHEUS_TOKEN"]  # stands beside the password nowhere


def load(root: Path, text: str | None = None, dotenv: str = "", **environment: str) -> Settings:
    """Load the settings of a repository whose file holds `text`, and whose `.env` holds `dotenv`."""
    (root / ".env").write_text(dotenv, encoding="utf-8")
    file = root / DEFAULT_FILE
    if text is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return load_settings(None, root=root, environment=environment)


def test_the_shipped_file_says_what_the_defaults_are(tmp_path: Path) -> None:
    """Whoever reads it knows what happens without it (S001-54 to S001-57, S001-126, S001-130, S001-131)."""
    shipped = load_settings(SHIPPED, root=tmp_path, environment={})
    assert shipped.model_dump() == Settings().model_dump()


@pytest.mark.parametrize("written", ["off", "'off'", "false"])
def test_training_is_switched_off_by_the_plain_word(tmp_path: Path, written: str) -> None:
    """YAML reads a bare `off` as false, and whoever is in a hurry writes no quotes (S004-27)."""
    assert load(tmp_path, f"model: {{retrain: {written}}}\n").model.retrain == "off"


def test_the_shipped_file_shows_every_key() -> None:
    """A key nobody can see is a key nobody uses; the optional ones stand in comments."""
    words = set(re.findall(r"\w+", SHIPPED.read_text(encoding="utf-8")))
    assert {key.rpartition(".")[2] for key in every_key(Settings)} <= words


def test_every_key_of_the_shipped_file_is_written_out() -> None:
    """The file is complete as data too: no default hides in the code alone, but those of optional keys."""
    flat = set(_keys(yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))))
    optional = {
        "services[].sla_target",
        "services[].cost_budget",
        *(f"services[].knobs.<name>.{name}" for name in ("file", "path", "live_query", "written_in")),
        *(
            f"{key}[].{name}"
            for key in ("tuning.freeze_windows", "detection.maintenance_windows")
            for name in ("from", "to", "reason")
        ),
    }
    assert set(every_key(Settings)) - optional == flat


def _keys(section: Mapping[str, object], prefix: str = "") -> list[str]:
    """Every key below `section`, written as `every_key` writes them."""
    found = []
    for name, value in section.items():
        key = f"{prefix}{'<name>' if prefix.endswith('.knobs.') else name}"
        if not key.endswith("<name>"):
            found.append(key)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found += _keys(value[0], f"{key}[].")
        elif isinstance(value, dict):
            found += _keys(value, f"{key}.")
    return found


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """The first run needs no configuration at all, and says so."""
    settings = load(tmp_path)
    assert settings.origin == "built-in defaults"
    assert settings.mode == "observe"
    assert settings.metric_source == "simulated"


def test_the_promised_keys_hold(tmp_path: Path) -> None:
    """The flat keys of the first release keep their names (S001-51 to S001-57, S001-126, S001-130, S001-131)."""
    settings = load(
        tmp_path,
        """
        grafana_url: https://grafana.example/
        grafana_api_key: ${GRAFANA_API_KEY}
        grafana_datasource_uid: abc
        slack_webhook_url: ${SLACK_WEBHOOK_URL}
        notion_api_key: ${NOTION_API_KEY}
        notion_database_id: 0a1b
        sla_target: 99.9
        cost_budget: 43
        anomaly_sensitivity: 0.85
        learning_rate: 0.02
        model: {n_components: 4}
        rate_limits: {grafana_queries_per_hour: 50, slack_notifications_per_hour: 5}
        """,
        **SECRET,
    )
    assert settings.grafana_url == "https://grafana.example"
    assert settings.notion_database_id == "0a1b"
    assert (settings.sla_target, settings.cost_budget) == (99.9, 43.0)
    assert (settings.anomaly_sensitivity, settings.learning_rate, settings.model.n_components) == (0.85, 0.02, 4)
    assert settings.rate_limits.grafana_queries_per_hour == 50
    assert settings.rate_limits.slack_notifications_per_hour == 5


@pytest.mark.parametrize(
    ("key", "name"), [(key, name) for key, names in VARIABLES.items() for name in names], ids=lambda word: word
)
def test_every_variable_reaches_its_key(tmp_path: Path, key: str, name: str) -> None:
    """The names of the environment and of the CI secrets are kept (S001-58, S001-59, R31)."""
    value = {
        "heartbeat_url": "https://one.example",
        "github_repository": "acme/shop",
        "signing_key": SECRET["NEUROPILOT_SIGNING_KEY"],
        "smtp_url": SECRET["SMTP_URL"],
        "pagerduty_routing_key": SECRET["PAGERDUTY_ROUTING_KEY"],
        "slack_channel": "C0123456789",
    }.get(key)
    value = value or ("https://one.example" if key.endswith("url") else "one-word")
    settings = load(tmp_path, "grafana_datasource_uid: abc\n", **{name: value})
    held = getattr(settings, key)
    assert (held.get_secret_value() if key in SECRETS else held) == value
    assert settings.origins == {key: f"{name} (environment)"}


def test_the_environment_wins_over_env_file_over_file(tmp_path: Path) -> None:
    """Each place is asked only for what the ones before leave open (S001-58)."""
    text = "prometheus_url: http://file.example\nprometheus_username: file\nnotion_database_id: file\n"
    dotenv = "PROMETHEUS_URL=http://dotenv.example\nPROMETHEUS_USERNAME=dotenv\n"
    settings = load(tmp_path, text, dotenv, PROMETHEUS_URL="http://environment.example")
    assert settings.prometheus_url == "http://environment.example"
    assert settings.prometheus_username == "dotenv"
    assert settings.notion_database_id == "file"
    assert settings.origins == {
        "prometheus_url": "PROMETHEUS_URL (environment)",
        "prometheus_username": "PROMETHEUS_USERNAME (.env)",
    }
    assert settings.origin == str(tmp_path / DEFAULT_FILE)


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_variable_is_unset(tmp_path: Path, empty: str) -> None:
    """A CI job passes a secret that does not exist as an empty text (S001-59)."""
    settings = load(tmp_path, "prometheus_url: http://file.example\n", PROMETHEUS_URL=empty, SLACK_WEBHOOK_URL=empty)
    assert settings.prometheus_url == "http://file.example"
    assert settings.slack_webhook_url is None


def test_a_line_break_around_a_secret_is_forgiven(tmp_path: Path) -> None:
    """Whoever pastes a secret into a form often pastes a line break with it."""
    settings = load(tmp_path, RAILWAY_TOKEN=" token\n")
    assert settings.railway_token is not None
    assert settings.railway_token.get_secret_value() == "token"


def test_a_dollar_in_an_env_file_is_a_dollar(tmp_path: Path) -> None:
    """Passwords hold them."""
    settings = load(tmp_path, dotenv="export PROMETHEUS_PASSWORD='pa${HOME}$x'  # mine\n")
    assert settings.secret_values() == ("pa${HOME}$x",)


@pytest.mark.parametrize(
    ("environment", "url", "origin"),
    [
        ({"GRAFANA_URL": "https://a.example"}, "https://a.example", "GRAFANA_URL (environment)"),
        ({"GRAFANA_CLOUD_URL": "https://b.example"}, "https://b.example", "GRAFANA_CLOUD_URL (environment)"),
        (
            {"GRAFANA_URL": "https://a.example", "GRAFANA_CLOUD_URL": "https://a.example"},
            "https://a.example",
            "GRAFANA_URL (environment)",
        ),
        (
            {"GRAFANA_URL": "https://a.example", "GRAFANA_CLOUD_URL": "https://b.example"},
            "https://a.example",
            "GRAFANA_URL (environment; GRAFANA_CLOUD_URL holds another value and is ignored)",
        ),
    ],
)
def test_both_names_of_grafana_are_known(tmp_path: Path, environment: dict[str, str], url: str, origin: str) -> None:
    """Either name works, and it can be told which one won (R31)."""
    settings = load(tmp_path, "grafana_datasource_uid: abc\n", **environment)
    assert settings.grafana_url == url
    assert settings.origins["grafana_url"] == origin


def test_a_reference_may_name_a_variable_of_your_own(tmp_path: Path) -> None:
    """Two agents on one machine need two webhooks; the usual variable still wins (R12)."""
    text = "slack_webhook_url: ${TEAM_WEBHOOK}\nnotion_api_key: ${NOTHING_SET}\n"
    settings = load(tmp_path, text, TEAM_WEBHOOK="https://hooks.slack.com/services/T1")
    assert set(settings.secret_values()) == {"https://hooks.slack.com/services/T1", "/services/T1"}
    assert settings.origins == {"slack_webhook_url": "TEAM_WEBHOOK (environment)"}
    usual = load(tmp_path, text, TEAM_WEBHOOK="x", SLACK_WEBHOOK_URL="https://hooks.slack.com/services/T2")
    assert set(usual.secret_values()) == {"https://hooks.slack.com/services/T2", "/services/T2"}


def test_secrets_do_not_show(tmp_path: Path) -> None:
    """Not in repr, not in str, not in the origins; the redactor alone gets them (H10, S001-127)."""
    settings = load(tmp_path, **SECRET)
    assert set(settings.secret_values()) >= {*SECRET.values(), "/ping/canary"}  # the heartbeat's path
    shown = f"{settings!r} {settings} {settings.origins} {settings.model_dump()} {settings.model_dump_json()}"
    assert "canary" not in shown


def test_settings_are_frozen(tmp_path: Path) -> None:
    """What was checked cannot be changed afterwards."""
    settings = load(tmp_path)
    with pytest.raises(ValidationError):
        settings.mode = "commit"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("prometheus_url: http://p.example", "prometheus"),
        ("{grafana_url: 'http://g.example', grafana_datasource_uid: abc}", "grafana"),
        (
            "{prometheus_url: 'http://p.example', grafana_url: 'http://g.example', grafana_datasource_uid: a}",
            "prometheus",
        ),
        ("{prometheus_url: 'http://p.example', metrics: {source: simulated}}", "simulated"),
        ("", "simulated"),
    ],
)
def test_auto_takes_prometheus_then_grafana_then_the_simulation(tmp_path: Path, text: str, source: str) -> None:
    """The nearest source wins; a configured one is never passed over for made-up figures."""
    assert load(tmp_path, text).metric_source == source


def test_freeze_windows_know_their_time_zone(tmp_path: Path) -> None:
    """Quoted or not, with Z or an offset, a window is the same instant everywhere."""
    text = """
    tuning:
      freeze_windows:
        - {from: "2026-12-24T00:00Z", to: 2026-12-27T01:00:00+01:00, reason: holidays}
    """
    (window,) = load(tmp_path, text).tuning.freeze_windows
    assert (window.start, window.end) == (datetime(2026, 12, 24, tzinfo=UTC), datetime(2026, 12, 27, tzinfo=UTC))
    assert window.reason == "holidays"


def test_freeze_windows_are_kept_in_utc(tmp_path: Path) -> None:
    """A hold says "until 22:00 UTC": an offset of two hours must not be printed as if it were none."""
    text = """
    tuning:
      freeze_windows:
        - {from: "2026-07-01T00:00+02:00", to: 2026-07-02T00:00:00+02:00}
    """
    (window,) = load(tmp_path, text).tuning.freeze_windows
    assert f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M}" == "2026-06-30 22:00 to 2026-07-01 22:00"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    """Editors on Windows write both."""
    file = tmp_path / "ops_config.yaml"
    file.write_bytes(b"\xef\xbb\xbfmode: commit\r\nsla_target: 99\r\n")
    assert load_settings(file, root=tmp_path, environment={}).mode == "commit"


def test_importing_the_settings_costs_nothing() -> None:
    """`neuropilot --help` must not wait for pydantic."""
    code = "import sys, ai_ops.settings; print({'pydantic', 'yaml', 'dotenv', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"

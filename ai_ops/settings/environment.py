"""What comes from the environment: secrets, and the addresses that differ between machines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from os.path import lexists
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import ConfigError
from ai_ops.files import read_plain
from ai_ops.settings.problems import Problem
from ai_ops.settings.secret_parts import secret_parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "prometheus_url": ("PROMETHEUS_URL",),
    "prometheus_username": ("PROMETHEUS_USERNAME",),
    "prometheus_password": ("PROMETHEUS_PASSWORD",),
    "prometheus_token": ("PROMETHEUS_TOKEN",),
    "grafana_url": ("GRAFANA_URL", "GRAFANA_CLOUD_URL"),
    "grafana_api_key": ("GRAFANA_API_KEY",),
    "slack_webhook_url": ("SLACK_WEBHOOK_URL",),
    "slack_bot_token": ("SLACK_BOT_TOKEN",),
    "slack_channel": ("SLACK_CHANNEL",),
    "notion_api_key": ("NOTION_API_KEY",),
    "notion_database_id": ("NOTION_DATABASE_ID",),
    "smtp_url": ("SMTP_URL",),
    "pagerduty_routing_key": ("PAGERDUTY_ROUTING_KEY",),
    "apprise_urls": ("APPRISE_URLS",),
    "webhook_url": ("NEUROPILOT_WEBHOOK_URL",),
    "webhook_secret": ("NEUROPILOT_WEBHOOK_SECRET",),
    "github_token": ("NEUROPILOT_GITHUB_TOKEN", "GITHUB_TOKEN"),
    "github_api_url": ("GITHUB_API_URL",),
    "github_repository": ("GITHUB_REPOSITORY",),
    "pushgateway_url": ("PUSHGATEWAY_URL",),
    "heartbeat_url": ("HEARTBEAT_URL",),
    "signing_key": ("NEUROPILOT_SIGNING_KEY",),
    "railway_token": ("RAILWAY_TOKEN",),
    "railway_project_id": ("RAILWAY_PROJECT_ID",),
}
"""By settings key, the environment variables that give it; the first one that is set wins."""

SECRETS = frozenset(
    {
        "prometheus_password",
        "prometheus_token",
        "grafana_api_key",
        "slack_webhook_url",
        "slack_bot_token",
        "notion_api_key",
        "smtp_url",
        "pagerduty_routing_key",
        "apprise_urls",
        "webhook_url",
        "webhook_secret",
        "github_token",
        "heartbeat_url",
        "signing_key",
        "railway_token",
    }
)
"""Keys whose value may stand in no file."""

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """One set environment variable, and where it was set: "environment" or ".env"."""

    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """A document with the environment laid over it.

    Parameters
    ----------
    values
        The document's values; secrets are in clear text here.
    origins
        By key, the environment variable that gave its value, and what it beat.
    problems
        Secrets that stand in the file, and references that are no references.
    """

    values: dict[str, Any]
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def secrets_in(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of every variable that holds a secret, for a redactor where no settings could be read."""
    held = [(key, environment[name]) for key in sorted(SECRETS) for name in VARIABLES[key] if name in environment]
    return tuple(dict.fromkeys(part for key, value in held for part in (value, *secret_parts({key: value.strip()}))))


def secrets_around(root: Path, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The same, with those in `.env` in `root`, as far as that can be read."""
    try:
        variables = read_variables(root, environment)
    except ConfigError:
        return secrets_in(environment)
    return secrets_in({name: one.value for name, one in variables.items()})


def read_variables(root: Path, environment: Mapping[str, str]) -> dict[str, Variable]:
    """Read `environment`, and `.env` in `root` for what the environment leaves out.

    An empty variable counts as unset, because a CI job passes a missing secret as an empty one.

    Raises
    ------
    ConfigError
        When `.env` exists and cannot be read.
    """
    from dotenv import dotenv_values

    file = root / ".env"
    try:
        content = b"" if file.is_dir() or not lexists(file) else read_plain(file)  # a folder is a virtual environment
        # Not interpolated: a password may hold a dollar sign.
        lines = dotenv_values(stream=TextIOWrapper(BytesIO(content), encoding="utf-8-sig"), interpolate=False)
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{file} cannot be read. It must be a UTF-8 file of NAME=value lines.") from None
    found = {name: Variable(value.strip(), ".env") for name, value in lines.items() if value and value.strip()}
    given = {name: Variable(value.strip(), "environment") for name, value in environment.items() if value.strip()}
    return found | given


def overlay(values: Mapping[str, Any], variables: Mapping[str, Variable]) -> Overlay:
    """Lay `variables` over the `values` of a file: an environment variable wins over the file."""
    result = Overlay(dict(values))
    for key, names in VARIABLES.items():
        written = result.values.pop(key, None)
        reference = _REFERENCE.fullmatch(written) if isinstance(written, str) else None
        present = [name for name in (*names, *(reference.groups() if reference else ())) if name in variables]
        if complaint := _complaint(key, written, is_reference=reference is not None):
            result.problems.append(Problem((key,), complaint))
        elif present:
            result.values[key] = variables[present[0]].value
            result.origins[key] = _origin(present, variables)
        elif reference is None and written is not None:
            result.values[key] = written
    return result


def _complaint(key: str, written: object, *, is_reference: bool) -> str | None:
    """What is wrong with a value in the file that the environment may give."""
    if written is None or written == "" or is_reference:
        return None
    if key in SECRETS:
        name = VARIABLES[key][0]
        return f"may not stand in a file; revoke it, write ${{{name}}} here and set the variable {name}"
    if isinstance(written, str) and "${" in written:
        return "a reference stands alone: ${NAME} is the whole value"
    return None


def _origin(present: list[str], variables: Mapping[str, Variable]) -> str:
    """Name the variable that won, and those it beat with another value."""
    winner, *others = dict.fromkeys(present)
    beaten = [name for name in others if variables[name].value != variables[winner].value]
    note = f"; {' and '.join(beaten)} holds another value and is ignored" if beaten else ""
    return f"{winner} ({variables[winner].place}{note})"

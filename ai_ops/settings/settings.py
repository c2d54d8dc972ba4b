"""Reads ops_config.yaml and the environment into frozen Settings, or says everything that is wrong with them.

    settings = load_settings(None, root=repository, environment=os.environ)
    settings.mode, settings.metrics.history_days, settings.tuning.freeze_windows   every key of the file, typed
    settings.metric_source            "prometheus", "grafana" or "simulated": what `metrics.source: auto` means here
    settings.grafana_api_key          pydantic.SecretStr or None; `secret_values()` has all of them for the redactor
    settings.origin, settings.origins     the file that was read; by key, the environment variable that gave its value
    for service in settings.services:
        service.slo, service.cost_budget                  domain.slo.Slo; money per month
        service.knobs                                     domain.tuning.Knob by name
        service.queries, service.live_queries             domain.metrics.Query: all that can be asked; by knob
        service.slo_bucket_query                          counts the bucket that the SLI needs; None when it needs none
        service.cost                                      source, price_per_instance_hour, railway_service_id

The environment wins over `.env`, `.env` over the file, the file over the defaults. pydantic is imported on the first
call, so that importing this module costs nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.settings.model import Settings
    from ai_ops.settings.yaml_file import Document

DEFAULT_FILE = Path("ai_ops/config/ops_config.yaml")
"""Where the settings stand in a repository."""

DEFAULTS = "built-in defaults"
"""The origin of settings that no file gave."""


def load_settings(path: Path | None, *, root: Path, environment: Mapping[str, str]) -> Settings:
    """Read the settings of the repository at `root`.

    Parameters
    ----------
    path
        The file to read; None means `ai_ops/config/ops_config.yaml` below `root`, or the defaults without one.
    environment
        Usually `os.environ`. An empty variable counts as unset.

    Raises
    ------
    ConfigError
        When anything is wrong, with all problems at once; a secret's value is never in the message.
    """
    from ai_ops.settings.yaml_file import Document, read_yaml

    file = path or root / DEFAULT_FILE
    document = read_yaml(file) if path or _may_be_there(file) else Document(DEFAULTS)
    return _settings(document, root, environment)


def _may_be_there(file: Path) -> bool:
    """Whether anything stands at `file`, as far as one can see: what is hidden must not pass for missing."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def settings_in(content: bytes, name: str, *, root: Path, environment: Mapping[str, str]) -> Settings:
    """Read settings whose file is called `name` and holds `content`. Raises as `load_settings` does."""
    from ai_ops.settings.yaml_file import yaml_of

    return _settings(yaml_of(content, name), root, environment)


def _settings(document: Document, root: Path, environment: Mapping[str, str]) -> Settings:
    """Lay the environment over a document, and check all of it."""
    from pydantic import ValidationError

    from ai_ops.settings.environment import SECRETS, VARIABLES, overlay, read_variables
    from ai_ops.settings.model import Origin, Settings
    from ai_ops.settings.report import problems_of, report

    variables = read_variables(root, environment)
    merged = overlay(document.values, variables)
    names = {name for key in SECRETS for name in VARIABLES[key]}
    origin = Origin(document.name, merged.origins, tuple(variables[name].value for name in names & variables.keys()))
    in_file, in_values = [*document.problems, *merged.problems], []
    try:
        settings = Settings.model_validate(merged.values, context=origin)
    except ValidationError as error:
        in_values = problems_of(error, Settings)
    if in_file or in_values:
        raise ConfigError(report(in_file, in_values, document, merged.origins))
    return settings

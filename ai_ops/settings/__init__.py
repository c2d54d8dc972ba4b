"""ops_config.yaml and the environment, as one frozen Settings or a ConfigError."""

from ai_ops.settings.settings import DEFAULT_FILE, DEFAULTS, load_settings, settings_in

__all__ = ["DEFAULTS", "DEFAULT_FILE", "load_settings", "settings_in"]

"""The service as a model: calibrated on its own metrics, replayed under other settings. Pure."""

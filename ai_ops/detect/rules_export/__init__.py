"""Bands that outlive the agent: learned here, written as Prometheus rules."""

"""Slack: a card for every message, by a webhook or by a bot."""

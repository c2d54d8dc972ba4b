"""Notion: a page in a database for every message."""

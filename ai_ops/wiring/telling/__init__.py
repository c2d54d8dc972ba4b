"""Telling people: which channels there are, what is claimed before it is sent, and how it went."""

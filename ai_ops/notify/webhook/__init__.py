"""A webhook of one's own: every message as signed JSON."""

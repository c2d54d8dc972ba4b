"""Text as channels can carry it."""

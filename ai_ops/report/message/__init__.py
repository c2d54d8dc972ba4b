"""A report as a message for every channel."""

"""What the agent remembers, as readable text with a version."""

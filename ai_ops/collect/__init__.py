"""What the service did: metric sources, their history, and what they cost."""

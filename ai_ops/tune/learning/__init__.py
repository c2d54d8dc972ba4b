"""What is remembered, what it has taught, and what is expected next."""

"""What people read about one cycle."""

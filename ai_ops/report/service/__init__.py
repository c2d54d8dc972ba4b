"""What a report says of the service itself."""

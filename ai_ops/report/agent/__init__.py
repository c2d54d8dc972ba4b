"""What a report says of the agent."""

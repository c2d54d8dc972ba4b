"""How a repository that has never seen the agent is understood, and what is written into it."""

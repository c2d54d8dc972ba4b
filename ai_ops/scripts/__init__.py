"""Scripts for a scheduler: thin ways into the verbs."""

"""How metrics move together: a model fitted apart, and its alarm."""

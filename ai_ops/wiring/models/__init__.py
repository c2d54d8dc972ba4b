"""Models of how metrics move together: trained, measured, kept, loaded, watched."""

"""Every other service, by Apprise."""

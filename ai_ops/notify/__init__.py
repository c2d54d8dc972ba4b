"""One message, every channel, once each."""

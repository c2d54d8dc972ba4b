"""Made-up autoscaled services with physics of their own, to try a tuner on: the truth that no model of it shares."""

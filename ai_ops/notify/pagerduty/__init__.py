"""PagerDuty: alerts are opened and closed."""

"""Demand and capacity ahead: hours, days and weeks."""

"""Those who watch the agent: metrics, marks on dashboards, a heartbeat."""
